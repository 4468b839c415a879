"""Findings as text, as they are made, and as JSON."""

from collections.abc import Sequence
from typing import Any, Final

from commands.doctor.finding import Finding, State
from commands.doctor.registration import as_curl, remarks
from commands.terminal.output import InertConsole

_STYLES: Final = {State.OK: "green", State.WARNING: "yellow", State.WRONG: "bold red", State.UNKNOWN: "dim"}
_MARKS: Final = {State.OK: "ok", State.WARNING: "look", State.WRONG: "WRONG", State.UNKNOWN: "?"}


def show(console: InertConsole, finding: Finding) -> None:
    """Print a finding with its remedies below. Lines are not wrapped, so commands can be copied."""
    console.print(f"{_MARKS[finding.state]:<6}{finding.check:<12} {finding.what}", style=_STYLES[finding.state])
    for remedy in finding.remedies:
        console.print(f"{'':<6}{'':<12} -> {remedy}")


def show_end(console: InertConsole, findings: Sequence[Finding], call: dict[str, Any] | None) -> None:
    """Print the call to NewStore and the summary."""
    if call is not None:
        console.print()
        console.print("Register at NewStore, once nothing is wrong:", style="bold")
        for line in (*as_curl(call), *remarks()):
            console.print(line)
    console.print()
    console.print(summary(findings), style="bold")


def summary(findings: Sequence[Finding]) -> str:
    """The result in a sentence."""
    wrong, look, unknown = (sum(each.state is state for each in findings) for state in _COUNTED)
    if not wrong:
        return f"Nothing is wrong. {look} to look at, {unknown} could not be looked at."
    return f"{wrong} wrong: do what stands behind ->, and run `bridge doctor` again."


_COUNTED: Final = (State.WRONG, State.WARNING, State.UNKNOWN)


def document(findings: Sequence[Finding], call: dict[str, Any] | None) -> dict[str, Any]:
    """The whole result as `-o json` prints it."""
    return {
        "ok": all(each.state is not State.WRONG for each in findings),
        "findings": [
            {"check": each.check, "state": each.state.value, "what": each.what, "remedies": list(each.remedies)}
            for each in findings
        ],
        "registration": call,
    }
