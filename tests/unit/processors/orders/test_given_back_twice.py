"""Money that a void gave back cannot go back by a refund as well, whatever the refund is for."""

import pytest

from processors.orders.fact import Fact
from tests.unit.processors.orders.facts import attention, back, clock, fact, in_any_order, items, paid, pieces, request
from tests.unit.processors.orders.money_lives import asked
from tests.unit.processors.orders.test_cancelled_money import ALL_OFF, ENDED, HEAD, ONE_OFF, SENT
from tests.unit.processors.orders.test_voided_money import GIFT, gift

TWICE = {("refunded_more_than_captured", "EUR")}
BOTH_OFF = fact("order.items_cancelled", clock(5), items=items("A", "B"))
VOIDED = gift("voided", 6, 70)


def refund(amount: object, to: str | None = None) -> Fact:
    return paid("refunded", 12, "refund", amount, correlation_id=to)


@pytest.mark.parametrize("refunds", [[refund(70)], [refund(70, "reduction-1")], [asked("q", 70), refund(70, "q")]])
@pytest.mark.parametrize("off", [ALL_OFF, BOTH_OFF])
def test_whoever_has_his_gift_card_back_gets_no_refund_for_his_cancelled_order(off: Fact, refunds: list[Fact]) -> None:
    assert attention(in_any_order(*GIFT, off, *refunds)) == set()
    assert attention(in_any_order(*GIFT, off, VOIDED)) == set()
    assert attention(in_any_order(*GIFT, off, VOIDED, *refunds)) == TWICE


def test_nor_for_goods_that_he_brought_back() -> None:
    sent = [request("items_completed", 5, "A", "B"), back("r", 9, pieces("A"), total_refund_amount=70, currency="EUR")]
    assert attention(in_any_order(*GIFT, *sent, VOIDED)) == set()
    assert attention(in_any_order(*GIFT, *sent, refund(70, "r"))) == set()
    assert attention(in_any_order(*GIFT, *sent, VOIDED, refund(70, "r"))) == TWICE


def test_a_void_and_a_refund_of_different_money_are_no_more_than_was_captured() -> None:
    for amount, found in ((30, set()), ("30.005", set()), ("30.01", TWICE)):
        assert attention(in_any_order(*GIFT, ALL_OFF, gift("voided", 6, 40), refund(amount))) == found
    charged = paid("captured", 8, "c", 30), paid("authorized", 7, "a", 30)
    assert attention(in_any_order(*GIFT, ALL_OFF, VOIDED, *charged, refund(30))) == set()


def test_what_was_voided_before_it_was_captured_was_not_given_back() -> None:
    """NewStore voids so what is cancelled before it goes out."""
    partly = [*GIFT[:3], ONE_OFF, *SENT, ENDED, gift("voided", 4, 30), gift("captured", 6, 40)]
    returned = back("r", 9, pieces("A"), total_refund_amount=40, currency="EUR")
    assert attention(in_any_order(*partly, returned, refund(40, "r"))) == set()


def test_the_rest_of_a_credit_that_an_exchange_does_not_need_may_be_of_what_was_never_captured() -> None:
    exchange = [fact("order.opened", clock(1), **HEAD, is_exchange=True), gift("authorized", 2, 100)]
    paid_for = [*exchange, gift("captured", 3, 70), gift("voided", 4, 50)]
    returned = back("r", 9, pieces("A"), total_refund_amount=70, currency="EUR")
    assert attention(in_any_order(*paid_for, returned, refund(70, "r"))) == set()
