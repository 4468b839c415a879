"""Some pieces of an item are cancelled, and the others are not."""

import pytest

from processors.orders.apply import apply, mark_late
from processors.orders.fact import Fact
from tests.unit.processors.orders.facts import (
    EVERYTHING,
    Json,
    attention,
    back,
    clock,
    fact,
    in_any_order,
    items,
    kinds,
    paid,
    pieces,
    request,
    state_of_row,
)
from tests.unit.processors.orders.upcoming_facts import DAY, START, at

OPENED = fact("order.opened", clock(2), items=items("A", quantity=4), grand_total=100, currency="EUR")
PAID = [paid("authorized", 1, "t1", 100), paid("captured", 12, "c1", 50)]
SENT = [request("assigned", 5, "A", "A"), request("items_completed", 10, "A", "A")]
COMPLETED = fact("order.completed", clock(20), items=items("A", status="complete"))


def cancelled(*ids: str, second: int = 4) -> Fact:
    """Return a cancellation that names these items."""
    return fact("order.items_cancelled", clock(second), items=items(*ids))


@pytest.mark.parametrize(
    ("facts", "status"),
    [
        ([cancelled("A")], "cancelled"),
        ([cancelled("A", "A")], "open"),
        ([cancelled("A", "A", "A")], "open"),
        ([cancelled("A", "A", "A", "A")], "cancelled"),
        ([cancelled("A", "A"), fact("order.items_cancelled", clock(5), items=items("A", "A"))], "open"),
        ([cancelled("A", "A"), cancelled("A", second=5)], "open"),
        ([cancelled("A", "A"), fact("order.cancelled", clock(5))], "cancelled"),
    ],
)
def test_an_item_that_is_named_once_is_cancelled_and_else_so_many_pieces_of_it(facts: list[Fact], status: str) -> None:
    """Two events may be one that came again, so only the event that names most pieces counts."""
    state = in_any_order(OPENED, *facts)
    assert state["status"] == status
    assert (state["items"]["A"]["status"] == "cancelled") == (status == "cancelled")


def test_of_an_item_without_a_quantity_no_pieces_are_left() -> None:
    opened = fact("order.opened", clock(2), items=items("A"))
    assert in_any_order(opened, cancelled("A", "A"))["status"] == "cancelled"


@pytest.mark.parametrize("sent", [SENT, [request("items_completed", 10, "A")], [COMPLETED]])
def test_what_is_left_went_out_and_contradicts_nothing(sent: list[Fact]) -> None:
    state = in_any_order(OPENED, cancelled("A", "A"), *sent)
    assert kinds(state) == []
    item = state["items"]["A"]
    assert (state["fulfillment_status"], item["status"], item["shipped_quantity"]) == ("fulfilled", "complete", 2)


def test_all_pieces_cancelled_and_some_sent_contradict_each_other() -> None:
    assert kinds(in_any_order(OPENED, cancelled(*"AAAA"), *SENT)) == ["item_cancelled_and_shipped"]


@pytest.mark.parametrize(
    "sent",
    [
        [request("assigned", 5, "A", "A"), request("items_completed", 10, "A", "A", "A")],
        [*SENT, back("r", 30, pieces("A", 3))],
        [COMPLETED, back("r", 30, pieces("A", 2)), back("s", 40, pieces("A"))],
    ],
)
def test_more_pieces_sent_than_the_cancelled_ones_leave_contradict_these(sent: list[Fact]) -> None:
    assert kinds(in_any_order(OPENED, cancelled("A", "A"), *sent)) == ["item_cancelled_and_shipped"]


@pytest.mark.parametrize("cancelled_at", [4, 15])
def test_one_name_takes_the_pieces_that_no_request_has_counted(cancelled_at: int) -> None:
    state = in_any_order(OPENED, *SENT, cancelled("A", second=cancelled_at))
    item = state["items"]["A"]
    assert (item["status"], item["shipped_quantity"], kinds(state)) == ("complete", 2, [])
    assert (state["fulfillment_status"], state["order"]["current_total"]) == ("fulfilled", None)
    assert kinds(in_any_order(OPENED, *SENT, cancelled("A"), back("r", 30, pieces("A", 3)))) == [
        "item_cancelled_and_shipped"
    ]


