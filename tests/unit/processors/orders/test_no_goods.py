"""Gift wrapping and shipping in an order's list are paid for, but never sent, and never come back."""

import pytest

from processors.orders.fact import Fact
from tests.unit.processors.orders.facts import (
    Json,
    back,
    clock,
    counts,
    fact,
    in_any_order,
    items,
    kinds,
    paid,
    pieces,
    request,
    statuses,
)
from tests.unit.processors.orders.test_cancelled_money import LINE
from tests.unit.processors.orders.upcoming_facts import CAPTURED, COMPLETED, HANDED_OVER, at, due, shipped, told

SENT = (request("assigned", 5, "A"), request("items_completed", 10, "A"))


def listed(kind: str, *, grand_total: int = 0) -> Fact:
    """A list with one piece of goods, and one line of this kind."""
    said: list[Json] = [*items("A", quantity=1, item_type="product"), *items("W", quantity=1, item_type=kind)]
    return fact("order.opened", clock(2), items=said, currency="EUR", grand_total=grand_total)


@pytest.mark.parametrize(
    ("kind", "fulfilment", "returned"),
    [
        ("gift-wrapping", "fulfilled", "full"),
        ("shipping", "fulfilled", "full"),
        (" Shipping", "fulfilled", "full"),
        ("GIFT-WRAPPING", "fulfilled", "full"),
        ("something new", "partial", "partial"),
    ],
)
def test_an_order_is_whole_without_them(kind: str, fulfilment: str, returned: str) -> None:
    came_back = back("r", 50, pieces("A"), pieces("W", item_type="gift-wrapping"))
    state = in_any_order(listed(kind), *SENT, came_back)
    assert (state["fulfillment_status"], state["return_status"]) == (fulfilment, returned)


def test_they_are_no_pieces_that_were_sent_either() -> None:
    wrapped = (listed("gift-wrapping"), request("items_completed", 10, "W"))
    assert in_any_order(*wrapped)["fulfillment_status"] == "unfulfilled"
    assert in_any_order(*wrapped, back("r", 50, {"id": "W", "quantity": 1}))["return_status"] == "partial"


def test_an_order_of_which_only_they_are_left_is_cancelled() -> None:
    gone = fact("order.items_cancelled", clock(5), items=items("A"))
    state = in_any_order(listed("gift-wrapping"), gone)
    assert (state["status"], state["fulfillment_status"]) == ("cancelled", "not_required")
    assert counts(state) == {"cancelled": 1, "pending": 1}


def test_an_order_ends_without_them() -> None:
    out = fact("order.shipped", clock(10), items=items("A"))
    state = in_any_order(listed("gift-wrapping"), out)
    assert (state["status"], statuses(state)) == ("completed", {"A": "complete", "W": "pending"})
    assert COMPLETED in due(at(fact("order.created", clock(0)), 0), at(listed("gift-wrapping"), 0), shipped(1))


@pytest.mark.parametrize(("kind", "is_suspected"), [("gift-wrapping", False), ("shipping", False), ("product", True)])
def test_nobody_suspects_that_they_were_sent_unseen(kind: str, is_suspected: bool) -> None:
    end = fact("order.completed", clock(20), items=items("A", "W", status="complete", fulfillment_location_id="store"))
    suspected = in_any_order(listed(kind), *SENT, end)["suspected"]
    assert suspected == [f"{HANDED_OVER}:W"] * is_suspected


@pytest.mark.parametrize(("kind", "status"), [("gift-wrapping", "open"), ("shipping", "open"), ("product", "on_hold")])
def test_they_hold_no_order_whose_goods_went_on(kind: str, status: str) -> None:
    held = fact("order.items_on_hold", clock(3), items=items("A", "W"))
    state = in_any_order(listed(kind), held, *SENT)
    assert (state["status"], statuses(state)) == (status, {"A": "complete", "W": "on_hold"})


@pytest.mark.parametrize("kind", ["gift-wrapping", "shipping"])
def test_the_rest_of_the_money_is_awaited_all_the_same(kind: str) -> None:
    begun = at(fact("order.created", clock(0)), 0), at(listed(kind, grand_total=15), 0)
    paid_in_part = told("authorized", 0, 15), told("captured", 1, 10)
    assert due(*begun, *paid_in_part, shipped(2)) == {COMPLETED: 26, CAPTURED: 26}


