"""How a fact is joined into an order's slots: one function for each kind of event, each of them a join.

`at` is the fact's index in the row; `places` has the places of all its facts.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial
from typing import Any, Final

from processors.orders.canonical import Place, event_of, instant_of, key_string_of
from processors.orders.ended import CANCELLED
from processors.orders.events import BIT, PAYMENT_ACTION, bit_of
from processors.orders.said import (
    Closed,
    Invoiced,
    Listed,
    Named,
    RefundRequested,
    Requested,
    Returned,
    Said,
    Swapped,
    Transaction,
)
from processors.orders.slots import (
    NONE,
    At,
    ItemSlots,
    OrderSlots,
    Places,
    RequestedItemSlots,
    RequestSlots,
    Stated,
    first,
    is_later,
    latest,
    value_of,
)

STEPS: Final = ("", "assigned", "ready", "failed", "completed")
"""Steps of an item in a request. It never goes back: rerouting makes a new request."""

_STEP: Final[Mapping[str, int]] = {
    "fulfillment_request.assigned": 1,
    "fulfillment_request.items_ready_for_handover": 2,
    "fulfillment_request.items_failed": 3,
    "fulfillment_request.items_completed": 4,
}


def join(slots: OrderSlots, event: str, said: Said, at: At, places: Places) -> None:
    """Join what the fact says into the slots."""
    slots.seen |= bit_of(event)
    joiner = _JOINERS.get(type(said))
    if joiner is not None:
        joiner(slots, event, said, at, places)


def _later(entities: dict[str, Any], id_: str | None, at: At, value: Any, places: Places) -> None:
    key = id_ or key_string_of(places[at])
    entities[key] = latest(entities.get(key), at, value, places)


def unite_shown(slots: OrderSlots) -> None:
    """Add the ids that slots show to those that the order is found by, of which older versions kept no list."""
    for listed in (slots.created, slots.opened):
        if listed is not None:
            _unite_listed(slots, listed[1])
    items = [item for request in slots.requests.values() for item in request.items.values()]
    _unite(slots.tracking_codes, [value_of(item.tracking_code) for item in items])


def _unite_listed(slots: OrderSlots, value: Sequence[Any]) -> None:
    fields, exchanges = value
    _unite(slots.external_ids, [fields.get("external_id")])
    _unite(slots.exchange_orders, [order_id for order_id, _ in exchanges or ()])
    _unite(slots.exchange_returns, [return_id for _, return_id in exchanges or ()])


def _unite(ids: list[str], named: Iterable[str | None]) -> None:
    """Add the ids that are not there yet, all at once: one fact may name a hundred thousand, and lists are slow to
    search. For a single id, searching the list is faster than making a set."""
    new = dict.fromkeys(each for each in named if each is not None)
    if new:
        there = {*ids} if len(new) > 1 else ids
        ids += [each for each in new if each not in there]


def _named(slots: OrderSlots, item_id: str, event: str, at: At, product: str | None, places: Places) -> ItemSlots:
    """Return the item's slots; the first event that names it creates them, whatever event that is."""
    item = slots.items.get(item_id)
    if item is None:
        item = slots.items[item_id] = ItemSlots()
    item.named |= BIT[event]
    item.product = first(item.product, at, product, places)
    return item


def _swap(slots: OrderSlots, event: str, said: Swapped, at: At, places: Places) -> None:
    for item_id, (product, *_) in said.items.items():
        _named(slots, item_id, event, at, product, places)
    again = {tuple(ids) for by, ids in slots.swaps if by == at}
    slots.swaps += [(at, ids) for ids in said.ids if tuple(ids) not in again]


def _note_unclear(slots: OrderSlots, said: Listed | Returned, at: At) -> None:
    if not said.is_clear and at not in slots.unclear:
        slots.unclear = [*slots.unclear, at]


def _return(slots: OrderSlots, _event: str, said: Returned, at: At, places: Places) -> None:
    _later(slots.returns, said.id, at, [said.fields, said.lines], places)
    _note_unclear(slots, said, at)


def _request_refund(slots: OrderSlots, _event: str, said: RefundRequested, at: At, places: Places) -> None:
    _later(slots.refund_requests, said.id, at, said.fields, places)


def _invoice(slots: OrderSlots, _event: str, said: Invoiced, at: At, places: Places) -> None:
    key = said.id or key_string_of(places[at])
    if is_later(at, slots.invoices.get(key, NONE), places):
        slots.invoices[key] = at


def _list(slots: OrderSlots, event: str, said: Listed, at: At, places: Places) -> None:
    value = [said.fields, said.exchanges]
    _unite_listed(slots, value)
    if event == "order.opened":
        slots.opened = latest(slots.opened, at, value, places)
    else:
        slots.created = latest(slots.created, at, value, places)
    _note_unclear(slots, said, at)
    for item_id, fields in said.items.items():
        item = _named(slots, item_id, event, at, fields[0], places)
        if event == "order.opened":
            item.opened = latest(item.opened, at, fields, places)
        else:
            item.created = latest(item.created, at, fields, places)


