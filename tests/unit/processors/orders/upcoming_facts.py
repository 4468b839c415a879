"""Facts that others must follow, and what is awaited after them."""

from typing import Any

import orjson
from msgspec.structs import replace

from processors.orders.apply import OrderRules, apply, mark_late
from processors.orders.fact import Fact
from processors.orders.next_look import upcoming_deadlines
from processors.orders.render.document import render
from processors.orders.row import load
from schemas.instant import rfc3339_millis
from tests.unit.processors.orders.facts import (
    EVERYTHING,
    Json,
    clock,
    fact,
    items,
    paid,
    request,
)

HOUR = 3_600_000
DAY = 24 * HOUR
START = 1_714_557_600_000 + 60_000
"""A minute after `clock(0)`, in milliseconds: all is received after it is published."""
OPENED, CAPTURED, COMPLETED = "order.opened", "payment_account.amount_captured", "order.completed"
REFUNDED, HANDED_OVER = "payment_account.amount_refunded", "fulfillment_request.items_completed"


def at(of: Fact, hours: float) -> Fact:
    """The same fact, received so many hours after the start."""
    return replace(of, received_at=rfc3339_millis(START + round(hours * HOUR)))


def created(**fields: Any) -> Fact:
    said: Json = {"items": items("A", quantity=1), "currency": "EUR", "grand_total": 10, **fields}
    return fact("order.created", clock(0), n=START, **said)


def opened(*ids: str, **fields: Any) -> Fact:
    said: Json = {"items": items(*(ids or "A"), quantity=1), "currency": "EUR", "grand_total": 10, **fields}
    return fact(OPENED, clock(1), n=START, **said)


def shipped(hours: float, *ids: str, request_id: str = "request-1") -> Fact:
    return at(request("items_completed", 5, *(ids or "A"), request_id=request_id), hours)


def told(action: str, hours: float, amount: object = 10, **fields: Any) -> Fact:
    return at(paid(action, 6, f"{action}-1", amount, **fields), hours)


CLOSED = fact(COMPLETED, clock(9), n=START + 9 * HOUR)
BEGINNING = (created(), opened(), at(request("assigned", 2, "A"), 0))
DONE = (*BEGINNING, shipped(0), told("authorized", 0), told("captured", 0), CLOSED)
"""A whole order: nothing comes next."""


def due(*facts: Fact, rules: OrderRules = EVERYTHING) -> dict[str, float]:
    """What must come next, and after how many hours it is overdue, the same in any order of arrival."""
    found = []
    for arrived in (facts, facts[::-1]):
        row = load(apply(None, arrived, rules).row)
        row.due = 0
        deadlines = upcoming_deadlines(row, render(row, rules), rules)
        found.append({name: (deadline - START) / HOUR for name, deadline in deadlines.items()})
    assert found[0] == found[1]
    return found[0]


def stalled(row: bytes, hours: float, rules: OrderRules = EVERYTHING) -> list[str]:
    """What the order is stalled for, as of a sweep so many hours after the start."""
    found: list[str] = orjson.loads(mark_late(row, START + round(hours * HOUR), rules).state)["stalled"]
    return found
