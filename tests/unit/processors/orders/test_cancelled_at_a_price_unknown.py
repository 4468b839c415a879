"""If nobody knows what a cancelled item was worth, a refund for nothing else known may be for it, as far as the order's
money allows."""

from typing import Any

import pytest

from processors.orders.fact import Fact
from tests.unit.processors.orders.facts import (
    Json,
    attention,
    back,
    clock,
    fact,
    in_any_order,
    items,
    paid,
    pieces,
    request,
)
from tests.unit.processors.orders.money_lives import asked, gave
from tests.unit.processors.orders.test_cancelled_money import ENDED, HEAD, LINE, ONE_OFF, PAID, SENT
from tests.unit.processors.orders.upcoming_facts import REFUNDED, due

ODD = {"shipping_total": 0}
"""The items do not add up to the order's price: 10 are of no line, and may be the cancelled item's."""


def begun(**fields: Any) -> list[Fact]:
    return [fact(event, clock(0), **HEAD | ODD | fields) for event in ("order.created", "order.opened")]


UNKNOWN = [*begun(), *PAID[2:]]
LIFE = [*UNKNOWN, ONE_OFF, *SENT, ENDED]
RETURNED = back("return-1", 8, pieces("A"), total_refund_amount=40)
CHARGED: Json = {"total_refund_amount": 45, "total_refund_amount_adjusted": 45, "return_fee": 5}
"""A return of 45, or of 40 without its fee."""
RINGS = {("unmatched_refund", "refunded:r")}


def given(amount: object, name: str | None = "reduction-cancel-order-1", **fields: Any) -> Fact:
    return paid("refunded", 7, "r", amount, correlation_id=name, **fields)


@pytest.mark.parametrize("name", ["reduction-cancel-order-1", "by-another-name", None])
def test_it_neither_rings_nor_is_suspect_if_it_leaves_what_the_rest_costs(name: str | None) -> None:
    for amount, looked_at in ((30, set()), (40, set()), ("40.01", RINGS), ("69.99", RINGS), (70, RINGS), (71, RINGS)):
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
        ([back("return-1", 8, **CHARGED), paid("refunded", 9, "s", 40, correlation_id="return-1")], set()),
        ([back("return-1", 8, **CHARGED), paid("refunded", 9, "s", 39, correlation_id="return-1")], RINGS),
        ([back("return-1", 8, pieces("A"), total_refund_amount=50, currency="USD")], set()),
        ([asked("q", 40)], set()),
        ([asked("q", 41)], RINGS),
        ([paid("voided", 6, "v", 10)], set()),
        ([paid("voided", 6, "v", "10.01")], RINGS),
        ([paid("voided", 6, "v", 39)], RINGS),
        ([paid("voided", 6, "v", 40)], RINGS),
    ],
)
def test_what_is_due_for_anything_else_is_not_for_it(facts: list[Fact], looked_at: set[tuple[str, str]]) -> None:
    assert attention(in_any_order(*LIFE, given(30), *facts)) == looked_at


@pytest.mark.parametrize(
    ("fields", "most"),
    [
        ({"items": items("A", "B", **LINE | {"list_price": 28})}, 42),  # 28, and 14 of no line
        ({"items": items("A", "B", **LINE | {"tax": 4})}, 36),  # 34, and 2
        ({"items": items("A", "B", **LINE | {"list_price": 40})}, 40),  # discounts may be the other item's
        ({"items": items("A", "B", **LINE | {"list_price": 40}), "shipping_total": 12, "shipping_tax": 3}, 55),
        ({"items": items("A", "B", **LINE | {"list_price": None})}, "69.99"),  # nobody knows
        ({"items": items("A", "B", **LINE | {"quantity": None})}, "69.99"),
    ],
)
def test_it_is_no_more_than_what_was_cancelled_was_worth_at_most(fields: Json, most: object) -> None:
    life = [*begun(**fields), *PAID[2:], ONE_OFF, *SENT, ENDED]
    assert in_any_order(*life)["order"]["current_total"] is None
    assert attention(in_any_order(*life, given(most))) == set()
    assert attention(in_any_order(*life, given(most), gave(8, "0.01", None, "s"))) == {
        *RINGS,
        ("unmatched_refund", "refunded:s"),
    }


