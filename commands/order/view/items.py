"""The items: what was ordered, the state of each, and its parcel."""

from collections.abc import Iterator

from rich.table import Table

from commands.terminal.tables import table
from processors.orders.verdict.pieces import held_since
from processors.orders.verdict.text import together, told
from schemas.order_state import Item, OrderState

_NUMBERS = ("ordered", "shipped", "returned")


def items(state: OrderState) -> Table | None:
    """A row for each item; None: there are none. The item's id, by which others name it, comes last."""
    if not state.items:
        return None
    counts = ", ".join(f"{count:,} {status}" for status, count in state.item_counts.items())
    rows = table("status", *_NUMBERS, "item", title=f"Items: {counts}" if counts else "Items", numbers=_NUMBERS)
    for item_id, item in state.items.items():
        pieces = (item.quantity, item.shipped_quantity, item.returned_quantity)
        rows.add_row(item.status, *map(told, pieces), together(_description(item_id, item)))
    return rows


def _description(item_id: str, item: Item) -> Iterator[str | None]:
    yield item.product_id or "unknown product"
    yield item.fulfillment_location_id and f"from {item.fulfillment_location_id}"
    yield (since := held_since(item)) and f"on hold since {since}"
    yield _parcel(item)
    yield f"{item.cancelled_quantity:,} cancelled" if item.cancelled_quantity and item.status != "cancelled" else None
    yield item.cancellation_reason and f"cancellation: {item.cancellation_reason}"
    how = f" ({item.swap})" if item.swap else ""
    yield item.replaced_by and f"replaced by {item.replaced_by}{how}"
    yield item.replaces and f"replaces {item.replaces}{how}"
    yield None if item.ordered else "not in the order's list"
    yield item_id


def _parcel(item: Item) -> str | None:
    """Carrier and tracking code. An item that was shipped has a parcel, even an unknown one."""
    if item.carrier or item.tracking_code:
        return f"{item.carrier or 'unknown carrier'} {item.tracking_code or '(tracking code unknown)'}"
    return "unknown parcel" if item.shipped_quantity else None
