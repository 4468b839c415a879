"""A simulation's result as text and as JSON."""

from collections.abc import Mapping
from typing import Any

from commands.simulate.run import SendingResult
from commands.simulate.verdict import verdict
from commands.terminal.output import InertConsole
from commands.terminal.tables import pairs
from schemas.outcome import Outcome


def document(result: SendingResult, took_s: float) -> dict[str, Any]:
    """The run as `-o json` prints it. `expected` holds if none of its events was in the topics before."""
    return {
        "deliveries": result.deliveries,
        "events": dict(sorted(result.events.items())),
        "expected": {each.value: result.expected[each] for each in Outcome},
        "accepted": result.accepted,
        "answers": dict(sorted(result.answers.items())),
        "retries": result.retries,
        "interruptions": result.interruptions,
        "rejected": result.rejected,
        "rejected_overflowed": result.overflowed,
        "given_up": result.given_up,
        "undelivered": result.undelivered,
        "seconds": round(took_s, 3),
        "per_second": round(result.deliveries / took_s, 1),
        "verdict": verdict(result),
    }


def show(console: InertConsole, report: Mapping[str, Any]) -> None:
    """Print the counts, then the verdict."""
    rows = pairs(numbers=True)
    for name, value in {**report, "events": len(report["events"])}.items():
        if isinstance(value, Mapping):
            for part, count in value.items():
                rows.add_row(f"{name.replace('_', ' ')} {part}", str(count))
        elif name != "verdict":
            rows.add_row(name.replace("_", " "), str(value))
    console.print(rows)
    console.print(report["verdict"])
