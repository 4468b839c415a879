"""An exchange order was paid with the store credit of another order. What it gives back is paid out of that order's
account, where the credit is voided for it."""

from typing import Any

import pytest

from processors.orders.fact import Fact
from tests.unit.processors.orders.facts import attention, back, in_any_order, paid, pieces
from tests.unit.processors.orders.money_lives import gave, order, sent
from tests.unit.processors.orders.test_cancelled_money import ENDED, HEAD, ONE_OFF, PAID, SENT
from tests.unit.processors.orders.test_voided_money import credit
from tests.unit.processors.orders.upcoming_facts import REFUNDED, due

BOUGHT = [*order("A", "B", total=100), paid("authorized", 1, "a", 100), *sent("A", "B"), paid("captured", 11, "c", 100)]
CREDITED = back("return-1", 40, pieces("A"), total_refund_amount=60)
LIFE = [*BOUGHT, CREDITED, credit("refunded", 41, 60, correlation_id="return-1")]
ELSEWHERE = "request-of-the-exchange-order"
RINGS = {("unmatched_refund", "refunded:r51")}


def voided(amount: object, to: str | None = ELSEWHERE, **fields: Any) -> Fact:
    return paid("voided", 52, "void:credit", amount, **{"method": "store_credit", "correlation_id": to, **fields})


@pytest.mark.parametrize(
    ("facts", "looked_at"),
    [
        ([], RINGS),
        ([voided(5)], set()),
        ([voided(6)], set()),
        ([voided("4.99")], RINGS),
        ([voided(5, "another")], RINGS),
        ([voided(5, None)], RINGS),
        ([voided("five")], {*RINGS, ("unreadable_amount", "voided:void:credit")}),
        ([voided(5, currency="USD")], {*RINGS, ("currency_mismatch", "voided:void:credit")}),
        ([voided(5, method="credit_card")], RINGS),  # of what paid, and may be for a cancellation
        ([voided(5), gave(53, "0.01", ELSEWHERE)], {*RINGS, ("unmatched_refund", "refunded:r53")}),
        ([voided(7), gave(53, 2, ELSEWHERE)], set()),
    ],
)
def test_it_is_for_something_known_if_no_less_was_voided_under_its_name(
    facts: list[Fact], looked_at: set[tuple[str, str]]
) -> None:
    state = in_any_order(*LIFE, gave(51, 5, ELSEWHERE), *facts)
    assert attention(state) == looked_at
    unmatched = [each["payment"] for each in state["unmatched_refunds"]]
    assert unmatched == ["refunded:r51", "refunded:r53"][: len(unmatched)]
    assert state["suspected"] == [f"return_or_refund_request:{each}" for each in unmatched if looked_at]


@pytest.mark.parametrize(("amount", "looked_at"), [("60.00000000000001", set()), ("60.005", set()), ("60.01", RINGS)])
def test_what_was_issued_and_what_was_voided_may_differ_by_noise(amount: str, looked_at: set[tuple[str, str]]) -> None:
    assert attention(in_any_order(*LIFE, gave(51, 60, ELSEWHERE), voided(amount))) == looked_at


def test_a_credit_covers_no_more_than_was_issued_of_it() -> None:
    names, twice = (ELSEWHERE, "another"), {*RINGS, ("unmatched_refund", "refunded:r53")}
    for amount, looked_at in ((30, set()), ("30.01", twice)):
        paid_out = [gave(second, amount, name) for second, name in zip((51, 53), names, strict=True)]
        voids = [paid("voided", 52, name, amount, method="store_credit", correlation_id=name) for name in names]
        assert attention(in_any_order(*LIFE, *paid_out, *voids)) == looked_at
    assert attention(in_any_order(*LIFE, gave(51, 5, ELSEWHERE), voided(61))) == RINGS


def test_under_the_name_of_a_return_of_this_order_it_is_for_that_one() -> None:
    life = [*BOUGHT, CREDITED, gave(41, 30, "return-1"), credit("refunded", 42, 30, correlation_id="return-1")]
    second = [back("return-2", 45, pieces("B"), total_refund_amount=30), gave(53, 30, "return-2", method="cash")]
    state = in_any_order(*life, *second, voided(30, "return-2"))
    assert (attention(state), state["unmatched_refunds"]) == (set(), [])


def test_of_cash_it_may_be_rounded_but_not_be_nothing() -> None:
    cash = gave(51, "5.05", ELSEWHERE, method="cash")
    assert attention(in_any_order(*LIFE, cash, voided("5.03"))) == set()
    assert attention(in_any_order(*LIFE, cash, voided("5.02"))) == RINGS
    assert attention(in_any_order(*LIFE, gave(51, "0.02", ELSEWHERE, method="cash"), voided(5, "another"))) == RINGS


def test_it_is_for_nothing_else_that_the_order_owes() -> None:
    more = back("return-2", 45, pieces("B"), total_refund_amount=40)
    life = [*LIFE, more, gave(51, 40, ELSEWHERE)]
    assert due(*life) == {}  # the refund may name the return by another name
    assert due(*life, voided(40)).keys() == {f"{REFUNDED}:return-2"}


def test_it_is_none_of_what_was_taken_too_much() -> None:
    over = {("over_captured", "EUR")}
    twice = [*LIFE, paid("captured", 12, "again", 5)]
    assert attention(in_any_order(*twice)) == over
    assert attention(in_any_order(*twice, gave(51, 5, ELSEWHERE), voided(5))) == over
    assert attention(in_any_order(*twice, voided(5))) == over
    assert attention(in_any_order(*LIFE, voided(5))) == set()


def test_a_credit_that_is_taken_back_under_the_name_it_was_issued_by_is_paid_out_to_nobody() -> None:
    issued = credit("refunded", 41, 60, correlation_id=ELSEWHERE)
    assert attention(in_any_order(*BOUGHT, issued, voided(60))) == {("unmatched_refund", "refunded:refunded-credit")}
    another = paid("refunded", 53, "r51", 60, method="gift_card", correlation_id=ELSEWHERE)
    assert attention(in_any_order(*LIFE, voided(60), another)) == set()  # one is issued in place of the other


def test_what_was_cancelled_is_given_back_beside_it() -> None:
    assert HEAD["grand_total"] == 70
    life = [*PAID, ONE_OFF, *SENT, ENDED, back("return-1", 40, pieces("A"), total_refund_amount=30)]
    life += [credit("refunded", 41, 30, correlation_id="return-1"), gave(50, 30, None)]
    assert attention(in_any_order(*life)) == set()
    assert attention(in_any_order(*life, gave(51, 5, ELSEWHERE), voided(5))) == set()
