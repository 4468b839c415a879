"""Where nobody knows what a cancelled item was worth, a refund for nothing else that is known may be for it: as far as
the order's money allows."""

from typing import Any

import pytest

from processors.orders.fact import Fact
from tests.unit.processors.orders.facts import Json, attention, back, clock, fact, in_any_order, paid, pieces
from tests.unit.processors.orders.money_lives import asked
from tests.unit.processors.orders.test_cancelled_money import ENDED, HEAD, ONE_OFF, PAID, SENT
from tests.unit.processors.orders.upcoming_facts import REFUNDED, due

ODD = {"shipping_total": 0}
"""By this its items do not make up the order's price."""
UNKNOWN = [*(fact(event, clock(0), **HEAD | ODD) for event in ("order.created", "order.opened")), *PAID[2:]]
LIFE = [*UNKNOWN, ONE_OFF, *SENT, ENDED]
RETURNED = back("return-1", 8, pieces("A"), total_refund_amount=40)
RINGS = {("unmatched_refund", "refunded:r")}


def given(amount: object, name: str | None = "reduction-cancel-order-1", **fields: Any) -> Fact:
    return paid("refunded", 7, "r", amount, correlation_id=name, **fields)


@pytest.mark.parametrize("name", ["reduction-cancel-order-1", "by-another-name", None])
def test_it_neither_rings_nor_is_suspect_if_it_leaves_something(name: str | None) -> None:
    for amount, looked_at in ((30, set()), ("69.99", set()), (70, RINGS), (71, RINGS)):
        state = in_any_order(*LIFE, given(amount, name))
        found = attention(state) - {("refunded_more_than_captured", "EUR")}
        assert (state["order"]["current_total"], found) == (None, looked_at)
        assert len(state["suspected"]) == len(looked_at) * (name is not None)
        assert len(state["unmatched_refunds"]) == 1


@pytest.mark.parametrize(
    ("facts", "looked_at"),
    [
        ([RETURNED], set()),
        ([RETURNED, paid("refunded", 9, "s", 40, correlation_id="return-1")], set()),
        ([back("return-1", 8, pieces("A"), total_refund_amount="40.01")], RINGS),
        ([back("return-1", 8, pieces("A"), total_refund_amount=50, currency="USD")], set()),
        ([asked("q", 40)], set()),
        ([asked("q", 41)], RINGS),
        ([paid("voided", 6, "v", 39)], set()),
        ([paid("voided", 6, "v", 40)], RINGS),
    ],
)
def test_what_is_due_for_anything_else_is_not_for_it(facts: list[Fact], looked_at: set[tuple[str, str]]) -> None:
    assert attention(in_any_order(*LIFE, given(30), *facts)) == looked_at


def test_it_is_not_taken_for_what_came_back() -> None:
    alike = back("return-1", 8, pieces("A"), total_refund_amount=30)
    assert due(*LIFE, given(30), alike).keys() == {f"{REFUNDED}:return-1"}
    whole = [*UNKNOWN, *SENT, ENDED]  # nothing of it was cancelled
    assert due(*whole, given(30), alike) == {}
    assert attention(in_any_order(*whole, given(30))) == RINGS


def test_it_may_be_for_some_pieces_that_were_cancelled() -> None:
    lines = [{"id": "A", "quantity": 3, "list_price": 10}]
    head: Json = {"currency": "EUR", "grand_total": 30, "items": lines}
    begun = [fact(event, clock(0), **head) for event in ("order.created", "order.opened")]
    life = [*begun, paid("authorized", 2, "a", 30), paid("captured", 3, "c", 30), given(20)]
    assert attention(in_any_order(*life)) == RINGS
    off = fact("order.items_cancelled", clock(4), items=[{"id": "A"}, {"id": "A"}])
    assert attention(in_any_order(*life, off)) == set()


def test_what_was_taken_twice_may_go_back_with_it() -> None:
    again = paid("captured", 4, "again", 70)
    assert attention(in_any_order(*LIFE, again, given(70))) == set()
    assert attention(in_any_order(*LIFE, again, given(100))) == set()
    assert attention(in_any_order(*LIFE, again, given(140))) == RINGS


def test_nor_does_the_price_of_the_order_have_to_be_known() -> None:
    begun = [fact(event, clock(0), **HEAD | {"grand_total": None}) for event in ("order.created", "order.opened")]
    assert attention(in_any_order(*begun, *PAID[2:], ONE_OFF, *SENT, given(30))) == set()
    assert attention(in_any_order(*begun, *PAID[2:], *SENT, given(30))) == RINGS
