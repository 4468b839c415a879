"""An order's items (docs/order-state.md)."""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from tests.programs.checker.facts import CANCELLED, COMPLETED, ITEMS_CANCELLED, SHIPPED, of, position
from tests.programs.checker.order_evidence import ENDS, NAMING, Evidence
from tests.programs.checker.order_requests import Request
from tests.programs.checker.values import T, last, money, pieces, text

_LISTED = {
    "item_type": text,
    "list_price": money,
    "item_discounts": money,
    "order_discounts": money,
    "tax": money,
}

Items = dict[str, dict[str, Any]]
"""The document's `items`."""


def items_of(evidence: Evidence, returned: Counter[str]) -> Items:
    """The items by id. `returned`: pieces that came back."""
    return {item: _item(evidence, item, returned[item]) for item in evidence.items}


def effective_goods(evidence: Evidence, items: Items) -> Items:
    """The goods that the order is made of."""
    return {item: items[item] for item in evidence.goods}


def ordered_pieces(item: dict[str, Any]) -> int:
    """The pieces of an item of the document; 1 if no event says how many."""
    return 1 if item["quantity"] is None else int(item["quantity"])


def pieces_cancelled(evidence: Evidence, item: str, ordered: int) -> int:
    """How many of the ordered pieces were cancelled: by an end of the order that counts pieces, or by the
    items_cancelled that names the item most often. If that names it once, and no end counts cancelled pieces, it means
    all that did not leave one by one (by an end, too), or all if all left."""
    most, (left, by_end) = _cancelled_at_once(evidence, item), _by_pieces(evidence, item, ordered)
    if most == 1 and not by_end:
        sent = max(_sent_by_name(evidence, item) or 0, left)
        return ordered - sent if sent < ordered else ordered
    return min(max(most if most > 1 else 0, by_end), ordered)


def pieces_off(evidence: Evidence, items: Items, item: str) -> int:
    """The cancelled pieces. If some had left when the item or the order was cancelled, all others count."""
    ordered, gone = ordered_pieces(items[item]), items[item]["shipped_quantity"]
    return _pieces_off(evidence, item, ordered, gone)


def _pieces_off(evidence: Evidence, item: str, ordered: int, gone: int) -> int:
    stopped = ordered - gone if gone and _is_called_off(evidence, item) else 0
    return max(pieces_cancelled(evidence, item, ordered), stopped)


def is_all_cancelled(evidence: Evidence, item: str, ordered: int) -> bool:
    """Only of several pieces: whether events call each one cancelled, or the order was cancelled."""
    _, by_end = _by_pieces(evidence, item, ordered)
    is_named = max(_cancelled_at_once(evidence, item), by_end) >= ordered
    return ordered > 1 and (is_named or bool(of(evidence.facts, CANCELLED)))


def _cancelled_at_once(evidence: Evidence, item: str) -> int:
    naming = Counter(place for place, _ in evidence.named[ITEMS_CANCELLED].get(item, ()))
    return max(naming.values(), default=0)


def _by_pieces(evidence: Evidence, item: str, ordered: int) -> tuple[int, int]:
    """How many pieces left and how many were cancelled: of each the most that an end of the order says."""
    left, off = [0], [0]
    for *_, out, cancelled in _counted_at_ends(evidence, item, ordered):
        left.append(min(out, ordered))
        off.append(min(cancelled, ordered))
    return max(left), max(off)


def ends_that_cancel(evidence: Evidence, item: str, ordered: int) -> set[int]:
    """The places of facts, other than order.cancelled, that end the order, count two or more pieces of the item and
    call some of them cancelled."""
    counted = _counted_at_ends(evidence, item, ordered)
    return {place for end, place, _, off in counted if end != CANCELLED and off}


def _counted_at_ends(evidence: Evidence, item: str, ordered: int) -> Iterator[tuple[str, int, int, int]]:
    """The ends of the order that count two or more pieces of the item: name, place, pieces that left, pieces that were
    cancelled. Of a single piece an end says no more than its status."""
    lines: dict[tuple[str, int], list[dict[str, Any]]] = defaultdict(list)
    for end in ENDS:
        for place, line in evidence.named[end].get(item, ()):
            lines[end, place].append(line)
    for (end, place), said in lines.items():
        counts = Counter[str | None]()
        for line in said:
            number = pieces(line.get("quantity"))
            counts[text(line.get("status"))] += 1 if number is None else number
        if ordered > 1 and counts.total() > 1:
            out = counts.total() - counts["cancelled"] if end == SHIPPED else counts["complete"] + counts["returned"]
            yield end, place, out, counts["cancelled"]


def due_pieces(evidence: Evidence, items: Items, item: str) -> int:
    """The pieces that are still due. If all were cancelled: those that went out all the same, else all."""
    return _due(evidence, item, ordered_pieces(items[item]), items[item]["shipped_quantity"])


def _due(evidence: Evidence, item: str, ordered: int, gone: int) -> int:
    return ordered - _pieces_off(evidence, item, ordered, gone) or min(gone, ordered) or ordered


def _sent_by_name(evidence: Evidence, item: str) -> int | None:
    """How often completed requests name the item, if any event names it more than once: then each name is a piece. Else
    None."""
    at_once = [count for _, request in evidence.requests_for[item] for count in request.parcels().get(item, ())]
    return None if set(at_once) <= {1} else sum(at_once)


