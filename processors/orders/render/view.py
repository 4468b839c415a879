"""An order seen once: what several parts of its document are derived from."""

from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from typing import Any, Final, NamedTuple

from processors.orders.canonical import Place, event_of
from processors.orders.ended import SHIPPED
from processors.orders.events import IS_CANCELLED, bit_of, bits
from processors.orders.render.items import Items, is_shipped, items_of
from processors.orders.render.listing import Listing, listing_of
from processors.orders.render.order import details_of
from processors.orders.render.payments import Payment, payments_of
from processors.orders.render.requests import NO_FULFILMENT, Fulfilment, fulfilments
from processors.orders.render.returns import proves_shipment, returned_pieces, returns_of_no_goods
from processors.orders.row import Row
from processors.orders.slots import At, OrderSlots, value_of

_COMPLETES: Final = bits("fulfillment_request.items_completed")
_PROVES_SHIPMENT: Final = _COMPLETES | bits("order.shipped")


class View(NamedTuple):
    """`details`: the order's own fields. `returned`: by item id, the pieces that came back. `exchanged_returns`:
    returns of other orders that this one is the exchange for."""

    row: Row
    slots: OrderSlots
    places: Sequence[Place]
    details: Mapping[str, Any]
    listing: Listing
    fulfilments: Mapping[str, Fulfilment]
    returned: Mapping[str, int]
    items: Items
    payments: Mapping[str, Payment]
    exchanged_returns: AbstractSet[str]

    @property
    def cancelled_and_shipped(self) -> bool:
        """Whether the order was cancelled, and some fact proves that goods went out."""
        return bool(self.slots.seen & IS_CANCELLED) and self.something_shipped

    @property
    def something_shipped(self) -> bool:
        """Whether a fact proves that goods went out. One that names only shipping and gift wrapping does not."""
        slots, returned, services = self.slots, self.returned, self.listing.services
        sent = {item_id for item_id, item in slots.items.items() if item.named & _COMPLETES or item.went_out}
        names_goods = not sent or not sent <= services
        if (slots.seen & _PROVES_SHIPMENT and names_goods) or proves_shipment(slots, self.listing):
            return True
        return any(
            is_shipped(slots.items[item_id], self.fulfilments.get(item_id, NO_FULFILMENT), returned.get(item_id, 0))
            or value_of(slots.items[item_id].cancelled) in SHIPPED
            for item_id in slots.items.keys() - services
        )

    @property
    def shipping_facts(self) -> AbstractSet[At]:
        """Facts that prove by themselves that goods went out, whatever an end of the order states."""
        slots = self.slots
        events = {at for at, place in enumerate(self.places) if bit_of(event_of(place)) & _PROVES_SHIPMENT}
        returns = {at for at, _ in slots.returns.values()}
        return events | returns - returns_of_no_goods(slots, self.listing)


def view_of(row: Row) -> View:
    """Return an order's view."""
    slots, places, details = row.slots, row.places, details_of(row.slots)
    listing, requested = listing_of(slots, places), fulfilments(slots, places)
    returned = returned_pieces(slots, listing)
    items = items_of(slots, places, listing, requested, returned)
    return View(
        row=row,
        slots=slots,
        places=places,
        details=details,
        listing=listing,
        fulfilments=requested,
        returned=returned,
        items=items,
        payments=payments_of(slots, places),
        exchanged_returns={return_id for _, return_id in details.get("exchanges") or () if return_id is not None},
    )
