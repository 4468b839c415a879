"""Items: the status of each, and how many pieces of the whole order were shipped and came back."""

from collections import Counter
from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from typing import Any, Final, NamedTuple

from processors.orders.ended import SHIPPED
from processors.orders.events import IS_CANCELLED, IS_COMPLETED
from processors.orders.render.listing import Listing, listed_fields, quantity_of
from processors.orders.render.requests import NO_FULFILMENT, Fulfilment
from processors.orders.render.structs import Item
from processors.orders.slots import NONE, ItemSlots, OrderSlots, Places, is_later, value_of

NOT_DUE: Final = frozenset({"cancelled", "replaced"})
"""Statuses of an item that the customer does not get."""
_DONE: Final = SHIPPED | NOT_DUE
_INFERRED: Final = "inferred"


class Items(NamedTuple):
    """The document's `items`, and their sums. `statuses`: those of effective items that are goods. `due`, `shipped` and
    `returned`: pieces of such items that are neither cancelled nor replaced. `are_whole`: all pieces of these are
    due."""

    documents: dict[str, Any]
    counts: dict[str, int]
    statuses: AbstractSet[str]
    due: int
    shipped: int
    returned: int
    are_whole: bool
    left: Mapping[str, int]
    """By item, how many pieces were not cancelled by name. Of a cancelled item that went out in part, at most the
    pieces that went out."""

    @property
    def all_done(self) -> bool:
        """Whether nothing more happens to any piece of an effective item before the order ends."""
        return self.statuses <= _DONE and self.shipped >= self.due

    @property
    def all_dropped(self) -> bool:
        """Whether there are effective items, and none of them is owed any more."""
        return bool(self.statuses) and self.statuses <= NOT_DUE

    @property
    def any_dropped(self) -> bool:
        """Whether anything of the order was cancelled: an item, whatever it is, or a piece of one."""
        return "cancelled" in self.counts or not self.are_whole


def items_of(
    slots: OrderSlots,
    places: Places,
    listing: Listing,
    fulfilments: Mapping[str, Fulfilment],
    returned: Mapping[str, int],
) -> Items:
    """Return all items that any fact names."""
    replaces = {new: old for old, new in listing.replaced_by.items()}
    documents, statuses, left = dict[str, Any](), set[str](), dict[str, int]()
    due, shipped, back, are_whole = 0, 0, 0, True
    for item_id in sorted(slots.items):
        item, fulfilment = slots.items[item_id], fulfilments.get(item_id, NO_FULFILMENT)
        quantity, came_back = quantity_of(item), returned.get(item_id, 0)
        pieces = _pieces(quantity)
        sent, cancelled = pieces_at_end(item, pieces)
        kept = _kept(item, fulfilment, pieces, sent, cancelled)
        went_out = max(_told(item, fulfilment, quantity, kept or pieces, sent), min(came_back, pieces))
        is_off = not 0 < went_out >= pieces and _is_off(item, slots.seen, kept)
        left[item_id] = min(kept, went_out) if is_off and went_out else kept
        owed = left[item_id] or min(went_out, pieces) or pieces  # or those that went out all the same
        if 0 < came_back >= owed:
            status = "returned"
        elif is_shipped(item, fulfilment, came_back):
            status = "complete"
        else:
            is_replaced = item_id in listing.replaced
            status = _unshipped(item, fulfilment, places, slots.seen, is_off=is_off, is_replaced=is_replaced)
        product, item_type, _, price, discounts, order_discounts, tax, service_level = listed_fields(item)
        if item_id in listing.effective and item_id not in listing.services:
            statuses.add(status)
            if status not in NOT_DUE:
                due, shipped, back = due + owed, shipped + min(went_out, owed), back + min(came_back, owed)
                are_whole = are_whole and owed == pieces
        new, old = listing.replaced_by.get(item_id), replaces.get(item_id)
        request, parcel = fulfilment.request, fulfilment.item
        documents[item_id] = Item(
            status=status,
            ordered=item_id in listing.listed,
            product_id=product or value_of(item.product),
            item_type=item_type,
            quantity=quantity,
            shipped_quantity=went_out,
            returned_quantity=came_back,
            cancelled_quantity=max(0, pieces - max(went_out, 0 if is_off else left[item_id])),
            list_price=price,
            item_discounts=discounts,
            order_discounts=order_discounts,
            tax=tax,
            shipping_service_level=service_level or value_of(item.service_level),
            fulfillment_location_id=(value_of(request.location) if request else None) or value_of(item.location),
            fulfillment_request_id=fulfilment.request_id,
            carrier=value_of(parcel.carrier),
            tracking_code=value_of(parcel.tracking_code),
            shipped_at=value_of(parcel.shipped_at),
            cancellation_reason=value_of(item.cancellation_reason),
            replaced_by=new,
            replaces=old,
            swap=_INFERRED if new or old else None,
        )
    counts = Counter(document.status for document in documents.values())
    return Items(documents, dict(sorted(counts.items())), statuses, due, shipped, back, are_whole, left)