def is_shipped(evidence: Evidence, item: str, returned: int) -> bool:
    """Whether a piece of the item certainly went out."""
    shipped = any(text(line.get("status")) != "cancelled" for line in evidence.says(item, SHIPPED))
    stated = evidence.stated(item, COMPLETED) in {"complete", "returned"}
    return shipped or stated or evidence.is_handed_over(item) or returned > 0


def _item(evidence: Evidence, item: str, returned: int) -> dict[str, Any]:
    quantity = _listed(evidence, item, pieces, "quantity")
    if quantity is None:
        quantity = evidence.ended_pieces(item)
    level = _listed(evidence, item, text, "shipping_service_level")
    ordered, gone = 1 if quantity is None else quantity, _shipped_pieces(evidence, item, returned, quantity)
    status = _status(evidence, item, returned, ordered, gone)
    off = ordered if _is_called_off(evidence, item) else pieces_cancelled(evidence, item, ordered)
    return {
        "status": status,
        "ordered": item in evidence.listed,
        "product_id": _listed(evidence, item, text, "product_id") or _first_product(evidence, item),
        "quantity": quantity,
        "shipped_quantity": gone,
        "returned_quantity": returned,
        "cancelled_quantity": max(min(off, ordered - gone), 0),
        **{field: _listed(evidence, item, reader, field) for field, reader in _LISTED.items()},
        "shipping_service_level": level or _ends_say(evidence, item, "shipping_service_level"),
        **_fulfilment(evidence, item),
        "cancellation_reason": last(
            text(line.get("cancellation_reason")) for line in evidence.says(item, ITEMS_CANCELLED)
        ),
        **_swap(evidence, item),
    }


def _listed(evidence: Evidence, item: str, reader: Callable[[object], T | None], field: str) -> T | None:
    return last(reader(line.get(field)) for line in evidence.listing.get(item, ()))


def _status(evidence: Evidence, item: str, returned: int, ordered: int, gone: int) -> str:
    states = {request.status_of[item] for _, request in evidence.requests_for[item]}
    dropped = (
        evidence.is_list_sure and bool(evidence.opened) and item in evidence.created and item not in evidence.opened
    )
    off = pieces_cancelled(evidence, item, ordered)
    is_off = item in evidence.named[ITEMS_CANCELLED] and off == ordered
    rules = {
        "returned": 0 < returned >= _due(evidence, item, ordered, gone),
        "complete": is_shipped(evidence, item, returned),
        "cancelled": is_off or _is_called_off(evidence, item),
        "replaced": item in evidence.replaced_by or (dropped and not states),
        "on_hold": evidence.is_held(item),
        "in_fulfillment": not states.isdisjoint({"assigned", "ready"}),
    }
    return next((status for status, holds in rules.items() if holds), "pending")


def _is_called_off(evidence: Evidence, item: str) -> bool:
    """Whether the order was cancelled, or an end of it calls the item cancelled. That cancels the pieces that had not
    left."""
    return bool(of(evidence.facts, CANCELLED)) or any(evidence.stated(item, name) == "cancelled" for name in ENDS)


def _shipped_pieces(evidence: Evidence, item: str, returned: int, quantity: int | None) -> int:
    """The pieces that left one by one, by requests or by an end of the order; else, if the item went out, all that were
    not cancelled. Returned pieces count in any case."""
    whole = 1 if quantity is None else quantity
    wanted = whole - pieces_cancelled(evidence, item, whole) or whole
    sent, (by_end, _) = _sent_by_name(evidence, item), _by_pieces(evidence, item, whole)
    if sent is None:
        return max((by_end or wanted) if is_shipped(evidence, item, 0) else 0, min(returned, whole))
    return max(sent if quantity is None else min(quantity, sent), by_end, min(returned, whole))


def _fulfilment(evidence: Evidence, item: str) -> dict[str, Any]:
    """Where the item is and how it travels: by its completed request, else by the last that did not fail."""
    key, request = _request(evidence.requests_for[item], item)
    said = request.items()[item] if request else {}
    place = request.said("fulfillment_location_id") if request else None
    return {
        "fulfillment_location_id": place or _ends_say(evidence, item, "fulfillment_location_id"),
        "fulfillment_request_id": key,
        "carrier": said.get("carrier"),
        "tracking_code": said.get("tracking_code"),
        "shipped_at": said.get("shipped_at"),
    }


def _request(requests: Sequence[tuple[str, Request]], item: str) -> tuple[str | None, Request | None]:
    for states in ({"completed"}, {"assigned", "ready"}):
        having = [(key, request) for key, request in requests if request.status_of[item] in states]
        if having:
            return max(having, key=lambda each: position(each[1].has(item)))
    return None, None


def _first_product(evidence: Evidence, item: str) -> str | None:
    """From the first event that has it; of its lines, from the last that has it."""
    said = {
        place: product
        for name in NAMING
        for place, line in evidence.named[name].get(item, ())
        if (product := text(line.get("product_id"))) is not None
    }
    return said[min(said)] if said else None


def _ends_say(evidence: Evidence, item: str, field: str) -> str | None:
    return last(text(line.get(field)) for line in evidence.says(item, *ENDS))


def _swap(evidence: Evidence, item: str) -> dict[str, str | None]:
    replaces = last(gone for gone, new in evidence.replaced_by.items() if new == item)
    by = evidence.replaced_by.get(item)
    return {"replaced_by": by, "replaces": replaces, "swap": "inferred" if by or replaces else None}
