"""The lifecycles that NewStore describes, step by step: what the order is after each of them."""

from collections.abc import Sequence

import pytest

from processors.orders.fact import Fact
from tests.unit.processors.orders.facts import (
    Json,
    back,
    clock,
    fact,
    in_any_order,
    items,
    paid,
    pieces,
    request,
    statuses,
)

Steps = Sequence[tuple[Fact, Json]]
"""Facts as they happened, and what changes in the document with each of them."""

ITEMS = items("A", "B", quantity=1)
CREATED = fact("order.created", clock(0), items=ITEMS, currency="EUR", grand_total=50)
OPENED = fact("order.opened", clock(2), items=ITEMS, currency="EUR", grand_total=50)
AUTHORIZED = paid("authorized", 1, "a", 50)
STORE, DC = {"request_id": "store-1"}, {"request_id": "dc-1"}


def completed(second: int, *ids: str) -> Fact:
    """Return the end of an order all of whose items are complete."""
    return fact("order.completed", clock(second), items=items(*ids, status="complete"))


def summary(state: Json) -> Json:
    """Return what the steps change: the statuses of the order and of its items."""
    names = ("status", "fulfillment_status", "payment_status", "return_status")
    return {name.removesuffix("_status"): state[name] for name in names} | statuses(state)


PLAIN: Steps = [
    (CREATED, {"status": "created", "fulfillment": "unfulfilled", "payment": "none", "return": "none"}),
    (AUTHORIZED, {"payment": "authorized"}),
    (OPENED, {"status": "open", "A": "pending", "B": "pending"}),
    (request("assigned", 3, "A", "B", **DC), {"A": "in_fulfillment", "B": "in_fulfillment"}),
    (request("items_completed", 4, "A", **DC), {"A": "complete", "fulfillment": "partial"}),
    (fact("invoice.created", clock(4), id="invoice-1"), {}),
    (request("items_completed", 5, "B", **DC), {"B": "complete", "fulfillment": "fulfilled"}),
    (paid("captured", 6, "c", 50), {"payment": "captured"}),
    (completed(7, "A", "B"), {"status": "completed"}),
]
REROUTED: Steps = [
    *PLAIN[:3],
    (request("assigned", 3, "A", "B", **STORE), {"A": "in_fulfillment", "B": "in_fulfillment"}),
    (request("items_failed", 4, "A", "B", **STORE), {"A": "pending", "B": "pending"}),
    (request("assigned", 5, "A", "B", **DC), {"A": "in_fulfillment", "B": "in_fulfillment"}),
    (
        request("items_completed", 6, "A", "B", **DC),
        {"A": "complete", "B": "complete", "fulfillment": "fulfilled"},
    ),
    (completed(7, "A", "B"), {"status": "completed"}),
]
PICKED_UP: Steps = [
    *PLAIN[:3],
    (request("assigned", 3, "A", "B", **STORE), {"A": "in_fulfillment", "B": "in_fulfillment"}),
    (request("items_ready_for_handover", 4, "A", "B", **STORE), {}),
    (request("items_completed", 5, "A", **STORE), {"A": "complete", "fulfillment": "partial"}),
    (request("items_completed", 6, "B", **STORE), {"B": "complete", "fulfillment": "fulfilled"}),
    (completed(7, "A", "B"), {"status": "completed"}),
]
HELD: Steps = [
    *PLAIN[:3],
    (request("assigned", 3, "A", "B", **DC), {"A": "in_fulfillment", "B": "in_fulfillment"}),
    (request("items_failed", 4, "A", "B", **DC), {"A": "pending", "B": "pending"}),
    (
        fact("order.items_on_hold", clock(4), items=items("A", "B")),
        {"status": "on_hold", "A": "on_hold", "B": "on_hold"},
    ),
    (request("assigned", 5, "A", **STORE), {"A": "in_fulfillment"}),
    (
        fact("order.items_cancelled", clock(6), items=items("B", cancellation_reason="out_of_stock")),
        {"B": "cancelled", "status": "open"},
    ),
    (request("items_completed", 7, "A", **STORE), {"A": "complete", "fulfillment": "fulfilled"}),
    (paid("captured", 8, "c", 25), {"payment": "partially_captured"}),
    (
        fact("order.completed", clock(9), items=[*items("A", status="complete"), *items("B", status="cancelled")]),
        {"status": "completed", "payment": "captured"},
    ),
]
CANCELLED_EARLY: Steps = [
    *PLAIN[:2],
    (
        fact("order.cancelled", clock(2), items=items("A", "B", status="cancelled")),
        {"status": "cancelled", "A": "cancelled", "B": "cancelled", "fulfillment": "not_required"},
    ),
    (paid("voided", 3, "v", 50), {"payment": "voided"}),
]
SWAPPED: Steps = [
    *PLAIN[:2],
    (fact("order.items_swapped", clock(1), items=[{"id": "B", "new_item_id": "C"}]), {}),
    (
        fact("order.opened", clock(2), items=items("A", "C", quantity=1), currency="EUR", grand_total=50),
        {"status": "open", "B": "replaced", "C": "pending"},
    ),
    (request("assigned", 3, "A", "C", **DC), {"A": "in_fulfillment", "C": "in_fulfillment"}),
    (
        request("items_completed", 4, "A", "C", **DC),
        {"A": "complete", "C": "complete", "fulfillment": "fulfilled"},
    ),
    (completed(7, "A", "C"), {"status": "completed"}),
    (
        back("r1", 20, pieces("A"), pieces("C"), total_refund_amount=50),
        {"A": "returned", "C": "returned", "return": "full"},
    ),
]
RETURNED: Steps = [
    *PLAIN,
    (
        back("r1", 20, pieces("A"), pieces("ship-1", item_type="shipping"), total_refund_amount=20, currency="EUR"),
        {"A": "returned", "return": "partial"},
    ),
    (paid("refunded", 21, "r", -20, correlation_id="r1"), {"payment": "partially_refunded"}),
    (back("r2", 30, pieces("B"), total_refund_amount=30, currency="EUR"), {"B": "returned", "return": "full"}),
    (paid("refunded", 31, "s", -30, correlation_id="r2"), {"payment": "refunded"}),
]
APPEASED: Steps = [
    *PLAIN,
    (fact("refund_request.issued", clock(20), id="ask-1", amount=5, currency="EUR"), {}),
    (paid("refunded", 21, "r", -5, correlation_id="ask-1"), {"payment": "partially_refunded"}),
]
CAPTURED_LATE: Steps = [
    *PLAIN[:7],
    (completed(8, "A", "B"), {"status": "completed"}),
    (paid("captured", 9, "c", 20), {"payment": "captured"}),
    (paid("captured", 10, "d", 30), {}),
]
LIVES = {
    "plain": PLAIN,
    "rerouted": REROUTED,
    "picked up in a store": PICKED_UP,
    "failed, held, assigned again and cancelled in part": HELD,
    "cancelled before it is opened": CANCELLED_EARLY,
    "an item swapped": SWAPPED,
    "returned and refunded": RETURNED,
    "a refund asked for": APPEASED,
    "captured after completion": CAPTURED_LATE,
}


