"""Facts that cannot all be true, side by side. Nothing here decides between them."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from typing import Any, Final

from msgspec.structs import asdict

from processors.orders.canonical import event_of, key_of, parts_of
from processors.orders.ended import CANCELLED, SHIPPED
from processors.orders.events import IS_COMPLETED
from processors.orders.render.items import is_shipped, pieces_at_end
from processors.orders.render.listing import quantity_of
from processors.orders.render.requests import NO_FULFILMENT
from processors.orders.render.returns import returned_lines
from processors.orders.render.structs import ContradictingFact, Contradiction
from processors.orders.render.timeline import entry, in_order
from processors.orders.render.view import View
from processors.orders.row import StoredFact
from processors.orders.slots import At, ItemSlots
from schemas.order_state import ContradictionKind

_ENDS: Final = ("order.cancelled", "order.completed")

_OF_ITEMS: Final = ("order.completed", "order.shipped")
"""Ends of the order that may cancel pieces of it, but not the order."""

_Found = tuple[ContradictionKind, str | None, Iterable[StoredFact]]


def contradictions(view: View, untold: Collection[str], *, cancelled_and_shipped: bool) -> list[Any]:
    """Return the document's `contradictions`, the facts of each in canonical order. Kinds in `untold` are left out: an
    event that never comes may resolve them."""
    ends = _ends(view) if cancelled_and_shipped else ()
    found = [*ends, *_items(view), *_transactions(view), *_conflicts(view.row.facts)]
    return [
        Contradiction(kind=kind, subject=subject, facts=[_fact(fact) for fact in in_order(facts)])
        for kind, subject, facts in found
        if kind not in untold
    ]


def _fact(fact: StoredFact) -> Any:
    return ContradictingFact(**asdict(entry(fact)), payload_hash=parts_of(fact.place).payload_hash)


def _ends(view: View) -> Iterator[_Found]:
    facts = view.row.facts
    ends = {at for at, fact in enumerate(facts) if event_of(fact.place) in _ENDS}
    if view.slots.seen & IS_COMPLETED:
        yield "cancelled_and_completed", None, [facts[at] for at in ends]
    else:
        yield "cancelled_and_shipped", None, [facts[at] for at in ends | _first(view, view.shipping_facts)]


def _items(view: View) -> Iterator[_Found]:
    facts = view.row.facts
    goods = view.slots.items.keys() - view.listing.services
    cancelling = {item_id: by for item_id in goods if (by := _cancelled_by(view, item_id))}
    parcels = _parcels(view) if cancelling else {}
    returning = _returning(view) if view.returned else {}
    for item_id in sorted(cancelling.keys() | view.returned.keys()):
        item, returned, by = view.slots.items[item_id], view.returned.get(item_id, 0), cancelling.get(item_id, set())
        back = returning.get(item_id, set())
        if by and is_shipped(item, view.fulfilments.get(item_id, NO_FULFILMENT), returned):
            both = by | _first(view, (back | parcels.get(item_id, set()) | _stated(item)) - by)
            yield "item_cancelled_and_shipped", item_id, [facts[at] for at in both]
        quantity = quantity_of(item)
        if quantity is not None and returned > quantity:
            yield "returned_more_than_ordered", item_id, [facts[at] for at in back]


def _first(view: View, proofs: Collection[At]) -> set[At]:
    """The first fact that proves a shipment: one is enough, and there may be thousands. Empty if the cancellation
    itself proves it."""
    return {min(proofs, key=view.places.__getitem__)} if proofs else set()


def _stated(item: ItemSlots) -> set[At]:
    """Ends of the order that say that the item went out."""
    proofs = set[At]()
    if item.shipped is not None and item.went_out:
        proofs.add(item.shipped[0])
    if item.completed is not None and item.completed[1] in SHIPPED:
        proofs.add(item.completed[0])
    return proofs


def _parcels(view: View) -> Mapping[str, set[At]]:
    """By item, the facts that complete it in a request."""
    found = defaultdict[str, set[At]](set)
    for request in view.slots.requests.values():
        for item_id, item in request.items.items():
            found[item_id].update(item.parcels)
    return found


def _returning(view: View) -> Mapping[str, set[At]]:
    """By item, the facts that return it."""
    found = defaultdict[str, set[At]](set)
    for at, line in returned_lines(view.slots, view.listing):
        found[line["id"]].add(at)
    return found


def _cancelled_by(view: View, item_id: str) -> set[At]:
    """The facts that cancel the item, or so many of its pieces that some of these went out. Never order.cancelled: with
    it, the order contradicts itself, not the item."""
    item = view.slots.items[item_id]
    ends = {slot[0] for slot in (item.completed, item.shipped) if slot is not None and slot[1] == CANCELLED}
    if not (item.cancellations or item.ended):
        return ends
    left, document = view.items.left[item_id], view.items.documents[item_id]
    if left and document.shipped_quantity <= left:
        return ends
    _, cancelled = pieces_at_end(item, document.quantity or 0)
    partly = {at for at in item.ended if cancelled and item.ended[at][1] and event_of(view.places[at]) in _OF_ITEMS}
    return ends.union(item.cancellations, partly)


def _transactions(view: View) -> Iterator[_Found]:
    for key, payment in view.payments.items():
        if payment.facts:
            yield "conflicting_transactions", key, [view.row.facts[at] for at in payment.facts]


def _conflicts(facts: Sequence[StoredFact]) -> Iterator[_Found]:
    """Facts with several payloads under one key. A fact whose rival is of another order contradicts nothing here: the
    order of arrival decides which order has the later one."""
    if not any(fact.conflict for fact in facts):
        return
    groups: dict[str, list[StoredFact]] = {key_of(fact.place): [] for fact in facts if fact.conflict}
    for fact in facts:
        if (rivals := groups.get(key_of(fact.place))) is not None:
            rivals.append(fact)
    for _, rivals in sorted(groups.items()):
        if len(rivals) > 1:
            yield "conflicting_payloads", None, rivals
