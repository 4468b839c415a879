"""The last state of each order against a simple fold of the events that belong to it."""

import json
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from tests.checker.expected import Expected
from tests.checker.murmur2 import partition_of
from tests.checker.names import ORDERS
from tests.checker.record import Record

_HOLDS = "order.items_on_hold"
_DECIDE_HOLD = (_HOLDS, "order.items_cancelled", "order.items_swapped")


def wrong_order_states(expected: Iterable[Expected], states: Sequence[Record], partitions: int) -> Iterator[str]:
    """Counter-examples; ``states``: all records of the order-state topic, each partition in its order."""
    facts: dict[str, list[Expected]] = defaultdict(list)
    for output in expected:
        if output.dataset == ORDERS and output.meaning and output.meaning.order:
            facts[output.meaning.order].append(output)
    last = {record.key: record for record in states}
    for key in last.keys() - {order.encode() for order in facts}:
        yield f"{last[key]}: no event of such an order was sent"
    for order, outputs in facts.items():
        record = last.get(order.encode())
        if record is None:
            yield f"order {order}: no state"
        elif record.partition != partition_of(order.encode(), partitions):
            yield f"{record}: misplaced, its key belongs to partition {partition_of(order.encode(), partitions)}"
        else:
            yield from _differences(order, outputs, record)


def _differences(order: str, facts: Sequence[Expected], record: Record) -> Iterator[str]:
    state = json.loads(record.value or b"{}")
    wanted = {"order_id": order, "status": status([_body(fact) for fact in facts]), "version": len(facts)}
    for field, value in wanted.items():
        if state.get(field) != value:
            yield f"{record}: {field} is {state.get(field)!r}, not {value!r}"
    timeline = sorted((entry["event"], entry["source"]) for entry in state.get("timeline", ()))
    if timeline != sorted((_body(fact)["name"], str(fact.source.source)) for fact in facts):
        yield f"{record}: timeline is not that of the events in {facts[0].dataset}: {timeline}"


def status(bodies: Iterable[dict[str, Any]]) -> str:
    """The order's status: the first that its events justify. ``published_at`` must be distinct UTC times."""
    ordered = sorted(bodies, key=lambda body: str(body.get("published_at", "")).strip().removesuffix("Z"))
    names = {body["name"] for body in ordered}
    held: dict[str, bool] = {}
    for body in ordered:
        if body["name"] in _DECIDE_HOLD or body["name"].startswith("fulfillment_request."):
            held |= {item["id"]: body["name"] == _HOLDS for item in body["payload"].get("items", ())}
    rules = {
        "cancelled": "order.cancelled" in names,
        "completed": "order.completed" in names,
        "on_hold": any(held.values()),
        "open": "order.opened" in names,
        "created": any(name.startswith("order.") for name in names),
    }
    return next((name for name, holds in rules.items() if holds), "unknown")


def _body(fact: Expected) -> dict[str, Any]:
    body: dict[str, Any] = json.loads(fact.source.value or b"", parse_int=str)  # int() reads 4,300 digits at most
    return body