@pytest.mark.parametrize("name", ["lost-return", None])
def test_what_was_never_paid_or_is_back_already_does_not_go_back_for_it(name: str | None) -> None:
    sent = [*begun(), PAID[2], ONE_OFF, *SENT, paid("captured", 6, "c", 40), paid("voided", 6, "v", 30), ENDED]
    assert attention(in_any_order(*sent, given(10, name))) == set()
    assert attention(in_any_order(*sent, given(20, name))) == RINGS
    twice = in_any_order(*LIFE, gave(7, 30, "reduction-cancel-order-1", "b"), given(30, name))
    assert attention(twice) == {*RINGS, ("unmatched_refund", "refunded:b")}


def test_it_goes_back_to_a_gift_card_before_all_is_captured() -> None:
    card = [paid(action, 2, "g", 60, method="gift_card") for action in ("authorized", "captured")]
    life = [*begun(), *card, paid("authorized", 2, "a", 10), ONE_OFF, paid("voided", 4, "a", 10), *SENT, ENDED]
    assert attention(in_any_order(*life, given(20, method="gift_card"))) == set()


def test_credits_that_name_themselves_are_for_a_return_all_the_same() -> None:
    lines = items("A", "B", "C", **LINE)
    sent = [request("assigned", 2, "A", "C"), request("items_completed", 5, "A", "C")]
    payments = [paid("authorized", 2, "a", 110), paid("captured", 3, "c", 110)]
    life = [*begun(items=lines, grand_total=110), *payments, ONE_OFF, *sent, RETURNED]
    parts = [gave(9 + n, amount, f"credit-{n}", f"order-1-credit-{n}") for n, amount in enumerate((25, 15))]
    assert f"{REFUNDED}:return-1" in due(*life)
    assert f"{REFUNDED}:return-1" in due(*life, *(gave(9 + n, 20, f"credit-{n}") for n in range(2)))
    assert f"{REFUNDED}:return-1" in due(*life, parts[0])
    assert f"{REFUNDED}:return-1" not in due(*life, *parts)
    assert attention(in_any_order(*life, *parts)) == set()


def test_it_is_not_taken_for_what_came_back() -> None:
    alike = back("return-1", 8, pieces("A"), total_refund_amount=30)
    assert due(*LIFE, given(30), alike).keys() == {f"{REFUNDED}:return-1"}
    whole = [*UNKNOWN, *SENT, ENDED]  # nothing of it was cancelled
    assert due(*whole, given(30), alike) == {}
    assert attention(in_any_order(*whole, given(30))) == RINGS


def test_it_may_be_for_some_pieces_that_were_cancelled() -> None:
    lines = [{"id": "A", "quantity": 3, "list_price": 10}]
    head: Json = {"currency": "EUR", "grand_total": 30, "items": lines}
    opened = [fact(event, clock(0), **head) for event in ("order.created", "order.opened")]
    life = [*opened, paid("authorized", 2, "a", 30), paid("captured", 3, "c", 30), given(20)]
    assert attention(in_any_order(*life)) == RINGS
    off = fact("order.items_cancelled", clock(4), items=[{"id": "A"}, {"id": "A"}])
    assert attention(in_any_order(*life, off)) == set()


def test_what_was_taken_twice_may_go_back_with_it() -> None:
    again = paid("captured", 4, "again", 70)
    assert attention(in_any_order(*LIFE, again, given(70))) == set()
    assert attention(in_any_order(*LIFE, again, given(100))) == set()
    assert attention(in_any_order(*LIFE, again, given(140))) == RINGS


def test_nor_does_the_price_of_the_order_have_to_be_known() -> None:
    life = [*begun(grand_total=None), *PAID[2:], *SENT, given(30)]
    assert attention(in_any_order(*life, ONE_OFF)) == set()
    assert attention(in_any_order(*life)) == RINGS
