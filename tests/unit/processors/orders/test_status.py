"""The order's status: cancelled > completed > on_hold > open > created > unknown."""

import pytest

from processors.orders.fact import Fact
from tests.unit.processors.orders.facts import clock, fact, items, request, state_of

CREATED = fact("order.created", clock(0), items=items("A"))
OPENED = fact("order.opened", clock(1), items=items("A"))
HELD = fact("order.items_on_hold", clock(2), items=items("A"))
COMPLETED = fact("order.completed", clock(3), items=items("A", status="complete"))
CANCELLED = fact("order.cancelled", clock(4), items=items("A"))


@pytest.mark.parametrize(
    ("facts", "status"),
    [
        ([CREATED, OPENED, HELD, COMPLETED, CANCELLED], "cancelled"),
        ([CREATED, OPENED, HELD, COMPLETED], "completed"),
        ([CREATED, OPENED, HELD], "on_hold"),
        ([CREATED, OPENED], "open"),
        ([CREATED], "created"),
        ([request("assigned", 0, "A")], "unknown"),
        ([fact("invoice.created")], "unknown"),
    ],
)
def test_the_strongest_fact_decides_whatever_came_first(facts: list[Fact], status: str) -> None:
    assert state_of(*facts)["status"] == status
    assert state_of(*reversed(facts))["status"] == status


def test_an_order_cancelled_before_it_is_created_stays_cancelled() -> None:
    early = state_of(CANCELLED)
    assert (early["status"], early["provisional"], early["missing"]) == ("cancelled", True, ["order.created"])
    late = state_of(CANCELLED, CREATED)
    assert (late["status"], late["provisional"], late["missing"]) == ("cancelled", False, [])


def test_completed_outranks_cancelled_at_no_instant() -> None:
    completed_later = fact("order.completed", clock(9))
    assert state_of(CANCELLED, completed_later)["status"] == "cancelled"


@pytest.mark.parametrize("event", ["order.items_cancelled", "order.shipped", "order.gift_wrapped"])
def test_any_other_order_event_shows_that_the_order_was_created(event: str) -> None:
    assert state_of(fact(event))["status"] == "created"


@pytest.mark.parametrize(
    "release",
    [
        fact("order.items_cancelled", clock(3), items=items("A")),
        fact("order.items_swapped", clock(3), items=items("A")),
        request("assigned", 3, "A"),
        request("items_ready_for_handover", 3, "A"),
        request("items_failed", 3, "A"),
        request("items_completed", 3, "A"),
        request("items_teleported", 3, "A"),
    ],
)
def test_a_hold_ends_with_the_next_fact_about_the_item(release: Fact) -> None:
    assert state_of(CREATED, OPENED, HELD, release)["status"] == "open"
    assert state_of(CREATED, OPENED, release, HELD)["status"] == "open"


def test_a_hold_outlasts_facts_that_happened_before_it() -> None:
    assert state_of(CREATED, OPENED, HELD, request("assigned", 1, "A"))["status"] == "on_hold"


def test_a_hold_outlasts_facts_about_other_items_and_none() -> None:
    other = request("items_completed", 3, "B")
    nameless = fact("order.items_cancelled", clock(3), items="A")
    paid = fact("payment_account.amount_captured", clock(3), items=items("A"))
    assert state_of(CREATED, OPENED, HELD, other, nameless, paid)["status"] == "on_hold"


def test_an_order_is_on_hold_while_one_of_its_items_is() -> None:
    both = fact("order.items_on_hold", clock(2), items=items("A", "B"))
    assert state_of(OPENED, both, request("assigned", 3, "A"))["status"] == "on_hold"
    assert state_of(OPENED, both, request("assigned", 3, "A", "B"))["status"] == "open"


def test_an_item_can_be_held_again() -> None:
    again = fact("order.items_on_hold", clock(5), items=items("A"))
    assert state_of(OPENED, again, HELD, request("items_failed", 4, "A"))["status"] == "on_hold"


def test_at_one_instant_rank_decides_whether_the_hold_came_last() -> None:
    held = fact("order.items_on_hold", clock(2), items=items("A"))
    assert state_of(OPENED, held, request("assigned", 2, "A"))["status"] == "on_hold"
    assert state_of(OPENED, held, request("items_failed", 2, "A"))["status"] == "open"
