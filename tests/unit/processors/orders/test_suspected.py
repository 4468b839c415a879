"""Events that an order has probably lost: neither missing, nor for attention."""

from datetime import UTC, datetime, timedelta

import orjson
import pytest

from processors.orders.apply import OrderRules, apply, list_unprocessed
from processors.orders.events import BIT
from processors.orders.fact import Fact
from processors.orders.order_rules import History
from processors.orders.unprocessed import Unprocessed
from tests.unit.processors.orders.facts import (
    EVERYTHING,
    ORDER_ID,
    TENANT,
    clock,
    fact,
    in_any_order,
    items,
    paid,
    request,
    state_of,
)
from tests.unit.processors.orders.test_attention import OPENED, RETURNED, refunded

LOST_OF_A = "fulfillment_request.items_completed:A"
FROM_STORE = {"fulfillment_location_id": "store"}


@pytest.mark.parametrize(
    ("facts", "expected"),
    [
        ([], []),
        (
            [
                request("items_completed", 3, "A"),
                fact("order.completed", clock(5), items=items("A", status="complete")),
            ],
            [],
        ),
        (
            [fact("order.completed", clock(5), items=items("A", "B", status="complete"))],
            ["fulfillment_request.items_completed:A", "fulfillment_request.items_completed:B"],
        ),
        (
            [
                request("items_completed", 3, "B"),
                fact("order.completed", clock(5), items=items("A", "B", status="complete")),
            ],
            ["fulfillment_request.items_completed:A"],
        ),
        ([fact("order.completed", clock(5), items=items("A", "card by e-mail", status="complete"))], [LOST_OF_A]),
        (
            [fact("order.completed", clock(5), items=items("C", status="complete", **FROM_STORE))],
            ["fulfillment_request.items_completed:C"],
        ),
        ([fact("order.completed", clock(5), items=items("A", status="cancelled"))], []),
        ([fact("order.completed", clock(5), items=items("A"))], []),
        ([paid("captured", 2, "t", 20)], ["payment_account.amount_authorized"]),
        ([paid("authorized", 1, "t", 20), paid("captured", 2, "t", 20)], []),
        ([paid("authorized", 1, "t", 20)], []),
        ([paid("captured", 2, "t", 0)], []),  # of a free order
        ([paid("captured", 2, "t", "much")], ["payment_account.amount_authorized"]),
        ([refunded(0), paid("refunded", 9, "s", "0.00", correlation_id="elsewhere")], []),
        ([refunded("much")], ["return_or_refund_request:refunded:r"]),
        (
            [paid("authorized", 1, "t", 20), paid("captured", 2, "t", 20), refunded(5)],
            ["return_or_refund_request:refunded:r"],
        ),
        ([paid("authorized", 1, "t", 20), paid("captured", 2, "t", 20), RETURNED, refunded(5)], []),
    ],
)
def test_soft_gaps_are_suspected_and_neither_missing_nor_for_attention(facts: list[Fact], expected: list[str]) -> None:
    created = fact("order.created", clock(0), currency="EUR", items=items("A", "B"))
    state = in_any_order(created, OPENED, request("assigned", 1, "A", "B"), *facts)
    assert sorted(state["suspected"]) == expected
    assert (state["missing"], state["provisional"], state["incomplete"]) == ([], False, False)


DOUBTFUL = [
    fact("order.completed", clock(5), items=items("A", status="complete", **FROM_STORE)),
    paid("captured", 2, "t", 20),
    paid("refunded", 8, "r", 5, correlation_id="return-1"),
]
SUSPECTED = [
    "fulfillment_request.items_completed:A",
    "payment_account.amount_authorized",
    "return_or_refund_request:refunded:r",
]


def suspected(*facts: Fact, rules: OrderRules) -> list[str]:
    """Return what is suspected of these."""
    found: list[str] = state_of(OPENED, *DOUBTFUL, *facts, rules=rules)["suspected"]
    return found


@pytest.mark.parametrize(
    ("outside", "left"),
    [
        ("fulfillment_request.items_completed", SUSPECTED[1:2]),
        ("payment_account.amount_authorized", SUSPECTED[:1]),
        ("return.processed", SUSPECTED[:2]),
        ("refund_request.issued", SUSPECTED[:2]),
        ("invoice.created", SUSPECTED),
    ],
)
def test_nothing_is_suspected_of_events_that_the_deployment_does_not_get(outside: str, left: list[str]) -> None:
    assert suspected(rules=OrderRules(events=frozenset(BIT) - {outside})) == left


def test_nothing_is_suspected_of_what_was_before_the_bridge() -> None:
    assert suspected(rules=EVERYTHING) == SUSPECTED
    assert suspected(fact("order.created", clock(0), is_historical=True), rules=EVERYTHING) == []
    began = History.before(datetime(2025, 1, 1, tzinfo=UTC), timedelta(days=1))
    assert suspected(rules=OrderRules(history=began)) == []


def test_an_event_that_came_and_could_not_be_processed_is_not_suspected() -> None:
    failed = Unprocessed(ORDER_ID, TENANT, ["payment_account.amount_authorized", "key", "0:9", "a bug", clock(9)])
    applied, _ = list_unprocessed(apply(None, [OPENED, *DOUBTFUL], EVERYTHING).row, [failed], EVERYTHING)
    assert orjson.loads(applied.state)["suspected"] == [SUSPECTED[0], SUSPECTED[2]]
