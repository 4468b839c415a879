"""What the order comes to: its status, and how far fulfilment and returns are."""

from typing import Final

from processors.orders.events import IS_CANCELLED, IS_COMPLETED, OPENED, REQUEST, RETURNED, SHIPPED, bits
from processors.orders.render.items import Items
from processors.orders.render.listing import Listing
from schemas.order_state import FulfillmentStatus, OrderStatus, ReturnStatus

_SHIPPED: Final = bits(SHIPPED)
_IMPLIES_OPENED: Final = REQUEST | bits(OPENED, SHIPPED, "invoice.created", RETURNED)


def order_status(
    seen: int, items: Items, listing: Listing, *, cancelled_and_shipped: bool, is_historical: bool
) -> OrderStatus:
    """Return the first of the rules that holds; `seen` as `OrderSlots.seen`."""
    is_completed, is_cancelled = bool(seen & IS_COMPLETED), bool(seen & IS_CANCELLED)
    is_held = "on_hold" in items.counts and _any_held(items, listing)
    is_over = (
        is_completed
        or (bool(seen & _SHIPPED) and items.all_done)
        or (is_historical and not is_held and "in_fulfillment" not in items.statuses)
    )
    rules: tuple[tuple[OrderStatus, bool], ...] = (
        ("completed", cancelled_and_shipped and is_completed),
        ("cancelled", is_cancelled),
        ("cancelled", listing.is_known and items.all_dropped),
        ("completed", is_over),
        ("on_hold", is_held),
        ("open", bool(seen & _IMPLIES_OPENED)),
        ("created", bool(seen)),
    )
    return next((status for status, holds in rules if holds), "unknown")


def _any_held(items: Items, listing: Listing) -> bool:
    """Whether any goods are on hold, be they in the order's list or not."""
    return any(items.documents[item_id].status == "on_hold" for item_id in items.documents.keys() - listing.services)


def fulfillment_status(items: Items, listing: Listing) -> FulfillmentStatus:
    """Compare what was shipped with what is due."""
    if items.due == 0:
        return "not_required" if listing.is_known else "unfulfilled"
    if items.shipped == 0:
        return "unfulfilled"
    return "fulfilled" if listing.is_known and items.shipped >= items.due else "partial"


def return_status(items: Items, listing: Listing, *, has_returns: bool, is_unread: bool) -> ReturnStatus:
    """Compare what came back with what is due; while the list is unknown nobody knows whether that is all. `is_unread`:
    more may have come back than can be read."""
    if not has_returns:
        return "none"
    if listing.is_known and 0 < items.due <= items.returned:
        return "full"
    return "unknown" if is_unread else "partial"
