"""While some pieces of an item are yet to go out, the order has not come to its end."""

import pytest

from processors.orders.fact import Fact
from tests.unit.processors.orders.facts import back, clock, fact, in_any_order, items, pieces, request, statuses
from tests.unit.processors.orders.upcoming_facts import (
    CAPTURED,
    COMPLETED,
    HANDED_OVER,
    at,
    created,
    due,
    told,
)

LINES = items("A", quantity=3)
BEGINNING = (created(items=LINES), fact("order.opened", clock(1), items=LINES, currency="EUR", grand_total=10))
ASSIGNED = at(request("assigned", 2, "A", "A", "A"), 0)
TWO = at(request("items_completed", 5, "A", "A"), 1)
THIRD = at(request("items_completed", 7, "A"), 30)
PAID = (told("authorized", 0, 10), told("captured", 1, 7))


def test_neither_the_end_nor_the_rest_of_the_money_is_awaited_before_the_last_piece_went_out() -> None:
    assert due(*BEGINNING, ASSIGNED, TWO, *PAID) == {}
    assert due(*BEGINNING, ASSIGNED, TWO, THIRD, *PAID) == {COMPLETED: 54, CAPTURED: 54}
    assert due(*BEGINNING, ASSIGNED, TWO) == {CAPTURED: 25}  # something of it is due in any case


def test_the_last_piece_may_be_cancelled() -> None:
    off = at(fact("order.items_cancelled", clock(8), items=items("A")), 40)
    assert due(*BEGINNING, ASSIGNED, TWO, *PAID, off) == {COMPLETED: 64}


READY = at(request("items_ready_for_handover", 4, "A", request_id="other"), 3)


@pytest.mark.parametrize(
    ("facts", "is_awaited"),
    [
        ([TWO], True),
        ([at(back("r", 9, pieces("A")), 5)], True),
        ([TWO, at(fact("order.items_cancelled", clock(8), items=items("A")), 6)], False),
        ([at(request("items_completed", 5, "A"), 1)], False),
        ([at(fact("order.shipped", clock(6), items=items("A")), 6)], False),
        ([TWO, at(request("items_completed", 8, "A", request_id="other"), 6)], False),
        ([TWO, at(fact("order.completed", clock(9), items=items("A", status="complete")), 6)], False),
    ],
)
def test_a_piece_that_lies_ready_is_awaited_though_others_went_out(facts: list[Fact], is_awaited: bool) -> None:
    awaited = due(*BEGINNING, READY, *facts)
    assert {name: hours for name, hours in awaited.items() if name.startswith(HANDED_OVER)} == (
        {f"{HANDED_OVER}:other": 171} if is_awaited else {}
    )


def test_an_order_that_was_shipped_is_completed_with_its_last_piece() -> None:
    out = fact("order.shipped", clock(6), items=items("A"))
    state = in_any_order(*BEGINNING, TWO, out)
    assert (statuses(state), state["status"]) == ({"A": "complete"}, "open")
    assert in_any_order(*BEGINNING, TWO, THIRD, out)["status"] == "completed"
