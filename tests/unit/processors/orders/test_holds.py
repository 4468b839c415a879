"""Holds are neither lost nor come back."""

from typing import Any

import pytest

from processors.orders.fact import Fact
from tests.unit.processors.orders.facts import clock, counts, fact, in_any_order, items, request, statuses

OPENED = fact("order.opened", clock(1), items=items("A", "B", quantity=1))
ASSIGNED = request("assigned", 2, "A")
HELD = fact("order.items_on_hold", clock(5), items=items("A"))


def milliseconds(event: str, fraction: str, **payload: Any) -> Fact:
    """Return a fact about item A within the fifth second."""
    return fact(event, f"2024-05-01T10:00:05.{fraction}Z", items=items("A"), **payload)


@pytest.mark.parametrize("failed_at", ["500", "501"])
def test_a_hold_with_the_failure_that_it_comes_from_is_not_lost(failed_at: str) -> None:
    """When a store refuses, the hold has the same millisecond, or one earlier."""
    held = milliseconds("order.items_on_hold", "500")
    failed = milliseconds("fulfillment_request.items_failed", failed_at, id="request-1", logical_timestamp=9)
    state = in_any_order(OPENED, ASSIGNED, held, failed)
    assert (statuses(state)["A"], state["status"]) == ("on_hold", "on_hold")


def test_a_hold_that_is_published_again_does_not_hold_what_was_shipped() -> None:
    again = fact("order.items_on_hold", clock(50), items=items("A"))
    assigned = request("assigned", 6, "A", request_id="request-2")
    state = in_any_order(OPENED, HELD, assigned, request("items_completed", 7, "A", request_id="request-2"), again)
    assert (statuses(state)["A"], state["status"], state["version"]) == ("complete", "open", 5)


def test_the_failure_of_the_old_request_takes_nothing_from_the_new_one() -> None:
    new = [
        request("assigned", 3, "A", request_id="request-2"),
        request("items_completed", 4, "A", request_id="request-2"),
    ]
    state = in_any_order(OPENED, ASSIGNED, *new, request("items_failed", 6, "A"))
    assert (statuses(state)["A"], state["fulfillment_requests"]["request-1"]["status"]) == ("complete", "failed")


@pytest.mark.parametrize(
    ("end", "item", "order"),
    [
        (request("assigned", 6, "A", request_id="request-2"), "in_fulfillment", "open"),
        (fact("order.items_cancelled", clock(6), items=items("A")), "cancelled", "open"),
        (fact("order.items_cancelled", clock(3), items=items("A")), "cancelled", "open"),
        (request("items_completed", 6, "A"), "complete", "open"),
        (request("items_completed", 3, "A"), "complete", "open"),
        (fact("order.shipped", clock(6), items=items("A")), "complete", "open"),
        (fact("order.completed", clock(6), items=items("A", "B", status="complete")), "complete", "completed"),
        (fact("order.cancelled", clock(6), items=items("A", "B")), "cancelled", "cancelled"),
    ],
)
def test_a_hold_ends_with_a_later_assignment_and_with_what_is_certain(end: Fact, item: str, order: str) -> None:
    state = in_any_order(OPENED, ASSIGNED, HELD, end)
    assert (statuses(state)["A"], state["status"]) == (item, order)


@pytest.mark.parametrize(
    "other",
    [
        ASSIGNED,
        request("assigned", 5, "A", request_id="request-2"),
        request("assigned", 6, "B", request_id="request-2"),
        request("items_failed", 6, "A"),
        request("items_ready_for_handover", 6, "A"),
        request("items_teleported", 6, "A"),
        request("items_completed", 6, "B"),
        fact("order.items_cancelled", clock(6), items="A"),
        fact("order.items_swapped", clock(6), items=items("A")),
        fact("order.serial_numbers_added", clock(6), items=items("A")),
        fact("payment_account.amount_captured", clock(6), items=items("A")),
        fact("order.gift_wrapped", clock(6), items=items("A")),
    ],
)
def test_nothing_else_ends_a_hold(other: Fact) -> None:
    state = in_any_order(OPENED, ASSIGNED, HELD, other)
    assert (statuses(state)["A"], state["status"]) == ("on_hold", "on_hold")


def test_an_item_can_be_held_again() -> None:
    second = fact("order.items_on_hold", clock(8), items=items("A"), note="again")
    state = in_any_order(OPENED, HELD, request("assigned", 6, "A"), second)
    assert (statuses(state)["A"], state["status"]) == ("on_hold", "on_hold")


def test_the_end_of_the_order_ends_a_hold_even_of_an_item_it_does_not_state() -> None:
    state = in_any_order(OPENED, HELD, fact("order.completed", clock(9), items=items("B", status="complete")))
    assert (statuses(state)["A"] == "on_hold", state["status"]) == (False, "completed")


def test_an_order_is_on_hold_while_one_of_its_items_is_and_counts_tell_how_many() -> None:
    ids = [f"item-{n}" for n in range(10)]
    opened = fact("order.opened", clock(1), items=items(*ids))
    held = fact("order.items_on_hold", clock(3), items=items(*ids[:2]))
    facts = [opened, request("assigned", 2, *ids), held]
    one, both = request("assigned", 4, ids[0], request_id="r2"), request("assigned", 5, *ids[:2], request_id="r3")
    state = in_any_order(*facts)
    assert (state["status"], counts(state)) == ("on_hold", {"on_hold": 2, "in_fulfillment": 8})
    state = in_any_order(*facts, one)
    assert (state["status"], counts(state)) == ("on_hold", {"on_hold": 1, "in_fulfillment": 9})
    state = in_any_order(*facts, one, both)
    assert (state["status"], counts(state)) == ("open", {"in_fulfillment": 10})