def _pieces(quantity: int | None) -> int:
    """How many were ordered; one, if no fact says it."""
    return 1 if quantity is None else quantity


def pieces_at_end(item: ItemSlots, pieces: int) -> tuple[int, int]:
    """Return how many pieces of an item went out, and how many were cancelled, by an end of the order that counts them.
    Of several ends the most counts. Both 0: no end counts them."""
    if pieces < 2 or not item.ended:  # one piece is the whole item
        return 0, 0
    sent, cancelled = zip(*item.ended.values(), strict=True)
    return min(pieces, max(sent)), min(pieces, max(cancelled))


def _kept(item: ItemSlots, fulfilment: Fulfilment, pieces: int, sent: int, cancelled: int) -> int:
    """How many pieces of an item nobody cancelled. `sent`, `cancelled`: pieces by an end of the order. Several names in
    `order.items_cancelled` cancel as many pieces. One name cancels those that the end says, else all but those that a
    request or an end counted as gone. Of several facts the most counts: another cancellation looks like the same one
    again."""
    if item.cancelled_at_once > 1:
        return max(0, pieces - max(item.cancelled_at_once, cancelled))
    if cancelled or not item.cancellations:
        return pieces - cancelled
    gone = max(fulfilment.pieces if fulfilment.at_once > 1 else 0, sent)
    return gone if gone < pieces else 0


def is_shipped(item: ItemSlots, fulfilment: Fulfilment, returned: int) -> bool:
    """Return whether a fact proves that the item went out."""
    return (
        fulfilment.is_completed
        or returned > 0
        or item.went_out
        or (item.completed is not None and item.completed[1] in SHIPPED)
    )


def _told(item: ItemSlots, fulfilment: Fulfilment, quantity: int | None, kept: int, sent: int) -> int:
    """How many pieces went out, by what facts say: those that requests count, or an end of the order `sent`. If nothing
    counts pieces, all that were not cancelled (`kept`)."""
    if fulfilment.at_once > 1:
        return max(fulfilment.counted_of(quantity), sent)
    return (sent or kept) if is_shipped(item, fulfilment, 0) else 0


def _is_off(item: ItemSlots, seen: int, left: int) -> bool:
    """Whether all of the item that did not go out is cancelled; `left`: pieces that were not cancelled by name."""
    ends = value_of(item.completed), value_of(item.cancelled), value_of(item.shipped)
    return bool(seen & IS_CANCELLED) or "cancelled" in ends or (bool(item.cancellations) and not left)


def _unshipped(
    item: ItemSlots, fulfilment: Fulfilment, places: Places, seen: int, *, is_off: bool, is_replaced: bool
) -> str:
    """The status of an item that did not go out: the first that holds."""
    if is_off:
        return "cancelled"
    if is_replaced:
        return "replaced"
    if item.held != NONE and not seen & IS_COMPLETED and not is_later(fulfilment.assigned, item.held, places):
        return "on_hold"
    return "in_fulfillment" if fulfilment.is_open else "pending"
