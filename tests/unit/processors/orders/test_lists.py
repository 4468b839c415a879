"""A list with members that cannot be told apart says what it has, but not that this is all."""

import pytest

from tests.unit.processors.orders.facts import (
    Json,
    back,
    clock,
    fact,
    in_any_order,
    items,
    kinds,
    paid,
    pieces,
    request,
    statuses,
)
from tests.unit.processors.orders.upcoming_facts import due

PRICED: Json = {"quantity": 1, "list_price": 50, "item_discounts": 0, "order_discounts": 0, "tax": 0}
HEAD: Json = {"currency": "EUR", "grand_total": 100, "price_method": "tax_excluded"}
UNCLEAR = [
    [*items("A", **PRICED), {"id": None, **PRICED}],
    [*items("A", **PRICED), {"id": "", **PRICED}],
    [*items("A", **PRICED), PRICED],
    [*items("A", **PRICED), "B"],
    [*items("A", **PRICED), *items("A", **PRICED | {"list_price": 40})],
    [*items("A", **PRICED), *items("A", **PRICED)],
]
CANCELLED = fact("order.items_cancelled", clock(4), items=items("A"))
BACK = back("r", 9, pieces("A"), total_refund_amount=50)


@pytest.mark.parametrize("said", UNCLEAR)
@pytest.mark.parametrize("event", ["created", "opened"])
def test_the_last_item_that_is_known_is_not_the_last_one_there_is(said: list[object], event: str) -> None:
    made = fact(f"order.{event}", clock(1), **HEAD, items=said)
    state = in_any_order(made, CANCELLED, paid("captured", 5, "c", 50))
    assert (statuses(state), state["items"]["A"]["ordered"]) == ({"A": "cancelled"}, True)
    assert (state["status"], state["fulfillment_status"]) == (event.replace("opened", "open"), "unfulfilled")
    assert (state["order"]["grand_total"], state["order"]["current_total"]) == ("100", None)
    assert not any(name.startswith("payment_account") for name in due(made, CANCELLED, paid("captured", 5, "c", 50)))
    sent = in_any_order(made, request("items_completed", 5, "A"), BACK)
    assert (sent["fulfillment_status"], sent["return_status"]) == ("partial", "partial")


@pytest.mark.parametrize("said", UNCLEAR[-2:])
def test_how_many_pieces_there_are_of_an_item_that_has_two_members_nobody_knows(said: list[object]) -> None:
    """Requests, cancellations, ends of the order and returns have a member for each piece."""
    made = fact("order.opened", clock(1), **HEAD, items=said)
    state = in_any_order(made, request("items_completed", 5, "A", "A"), BACK, back("s", 10, pieces("A")))
    assert (state["items"]["A"]["quantity"], state["items"]["A"]["returned_quantity"]) == (None, 2)
    assert kinds(state) == []
    ended = fact("order.completed", clock(6), items=items("A", "A", status="complete"))
    assert in_any_order(made, ended)["items"]["A"]["quantity"] is None
    counted = fact("order.completed", clock(6), items=items("A", "A", status="complete", quantity=1))
    assert in_any_order(made, counted)["items"]["A"]["quantity"] == 2
    whole = fact("order.created", clock(0), **HEAD, items=items("A", **PRICED | {"quantity": 2}))
    assert in_any_order(whole, made)["items"]["A"]["quantity"] == 2


def test_what_an_unclear_list_leaves_out_is_not_replaced() -> None:
    created = fact("order.created", clock(0), **HEAD, items=items("A", "B", **PRICED))
    made = fact("order.opened", clock(1), **HEAD, items=UNCLEAR[0])
    assert statuses(in_any_order(created, made)) == {"A": "pending", "B": "pending"}


def test_the_list_that_counts_decides() -> None:
    created = fact("order.created", clock(0), **HEAD, items=UNCLEAR[0])
    made = fact("order.opened", clock(1), **HEAD, items=items("A", "B", **PRICED))
    assert in_any_order(created, made, CANCELLED)["order"]["current_total"] == "50"
    again = fact("order.opened", clock(2), **HEAD, items=UNCLEAR[1])
    assert in_any_order(created, made, again, CANCELLED)["order"]["current_total"] is None
    nameless = fact("order.opened", clock(1), **HEAD, items=[{"id": None}])
    whole = fact("order.created", clock(0), **HEAD, items=items("A", **PRICED))
    assert in_any_order(whole, nameless, request("items_completed", 5, "A"))["fulfillment_status"] == "partial"


def test_an_order_that_is_cancelled_costs_nothing_whatever_was_in_it() -> None:
    made = fact("order.opened", clock(1), **HEAD, items=UNCLEAR[0])
    state = in_any_order(made, fact("order.cancelled", clock(4), items=[]))
    assert (state["status"], state["order"]["current_total"]) == ("cancelled", "0")
