"""The order's status, and how far fulfilment and returns are."""

from typing import Final

from processors.orders.events import IS_CANCELLED, IS_COMPLETED, OPENED, REQUEST, RETURNED, SHIPPED, bits
from processors.orders.render.returns import has_unread_lines
from processors.orders.render.view import View
from schemas.order_state import FulfillmentStatus, OrderStatus, ReturnStatus

_SHIPPED: Final = bits(SHIPPED)
_IMPLIES_OPENED: Final = REQUEST | bits(OPENED, SHIPPED, "invoice.created", RETURNED)


def order_status(view: View) -> OrderStatus:
    """Return the first status whose rule holds."""
    seen, items = view.slots.seen, view.items
    is_completed, is_cancelled = bool(seen & IS_COMPLETED), bool(seen & IS_CANCELLED)
    is_held = "on_hold" in items.counts and _any_held(view)
    is_over = (
        is_completed
        or (bool(seen & _SHIPPED) and items.all_done)
        or (bool(view.details.get("is_historical")) and not is_held and "in_fulfillment" not in items.statuses)
    )
    rules: tuple[tuple[OrderStatus, bool], ...] = (
        ("completed", is_completed and view.cancelled_and_shipped),
        ("cancelled", is_cancelled),
        ("cancelled", view.listing.is_known and items.all_dropped),
        ("completed", is_over),
        ("on_hold", is_held),
        ("open", bool(seen & _IMPLIES_OPENED)),
        ("created", bool(seen)),
    )
    return next((status for status, holds in rules if holds), "unknown")


def _any_held(view: View) -> bool:
    """Whether any goods are on hold, in the order's list or not."""
    documents = view.items.documents
    return any(documents[item_id].status == "on_hold" for item_id in documents.keys() - view.listing.services)


def fulfillment_status(view: View) -> FulfillmentStatus:
    """Compare what was shipped with what is due."""
    items, is_listed = view.items, view.listing.is_known
    if items.due == 0:
        return "not_required" if is_listed else "unfulfilled"
    if items.shipped == 0:
        return "unfulfilled"
    return "fulfilled" if is_listed and items.shipped >= items.due else "partial"


def return_status(view: View) -> ReturnStatus:
    """Compare what came back with what is due; without a known list nobody knows whether that is all."""
    if not view.slots.returns:
        return "none"
    if view.listing.is_known and 0 < view.items.due <= view.items.returned:
        return "full"
    return "unknown" if has_unread_lines(view.slots) else "partial"