def _close(slots: OrderSlots, event: str, said: Closed, at: At, places: Places) -> None:
    for item_id, end in said.items.items():
        item = _named(slots, item_id, event, at, end.product, places)
        went_out = end.complete
        if event == "order.completed":
            item.completed = latest(item.completed, at, end.status or "", places)
        elif event == "order.shipped":
            item.shipped = latest(item.shipped, at, end.status or "", places)
            item.went_out |= end.status != CANCELLED
            went_out = end.pieces - end.cancelled
        else:
            item.cancelled = latest(item.cancelled, at, end.status or "", places)
        if end.pieces > 1:
            item.ended[at] = went_out, end.cancelled
        item.quantity = latest(item.quantity, at, end.quantity, places)
        item.location = latest(item.location, at, end.location, places)
        item.service_level = latest(item.service_level, at, end.service_level, places)


def _name(slots: OrderSlots, event: str, said: Named, at: At, places: Places) -> None:
    for item_id, (product, reason, times) in said.items.items():
        item = _named(slots, item_id, event, at, product, places)
        if event == "order.items_on_hold" and is_later(at, item.held, places):
            item.held = at
        elif event == "order.items_cancelled":
            if at not in item.cancellations:
                item.cancellations = [*item.cancellations, at]
            item.cancelled_at_once = max(item.cancelled_at_once, times)
            item.cancellation_reason = latest(item.cancellation_reason, at, reason, places)


def _request(slots: OrderSlots, event: str, said: Requested, at: At, places: Places) -> None:
    key, step = said.id or key_string_of(places[at]), _STEP[event]
    request = slots.requests.get(key)
    if request is None:
        request = slots.requests[key] = RequestSlots()
    request.step = max(request.step, step)
    if said.turn >= 0:
        request.turns[at] = said.turn
    request.is_assigned |= step == 1
    if is_later(at, request.last, places):
        request.last = at
    turn, progress = partial(_turn, request, places), partial(_progress, request, places)
    request.location = _greatest(request.location, at, said.location, turn)
    request.service_level = _greatest(request.service_level, at, said.service_level, turn)
    request.associate_id = _greatest(request.associate_id, at, said.associate_id, turn)
    _unite(slots.tracking_codes, [each[2] for each in said.items.values()])
    for item_id, (product, carrier, tracking_code, shipped_at, pieces) in said.items.items():
        _named(slots, item_id, event, at, product, places)
        item = request.items.get(item_id)
        if item is None:
            item = request.items[item_id] = RequestedItemSlots()
        item.step = max(item.step, step)
        if step == 1 and is_later(at, item.assigned, places):
            item.assigned = at
        elif step == 4:
            item.pieces = max(item.pieces, pieces)
            item.parcels[at] = pieces
        item.product = first(item.product, at, product, places)
        item.carrier = _greatest(item.carrier, at, carrier, progress)
        item.tracking_code = _greatest(item.tracking_code, at, tracking_code, progress)
        item.shipped_at = _greatest(item.shipped_at, at, shipped_at, progress)


def _greatest(slot: Stated | None, at: At, value: Any, key: Callable[[At], tuple[Any, ...]]) -> Stated | None:
    """Return the stated value whose fact has the greater key; None states nothing."""
    return slot if value is None or (slot and key(slot[0]) > key(at)) else (at, value)


def _turn(request: RequestSlots, places: Places, at: At) -> tuple[str, int, int, Place]:
    """Sort key of a fact by time: canonical order, but between two of one instant and step the logical timestamp
    decides."""
    step, instant, turn, place = _progress(request, places, at)
    return instant, step, turn, place


def _progress(request: RequestSlots, places: Places, at: At) -> tuple[int, str, int, Place]:
    """Sort key of a fact by how far it brings the request: no clock decides between steps."""
    place = places[at]
    return _STEP[event_of(place)], instant_of(place), request.turns.get(at, -1), place


def _pay(slots: OrderSlots, event: str, said: Sequence[Transaction], at: At, places: Places) -> None:
    tellings: dict[str, list[list[Any]]] = {}
    for number, transaction in enumerate(said):
        name = transaction.id or f"{key_string_of(places[at])}#{number}"
        tellings.setdefault(f"{PAYMENT_ACTION[event]}:{name}", []).append([*transaction])
    for key, told in tellings.items():
        slots.payments.setdefault(key, {})[at] = told


_JOINERS: Final[Mapping[type, Callable[[OrderSlots, str, Any, At, Places], None]]] = {
    Listed: _list,
    Closed: _close,
    Named: _name,
    Swapped: _swap,
    Requested: _request,
    list: _pay,
    Returned: _return,
    RefundRequested: _request_refund,
    Invoiced: _invoice,
}
