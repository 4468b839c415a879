"""What somebody should know before the rest: a line each, with its raw records as `<partition>:<offset>`."""

from typing import Final

from rich.table import Table

from commands.order.view.tables import pairs
from processors.orders.verdict.findings import Finding, Severity
from processors.orders.verdict.findings import findings as found_in
from schemas.order_state import OrderState

_STYLES: Final = {Severity.ALARM: "red", Severity.WARNING: "yellow", Severity.NOTE: "dim"}


def findings(state: OrderState) -> Table | None:
    """Return the lines, the worst first; None if there is nothing to say."""
    found = list(found_in(state))
    if not found:
        return None
    rows = pairs()
    for finding in found:
        rows.add_row(finding.label, _text(finding), style=_STYLES[finding.severity])
    return rows


def _text(finding: Finding) -> str:
    facts = ", ".join(f"{fact.event} {fact.source}" for fact in finding.facts)
    return f"{finding.text}: {facts}" if facts else finding.text
