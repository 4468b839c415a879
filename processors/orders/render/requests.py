"""Fulfilment requests: the status of each, and what they say together about an item."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from processors.orders.joining import STEPS
from processors.orders.render.structs import FulfillmentRequest, RequestedItem
from processors.orders.slots import (
    NONE,
    At,
    OrderSlots,
    Places,
    RequestedItemSlots,
    RequestSlots,
    is_later,
    value_of,
)

_READY, _FAILED, _COMPLETED = (STEPS.index(step) for step in ("ready", "failed", "completed"))
_NEEDS_NO_ASSIGNMENT: Final = "IN_STORE_HANDOVER"


@dataclass(slots=True)
class Fulfilment:
    """What requests say about one item. `is_open`: one of them is open. `assigned`: the latest assignment. `request`
    and `item` have the item's location and parcel: the latest request that completed it, else the latest that did not
    fail. `since`: the fact that completed the item there, or assigned it."""

    is_open: bool = False
    at_once: int = 0
    """The most pieces that one fact completes."""
    pieces: int = 0
    """The pieces that all facts complete; 0: none was completed."""
    assigned: At = NONE
    request_id: str | None = None
    request: RequestSlots | None = None
    item: RequestedItemSlots = field(default_factory=RequestedItemSlots)
    since: At = NONE

    @property
    def is_completed(self) -> bool:
        """Whether any piece was completed."""
        return self.pieces > 0

    def counted_of(self, quantity: int | None) -> int:
        """Return how many of the ordered pieces were completed. If `at_once` is 1, nothing counts them: the item's name
        stands for all."""
        return self.pieces if quantity is None else min(self.pieces, quantity)


NO_FULFILMENT: Final = Fulfilment()
"""For an item that no request names."""


def fulfilments(slots: OrderSlots, places: Places) -> Mapping[str, Fulfilment]:
    """Return by item id what requests say."""
    found: dict[str, Fulfilment] = {}
    for request_id in sorted(slots.requests):
        request = slots.requests[request_id]
        for item_id, item in request.items.items():
            known = found.get(item_id)
            if known is None:
                known = found[item_id] = Fulfilment()
            known.is_open |= item.step < _FAILED
            if item.step == _COMPLETED:
                known.at_once = max(known.at_once, item.pieces)
                known.pieces += _pieces(request, item)
            if is_later(item.assigned, known.assigned, places):
                known.assigned = item.assigned
            since = _since(request, item, places)
            if item.step != _FAILED and _outranks(item, since, known, places):
                known.request_id, known.request, known.item, known.since = request_id, request, item, since
    return found


def _pieces(request: RequestSlots, item: RequestedItemSlots) -> int:
    """How many pieces of the item all parcels of the request complete. Facts of one logical timestamp, or of none, may
    tell of the same parcel, so the most of them counts. A row of an older version may know no parcels."""
    parcels = Counter[int]()
    for at, pieces in item.parcels.items():
        turn = request.turns.get(at, NONE)
        parcels[turn] = max(parcels[turn], pieces)
    return max(item.pieces, parcels.total())


def _since(request: RequestSlots, item: RequestedItemSlots, places: Places) -> At:
    """The fact that completed the item in the request, or assigned it; if unknown, the request's last. What happened to
    other items later does not make this one newer."""
    if item.step == _COMPLETED:
        return max(item.parcels, key=places.__getitem__, default=request.last)
    return request.last if item.assigned == NONE else item.assigned


def _outranks(item: RequestedItemSlots, since: At, known: Fulfilment, places: Places) -> bool:
    if known.request is None:
        return True
    is_completed, was_completed = item.step == _COMPLETED, known.item.step == _COMPLETED
    if is_completed != was_completed:
        return is_completed
    return is_later(since, known.since, places)


def status_of(request: RequestSlots) -> str:
    """Return the request's status."""
    steps = {item.step for item in request.items.values()} or {request.step}
    is_open, is_completed = any(step < _FAILED for step in steps), _COMPLETED in steps
    if is_completed:
        return "partially_completed" if is_open else "completed"
    if _FAILED in steps and not is_open:
        return "failed"
    return "ready" if _READY in steps else "assigned"


def unassigned(slots: OrderSlots) -> Iterable[str]:
    """Return requests whose assignment should be known and is not; an in-store handover may have none."""
    return (
        request_id
        for request_id, request in slots.requests.items()
        if not request.is_assigned and value_of(request.service_level) != _NEEDS_NO_ASSIGNMENT
    )


def documents(slots: OrderSlots) -> dict[str, Any]:
    """Return the document's `fulfillment_requests`."""
    return {request_id: _document(slots.requests[request_id]) for request_id in sorted(slots.requests)}


def _document(request: RequestSlots) -> Any:
    return FulfillmentRequest(
        status=status_of(request),
        fulfillment_location_id=value_of(request.location),
        service_level=value_of(request.service_level),
        associate_id=value_of(request.associate_id),
        items={item_id: _item(request.items[item_id]) for item_id in sorted(request.items)},
    )


def _item(item: RequestedItemSlots) -> Any:
    return RequestedItem(
        status=STEPS[item.step],
        product_id=value_of(item.product),
        carrier=value_of(item.carrier),
        tracking_code=value_of(item.tracking_code),
        shipped_at=value_of(item.shipped_at),
    )