@pytest.mark.parametrize("steps", LIVES.values(), ids=LIVES)
def test_each_step_changes_what_it_is_about_and_nothing_else(steps: Steps) -> None:
    expected: Json = {"A": "pending", "B": "pending"}
    for count, (_, change) in enumerate(steps, start=1):
        expected |= change
        state = in_any_order(*(step for step, _ in steps[:count]))
        assert summary(state) == expected, steps[count - 1][0].event
        assert (state["missing"], state["contradictions"], state["attention"]) == ([], [], [])


def test_a_request_in_a_store_is_ready_and_then_completed_line_by_line() -> None:
    facts = [step for step, _ in PICKED_UP]
    assert [
        in_any_order(*facts[:count])["fulfillment_requests"]["store-1"]["status"] for count in range(4, len(facts) + 1)
    ] == ["assigned", "ready", "partially_completed", "completed", "completed"]


def test_a_purchase_in_a_store_is_handed_over_without_an_assignment() -> None:
    handed = request("items_completed", 3, "A", "B", service_level="IN_STORE_HANDOVER", **STORE)
    state = in_any_order(CREATED, AUTHORIZED, OPENED, handed, completed(4, "A", "B"))
    assert (state["status"], state["missing"], state["fulfillment_status"]) == ("completed", [], "fulfilled")


def test_an_exchange_is_a_return_and_a_new_order() -> None:
    new = fact(
        "order.opened",
        clock(2),
        items=ITEMS,
        is_exchange=True,
        exchanges=[{"order_id": "order-0", "return_id": "r1"}],
        currency="EUR",
        grand_total=30,
    )
    state = in_any_order(CREATED, new, paid("authorized", 2, "x", 30, method="store_credit"))
    assert (state["order"]["is_exchange"], state["payment_status"]) == (True, "authorized")
    old = in_any_order(*(step for step, _ in RETURNED[:10]), paid("refunded", 21, "r", 5, correlation_id="r1"))
    assert (old["returns"]["r1"]["refund_outstanding"], old["payment_status"]) == ("15", "partially_refunded")
    assert old["attention"] == []


def test_an_imported_order_is_completed_and_lacks_nothing() -> None:
    imported = [
        fact(name, clock(0), items=ITEMS, is_historical=True, placed_at="2019-01-01T00:00:00Z")
        for name in ("order.created", "order.opened")
    ]
    shipments = [request("items_completed", 1, item_id, request_id=f"request-{item_id}") for item_id in "AB"]
    state = in_any_order(*imported, *shipments, paid("captured", 1, "c", 17))
    assert (state["status"], state["fulfillment_status"], state["missing"]) == ("completed", "fulfilled", [])
    assert state["order"]["is_historical"] is True


def test_an_order_cancelled_before_it_is_created_stays_cancelled() -> None:
    state = in_any_order(fact("order.cancelled", clock(9), items=ITEMS), CREATED)
    assert (state["status"], state["missing"], statuses(state)) == (
        "cancelled",
        [],
        {"A": "cancelled", "B": "cancelled"},
    )
