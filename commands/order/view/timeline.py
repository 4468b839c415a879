"""The order's last events, in the order in which they happened or arrived."""

from rich.table import Table

from commands.terminal.tables import table
from processors.orders.verdict.text import to_the_second
from schemas.order_state import OrderState


def timeline(state: OrderState, *, by_arrival: bool) -> Table:
    """A row for each event that the document lists: when it was published and received, and its place in raw."""
    entries = list(state.timeline)
    if by_arrival:
        entries.sort(key=lambda entry: (entry.received_at, entry.source))
    rows = table("event", "published", "received", "raw", title=_title(state, by_arrival=by_arrival))
    for entry in entries:
        times = (to_the_second(entry.published_at), to_the_second(entry.received_at))
        rows.add_row(entry.event, *times, entry.source)
    return rows


def _title(state: OrderState, *, by_arrival: bool) -> str:
    order = "As it arrived" if by_arrival else "As it happened"
    shown, count = len(state.timeline), state.timeline_count
    return order if count is None or count <= shown else f"{order}: the last {shown:,} of {count:,} to happen"
