"""An order's state as text: the verdict, what is wrong, and the parts of the order."""

from collections.abc import Iterator
from typing import Final

from rich.table import Table

from commands.order.view.head import head
from commands.order.view.items import items
from commands.order.view.money import money
from commands.order.view.requests import requests
from commands.order.view.returns import returns
from commands.order.view.timeline import timeline
from commands.terminal.output import InertConsole
from commands.terminal.tables import pairs
from processors.orders.verdict.findings import Finding, Severity, findings, worst
from processors.orders.verdict.verdict import verdict
from schemas.order_state import OrderState

_STYLES: Final = {Severity.ALARM: "bold red", Severity.WARNING: "bold yellow", Severity.NOTE: "bold green"}
_LINE_STYLES: Final = {Severity.ALARM: "red", Severity.WARNING: "yellow", Severity.NOTE: "dim"}


def show(console: InertConsole, state: OrderState, *, by_arrival: bool) -> None:
    """Print the state, without parts of which nothing is known."""
    show_verdict(console, state)
    for part in _parts(state, by_arrival=by_arrival):
        if part is not None:
            console.print()
            console.print(part)


def show_verdict(console: InertConsole, state: OrderState) -> None:
    """Print the verdict and its reasons."""
    # One line in a pipe; a terminal breaks it between words.
    console.print(verdict(state), style=_STYLES[worst(state)], soft_wrap=not console.is_terminal)
    found = _findings(state)
    if found is not None:
        console.print(found)


def _findings(state: OrderState) -> Table | None:
    """The findings, the worst first; None: there are none."""
    found = list(findings(state))
    if not found:
        return None
    rows = pairs()
    for finding in found:
        rows.add_row(finding.label, _text(finding), style=_LINE_STYLES[finding.severity])
    return rows


def _text(finding: Finding) -> str:
    facts = ", ".join(f"{fact.event} {fact.source}" for fact in finding.facts)
    return f"{finding.text}: {facts}" if facts else finding.text


def _parts(state: OrderState, *, by_arrival: bool) -> Iterator[Table | None]:
    yield head(state)
    yield items(state)
    yield from money(state)
    yield requests(state)
    yield returns(state)
    yield timeline(state, by_arrival=by_arrival)
