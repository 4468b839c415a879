"""A ledger as text and as JSON."""

from dataclasses import asdict
from typing import Any

from rich.table import Table

from commands.terminal.output import InertConsole
from commands.terminal.remedies import OF_LOST_DOCUMENTS, OF_OPEN_TRANSACTIONS
from commands.terminal.tables import pairs
from commands.verify.balance import Fault, Ledger
from schemas.instant import rfc3339_millis
from schemas.outcome import Outcome


def document(ledger: Ledger) -> dict[str, Any]:
    """The ledger as `bridge verify -o json` prints it."""
    return {
        "balanced": ledger.balanced,
        "since": None if ledger.since_ms is None else rfc3339_millis(ledger.since_ms),
        "raw": ledger.raw,
        "before_watermark": ledger.before_watermark,
        "before_migration": ledger.before_migration,
        "pending": ledger.pending,
        "orders_pending": ledger.orders_pending,
        "orders_without_document": ledger.orders_without_document,
        "outcomes": {outcome.value: ledger.outcomes[outcome] for outcome in Outcome},
        "conflicts_passed": ledger.conflicts_passed,
        "quarantined_by_ingress": dict(ledger.quarantined_by_ingress),
        "quarantined_by_backfill": dict(ledger.quarantined_by_backfill),
        "quarantined_later": dict(ledger.quarantined_later),
        "faults": {fault.value: ledger.faults[fault] for fault in Fault},
        "examples": [asdict(finding) for finding in ledger.examples],
        "unreadable": [
            {**damage.partition._asdict(), "first_offset": damage.first, "offset_behind": damage.behind}
            for damage in ledger.unreadable
        ],
        "open_transactions": [
            {**each.partition._asdict(), "first_offset": each.first, "offsets": each.offsets}
            for each in ledger.open_transactions
        ],
    }


def show(console: InertConsole, ledger: Ledger) -> None:
    """Print the ledger, examples of faults and the verdict."""
    console.print(_table(ledger))
    for finding in ledger.examples:
        text = f"{finding.fault}: raw record {finding.source}: {finding.detail}"
        console.print(text, style="red")
    if ledger.orders_without_document:
        without = f"{ledger.orders_without_document:,} orders have no document in order-state."
        console.print(without, style="red")
        remedy = "they may lie behind the open transaction below" if ledger.hides_documents else OF_LOST_DOCUMENTS
        console.print(f"  -> {remedy}")
    for damage in ledger.unreadable:
        console.print(f"{damage}.", style="red")
        console.print(f"  -> {damage.remedy}")
    for transaction in ledger.open_transactions:
        console.print(f"{transaction}.", style="red")
    if ledger.open_transactions:
        console.print(f"  -> {OF_OPEN_TRANSACTIONS}")
    if ledger.pending:
        console.print(f"{ledger.pending:,} raw records are not processed yet.", style="red")
    if ledger.orders_pending:
        where = "of the orders topic are not folded yet"
        console.print(f"{ledger.orders_pending:,} records {where}.", style="red")
    lost, duplicated = ledger.faults[Fault.LOST], ledger.faults[Fault.DUPLICATED]
    verdict, style = ("Balanced", "bold green") if ledger.balanced else ("Not balanced", "bold red")
    console.print(f"{verdict}: {lost:,} lost, {duplicated:,} duplicated.", style=style)


def _table(ledger: Ledger) -> Table:
    title = "Ledger" if ledger.since_ms is None else f"Ledger since {rfc3339_millis(ledger.since_ms)}"
    rows = pairs(title=title, numbers=True)
    rows.add_row("raw records", f"{ledger.raw:,}", style="bold")
    for outcome in Outcome:
        rows.add_row(f"  {outcome}", f"{ledger.outcomes[outcome]:,}")
    rows.add_row("  (conflicts passed on)", f"{ledger.conflicts_passed:,}")
    if ledger.before_watermark:
        rows.add_row("before the low watermark", f"{ledger.before_watermark:,}")
    if ledger.before_migration:
        rows.add_row("before the migration", f"{ledger.before_migration:,}")
    rows.add_row("quarantined by the ingress", f"{ledger.quarantined_by_ingress.total():,}")
    if ledger.quarantined_by_backfill:
        rows.add_row("quarantined by a backfill", f"{ledger.quarantined_by_backfill.total():,}")
    if ledger.quarantined_later:
        rows.add_row("quarantined by a handler", f"{ledger.quarantined_later.total():,}")
    for fault in Fault:
        rows.add_row(fault, f"{ledger.faults[fault]:,}", style="red" if ledger.faults[fault] else "green")
    return rows
