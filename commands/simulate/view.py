"""A simulation for people, and for programs."""

from collections.abc import Mapping
from typing import Any

from rich.table import Table

from commands.simulate.run import SendingResult
from commands.simulate.verdict import verdict
from commands.terminal.output import InertConsole
from schemas.outcome import Outcome as Became


def document(outcome: SendingResult, took_s: float) -> dict[str, Any]:
    """The run as `-o json` prints it. `expected` holds for topics in which none of it was before."""
    return {
        "deliveries": outcome.deliveries,
        "events": dict(sorted(outcome.events.items())),
        "expected": {became.value: outcome.expected[became] for became in Became},
        "accepted": outcome.accepted,
        "answers": dict(sorted(outcome.answers.items())),
        "retries": outcome.retries,
        "interruptions": outcome.interruptions,
        "rejected": outcome.rejected,
        "rejected_overflowed": outcome.overflowed,
        "given_up": outcome.given_up,
        "undelivered": outcome.undelivered,
        "seconds": round(took_s, 3),
        "per_second": round(outcome.deliveries / took_s, 1),
        "verdict": verdict(outcome),
    }


def show(console: InertConsole, report: Mapping[str, Any]) -> None:
    """Print the counts, and the verdict below them."""
    rows = Table(box=None, show_header=False, pad_edge=False)
    rows.add_column()
    rows.add_column(justify="right")
    for name, value in {**report, "events": len(report["events"])}.items():
        if isinstance(value, Mapping):
            for part, count in value.items():
                rows.add_row(f"{name.replace('_', ' ')} {part}", str(count))
        elif name != "verdict":
            rows.add_row(name.replace("_", " "), str(value))
    console.print(rows)
    console.print(report["verdict"])
