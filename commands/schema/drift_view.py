"""Drift as text and as JSON."""

from typing import Any

from rich.table import Table

from commands.schema.drift import Drift, Found
from commands.terminal.output import InertConsole
from commands.terminal.tables import table
from schemas.models.deviations import Kind


def document(drift: Drift) -> dict[str, Any]:
    """The drift as `bridge schema drift -o json` prints it."""
    return {
        "records": drift.records,
        "deviates": drift.deviates,
        "events": dict(sorted(drift.events.items())),
        "deviations": [_document(drift, row) for row in drift.rows],
    }


def show(console: InertConsole, drift: Drift) -> None:
    """Print the rows and the verdict."""
    if drift.rows:
        console.print(_table(drift))
    verdict, style = ("Drift", "bold red") if drift.deviates else ("No drift", "bold green")
    console.print(verdict, style=style, end="")
    console.print(f": {drift.records:,} events read.")


def _document(drift: Drift, row: Found) -> dict[str, Any]:
    return {
        "event": row.event,
        "field": row.field,
        "kind": row.kind.value,
        "count": row.count,
        "share": round(drift.share(row), 6),
        "example": row.example,
        "first_seen": row.first_seen,
    }


def _table(drift: Drift) -> Table:
    rows = table("event", "field", "kind", "count", "share", "example", "first seen", numbers=("count", "share"))
    for row in drift.rows:
        texts = row.event, row.field, row.kind, f"{row.count:,}", f"{drift.share(row):.1%}"
        style = "dim" if row.kind is Kind.UNDOCUMENTED_FIELD else ""
        rows.add_row(*texts, row.example, row.first_seen, style=style)
    return rows
