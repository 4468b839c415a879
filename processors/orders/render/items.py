"""Items: the status of each, and how many pieces of the whole were shipped and came back."""

from collections import Counter
from collections.abc import Mapping
from typing import Any, Final, NamedTuple

from processors.orders.events import CANCELLED, COMPLETED
from processors.orders.render.listing import Listing, listed_fields, quantity_of
from processors.orders.render.requests import Fulfilment
from processors.orders.slots import NONE, ItemSlots, OrderSlots, Places, is_later, value_of
from schemas.order_state import Item

SHIPPED: Final = frozenset({"complete", "returned"})
"""Statuses of an item that went out."""
_DONE: Final = SHIPPED | {"cancelled", "replaced"}
_NOT_DUE: Final = frozenset({"cancelled", "replaced"})
_UNKNOWN: Final = dict.fromkeys(Item.model_fields)
_INFERRED: Final = "inferred"


class Items(NamedTuple):
    """The document's `items`, and what they come to: pieces due (of effective items neither cancelled nor replaced),
    shipped and returned of them."""

    documents: dict[str, dict[str, Any]]
    counts: dict[str, int]
    due: int
    shipped: int
    returned: int
    effective: frozenset[str]

    def statuses(self) -> set[str]:
        """Return those that effective items have."""
        return {self.documents[item_id]["status"] for item_id in self.effective}

    @property
    def all_done(self) -> bool:
        """Whether nothing more happens to any effective item before the order ends."""
        return self.statuses() <= _DONE

    @property
    def all_dropped(self) -> bool:
        """Whether there are effective items, and none of them is owed any more."""
        return bool(self.effective) and self.statuses() <= _NOT_DUE


def items_of(
    slots: OrderSlots,
    places: Places,
    listing: Listing,
    fulfilments: Mapping[str, Fulfilment],
    returned: Mapping[str, int],
    *,
    seen: int,
) -> Items:
    """Return all items that any fact names; `seen` as `OrderSlots.seen`."""
    replaces = {new: old for old, new in listing.replaced_by.items()}
    documents, due, shipped, back = {}, 0, 0, 0
    for item_id in sorted(slots.items):
        item, fulfilment = slots.items[item_id], fulfilments.get(item_id) or Fulfilment()
        quantity, came_back = quantity_of(item), returned.get(item_id, 0)
        pieces = 1 if quantity is None else quantity
        is_out = is_shipped(item, fulfilment, came_back)
        if fulfilment.is_completed:
            told = fulfilment.shipped_of(quantity)
        else:
            told = pieces if is_shipped(item, fulfilment, 0) else 0
        went_out = max(told, min(came_back, pieces))
        status = _status(
            item,
            fulfilment,
            places,
            all_back=0 < came_back >= pieces,
            shipped=is_out,
            seen=seen,
            replaced=item_id in listing.replaced,
        )
        if item_id in listing.effective and status not in _NOT_DUE:
            due, shipped, back = due + pieces, shipped + min(went_out, pieces), back + min(came_back, pieces)
        new, old = listing.replaced_by.get(item_id), replaces.get(item_id)
        documents[item_id] = _document(
            item,
            fulfilment,
            status=status,
            ordered=item_id in listing.listed,
            shipped_quantity=went_out,
            returned_quantity=came_back,
            replaced_by=new,
            replaces=old,
            swap=_INFERRED if new or old else None,
        )
    counts = Counter(document["status"] for document in documents.values())
    return Items(documents, dict(sorted(counts.items())), due, shipped, back, listing.effective)


def is_shipped(item: ItemSlots, fulfilment: Fulfilment | None, returned: int) -> bool:
    """Say whether any fact is certain that the item went out."""
    return (
        (fulfilment is not None and fulfilment.is_completed)
        or returned > 0
        or item.went_out
        or value_of(item.completed) in SHIPPED
    )


def _status(
    item: ItemSlots,
    fulfilment: Fulfilment,
    places: Places,
    *,
    all_back: bool,
    shipped: bool,
    seen: int,
    replaced: bool,
) -> str:
    """The first of these that holds: what is certain about the piece outranks what was said last."""
    ends = value_of(item.completed), value_of(item.cancelled), value_of(item.shipped)
    is_held = item.held != NONE and not is_later(fulfilment.assigned, item.held, places) and not seen & COMPLETED
    rules = (
        ("returned", all_back),
        ("complete", shipped),
        ("cancelled", bool(item.cancellations) or "cancelled" in ends or bool(seen & CANCELLED)),
        ("replaced", replaced),
        ("on_hold", is_held),
        ("in_fulfillment", fulfilment.is_open),
    )
    return next((status for status, holds in rules if holds), "pending")


def _document(item: ItemSlots, fulfilment: Fulfilment, **derived: Any) -> dict[str, Any]:
    request, said = fulfilment.request, listed_fields(item)
    return {
        **_UNKNOWN,  # so that fields come in the model's order
        **said,
        "product_id": said["product_id"] or value_of(item.product),
        "quantity": quantity_of(item),
        "shipping_service_level": said["shipping_service_level"] or value_of(item.service_level),
        "fulfillment_location_id": (value_of(request.location) if request else None) or value_of(item.location),
        "fulfillment_request_id": fulfilment.request_id,
        "carrier": value_of(fulfilment.item.carrier),
        "tracking_code": value_of(fulfilment.item.tracking_code),
        "shipped_at": value_of(fulfilment.item.shipped_at),
        "cancellation_reason": value_of(item.cancellation_reason),
        **derived,
    }