@pytest.mark.parametrize("sent", ["A", "AAAA"])
def test_one_name_takes_an_item_that_went_out_whole(sent: str) -> None:
    facts = [OPENED, request("assigned", 5, "A"), request("items_completed", 10, *sent), cancelled("A", second=15)]
    assert kinds(in_any_order(*facts)) == ["item_cancelled_and_shipped"]


@pytest.mark.parametrize(
    ("facts", "number"),
    [
        ([], 0),
        (SENT, 0),
        ([cancelled("A", "A")], 2),
        ([cancelled("A", "A"), *SENT], 2),
        ([cancelled("A", "A"), *SENT, back("r", 30, pieces("A", 2))], 2),
        ([cancelled("A")], 4),
        ([cancelled("A"), *SENT], 2),
        ([cancelled("A"), COMPLETED], 0),
        ([fact("order.cancelled", clock(5))], 4),
        ([*SENT, fact("order.cancelled", clock(15))], 2),
        ([*SENT, fact("order.cancelled", clock(15)), back("r", 30, pieces("A", 2))], 2),
        ([*SENT, fact("order.completed", clock(15), items=items("A", status="cancelled"))], 2),
        ([COMPLETED, fact("order.cancelled", clock(25))], 0),
        ([cancelled(*"AAAAA")], 4),
    ],
)
def test_as_many_pieces_are_cancelled_as_are_named_and_did_not_go_out(facts: list[Fact], number: int) -> None:
    assert in_any_order(OPENED, *facts)["items"]["A"]["cancelled_quantity"] == number


def test_all_that_is_left_came_back() -> None:
    state = in_any_order(OPENED, cancelled("A", "A"), *SENT, back("r", 30, pieces("A", 2)))
    assert (state["items"]["A"]["status"], state["return_status"]) == ("returned", "full")


def test_a_hold_does_not_end_with_some_of_its_pieces() -> None:
    held = fact("order.items_on_hold", clock(3), items=items("A"))
    assert in_any_order(OPENED, held, cancelled("A", "A"))["items"]["A"]["status"] == "on_hold"


def late(*facts: Fact) -> Json:
    """Return the state of an order that has waited for a year."""
    row = apply(None, [at(each, 0) for each in facts], EVERYTHING).row
    return state_of_row(mark_late(row, START + 400 * DAY, EVERYTHING).row)


def test_nobody_knows_what_is_left_of_the_price() -> None:
    """So neither the money for it nor its refund is awaited."""
    created = fact("order.created", clock(0), items=items("A", quantity=4), grand_total=100, currency="EUR")
    state = late(created, OPENED, cancelled("A", "A"), *SENT, *PAID, COMPLETED)
    assert state["order"]["current_total"] is None
    assert (state["stalled"], attention(state)) == ([], set())
    last = late(created, OPENED, *SENT, cancelled("A", second=15), *PAID, COMPLETED)
    assert (last["stalled"], attention(last), kinds(last)) == ([], set(), [])
    whole = late(created, OPENED, request("items_completed", 10, "A"), *PAID, COMPLETED)
    assert (whole["order"]["current_total"], whole["stalled"]) == ("100", ["payment_account.amount_captured"])


PRICED: Json = {"list_price": 10, "tax": 0, "item_discounts": 0, "order_discounts": 0}
TWO_AND_ONE: Json = {
    "items": [*items("A", quantity=2, **PRICED), *items("B", quantity=1, **PRICED)],
    "currency": "EUR",
    "grand_total": 30,
    "price_method": "tax_included",
}
ONE_SENT = [
    *(fact(name, clock(0), **TWO_AND_ONE) for name in ("order.created", "order.opened")),
    *(paid(action, 1, action, 30) for action in ("authorized", "captured")),
    *(request(step, 5, "B") for step in ("assigned", "items_completed")),
    fact("order.completed", clock(9), items=items("B", status="complete")),
]


def test_an_item_of_which_each_piece_is_named_is_cancelled_at_its_price() -> None:
    state = late(*ONE_SENT, cancelled("A", "A"))
    assert (state["order"]["current_total"], state["stalled"]) == ("10", ["payment_account.amount_refunded"])
    given = late(*ONE_SENT, cancelled("A", "A"), paid("refunded", 8, "r", 20))
    assert (given["stalled"], attention(given)) == ([], set())


def test_one_name_of_several_pieces_tells_no_price() -> None:
    state = late(*ONE_SENT, cancelled("A"))
    assert (state["items"]["A"]["status"], state["order"]["current_total"], state["stalled"]) == ("cancelled", None, [])