@pytest.mark.parametrize(("kind", "is_goods"), [("gift-wrapping", False), ("shipping", False), ("product", True)])
@pytest.mark.parametrize("said", [{"item_type": "product"}, {"item_type": None}])
def test_what_the_list_calls_no_goods_is_none_in_a_return(said: Json, kind: str, is_goods: bool) -> None:
    """This holds whatever the return calls the line."""
    cancelled = fact("order.cancelled", clock(9))
    state = in_any_order(listed(kind), cancelled, back("r", 50, pieces("W", **said)))
    assert statuses(state)["W"] == ("returned" if is_goods else "cancelled")
    assert [len(state["returns"]["r"][part]) for part in ("items", "unmapped")] == [is_goods, not is_goods]
    assert kinds(state) == ["cancelled_and_shipped"] * is_goods


@pytest.mark.parametrize(
    ("item", "kind", "hours"), [("W", "gift-wrapping", 50), ("stranger", "shipping", 50), ("A", "product", 25)]
)
def test_money_is_not_due_since_they_were_given_back(item: str, kind: str, hours: float) -> None:
    begun = at(fact("order.created", clock(0)), 0), at(listed("gift-wrapping", grand_total=15), 0)
    given_back = at(back("r", 3, pieces(item, item_type=kind)), 1)
    assert due(*begun, given_back, shipped(26))[CAPTURED] == hours


def test_a_list_of_nothing_else_is_known_and_none_of_it_is_due() -> None:
    only = fact("order.opened", clock(2), items=items("W", quantity=1, item_type="shipping"))
    state = in_any_order(only, fact("order.items_cancelled", clock(5), items=items("W")))
    assert (state["status"], state["fulfillment_status"]) == ("open", "not_required")
    assert COMPLETED not in due(at(fact("order.created", clock(0)), 0), at(only, 0), shipped(1, "W"))


@pytest.mark.parametrize("kind", ["gift-wrapping", "shipping"])
def test_no_capture_is_awaited_for_one_that_was_cancelled(kind: str) -> None:
    lines = [*items("A", **LINE), *items("W", **LINE | {"list_price": 5}, item_type=kind)]
    said: Json = {"currency": "EUR", "grand_total": 35, "price_method": "tax_excluded", "items": lines}
    begun = [fact(event, clock(0), **said) for event in ("order.created", "order.opened")]
    ended = fact("order.completed", clock(20), items=items("A", status="complete"))
    life = [*begun, paid("authorized", 1, "a", 35), *SENT, paid("captured", 11, "c", 30), ended]
    assert due(*life).keys() == {CAPTURED}
    off = fact("order.items_cancelled", clock(3), items=items("W"))
    assert due(*life, off) == {}
    assert due(*life[:-2], paid("captured", 11, "c", 29), ended, off).keys() == {CAPTURED}


ENDED = [{"id": "A", "quantity": 1, "status": "cancelled"}, {"id": "W", "quantity": 1, "status": "complete"}]


@pytest.mark.parametrize(
    "told",
    [
        [fact("order.completed", clock(15), items=ENDED)],
        [request("items_completed", 5, "W")],
        [fact("order.shipped", clock(5), items=items("W"))],
        [fact("order.shipped", clock(5), items=ENDED)],
    ],
)
def test_an_order_of_which_they_alone_went_out_was_cancelled(told: list[Fact]) -> None:
    state = in_any_order(listed("gift-wrapping", grand_total=55), *told, fact("order.cancelled", clock(20)))
    assert (state["status"], kinds(state), state["order"]["current_total"]) == ("cancelled", [], "0")
    sent = in_any_order(listed("gift-wrapping"), *SENT, *told, fact("order.cancelled", clock(20)))
    assert kinds(sent) != []


def test_one_that_was_cancelled_and_sent_contradicts_nothing() -> None:
    off = fact("order.items_cancelled", clock(3), items=items("W"))
    assert kinds(in_any_order(listed("gift-wrapping"), off, request("items_completed", 10, "A", "W"))) == []
