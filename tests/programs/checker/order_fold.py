"""What an order's facts amount to, in the order in which they happened; docs/order-state.md, written once more."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from typing import Any

from tests.programs.checker.facts import ENDS, RETURN, Fact, instant, usable
from tests.programs.checker.order_items import items_of, progress, return_status
from tests.programs.checker.order_returns import returns_of

_CLOSES = {"order.cancelled", "order.completed"}
_SHIPPED = {"fulfillment_request.items_completed", "order.shipped", RETURN}


def state_of(facts: Sequence[Fact]) -> dict[str, Any]:
    """Fields of the document; of ``contradictions`` kind and sources, of ``timeline`` all but keys."""
    missing, items = sorted(_missing(facts)), items_of(facts)
    received = [fact.received_at for fact in facts]
    return {
        "status": _status(facts),
        "return_status": return_status(facts, items),
        "provisional": bool(missing),
        "missing": missing,
        "contradictions": sorted(_contradictions(facts)),
        "unprocessed": [],
        "items": items,
        "returns": returns_of(facts),
        "version": len(facts),
        "timeline": [(fact.name, fact.source, instant(fact.published_at), fact.received_at) for fact in facts],
        "first_received_at": min(received),
        "last_received_at": max(received),
    }


def _status(facts: Sequence[Fact]) -> str:
    names = {fact.name for fact in facts}
    rules = {
        "cancelled": "order.cancelled" in names,
        "completed": "order.completed" in names,
        "on_hold": "on_hold" in progress(facts).values(),
        "open": "order.opened" in names,
        "created": any(name.startswith("order.") for name in names),
    }
    return next((name for name, holds in rules.items() if holds), "unknown")


def _missing(facts: Sequence[Fact]) -> Iterator[str]:
    names = {fact.name for fact in facts}
    requests = {fact.id for fact in facts if fact.of_request and fact.id}
    assigned = {fact.id for fact in facts if fact.name == "fulfillment_request.assigned"}
    if "order.created" not in names:
        yield "order.created"
    if "order.opened" not in names and (any(fact.of_request for fact in facts) or "order.completed" in names):
        yield "order.opened"
    yield from (f"fulfillment_request.assigned:{request}" for request in requests - assigned)


def _contradictions(facts: Sequence[Fact]) -> Iterator[tuple[str, list[str]]]:
    rivals: dict[str, list[str]] = defaultdict(list)
    for fact in facts:
        rivals[fact.event].append(fact.source)
    yield from (("conflicting_payloads", sorted(sources)) for sources in rivals.values() if len(sources) > 1)
    ends = [fact for fact in facts if fact.name in _CLOSES]
    if {fact.name for fact in ends} == _CLOSES and any(map(_proves_shipment, facts)):
        yield "cancelled_and_completed", sorted(fact.source for fact in ends)


def _proves_shipment(fact: Fact) -> bool:
    stated = {usable(line.get("status")) for _, line in fact.by_item()} if fact.name in ENDS else set()
    return fact.name in _SHIPPED or not stated.isdisjoint({"complete", "returned"})
