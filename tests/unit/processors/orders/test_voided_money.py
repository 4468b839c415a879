"""A customer who gets a gift card or store credit back, by a void of captured money, awaits no refund of that money."""

from typing import Any

import pytest

from processors.orders.fact import Fact
from tests.unit.processors.orders.facts import attention, back, clock, fact, in_any_order, paid
from tests.unit.processors.orders.money_lives import asked
from tests.unit.processors.orders.test_cancelled_money import ALL_OFF, ENDED, HEAD, ONE_OFF, PAID, SENT
from tests.unit.processors.orders.upcoming_facts import REFUNDED, due


def gift(action: str, second: int, amount: object, **fields: Any) -> Fact:
    return paid(action, second, f"{action}-gift", amount, method="gift_card", **fields)


GIFT = [*PAID[:2], gift("authorized", 2, 70), gift("captured", 3, 70)]


def test_who_has_his_gift_card_back_by_a_void_waits_for_no_refund() -> None:
    assert due(*GIFT, ALL_OFF) == {REFUNDED: 2 + 5 * 24}
    assert due(*GIFT, ALL_OFF, gift("voided", 5, 69)) == {REFUNDED: 2 + 5 * 24}
    assert due(*GIFT, ALL_OFF, gift("voided", 5, 70)) == {}
    assert due(*GIFT, ONE_OFF, *SENT, ENDED, gift("voided", 5, 30)) == {}
    assert due(*GIFT, ONE_OFF, *SENT, ENDED, gift("voided", 5, 29)) == {REFUNDED: 2 + 5 * 24}


def test_nor_does_he_where_the_price_is_not_known() -> None:
    begun = [fact(event, clock(0), **HEAD | {"grand_total": None}) for event in ("order.created", "order.opened")]
    assert due(*begun, *GIFT[2:], ALL_OFF) == {REFUNDED: 2 + 5 * 24}
    assert due(*begun, *GIFT[2:], ALL_OFF, gift("voided", 5, 70)) == {}


TAKEN_AND_VOIDED = [gift("authorized", 2, 70), gift("captured", 3, 70), gift("voided", 5, 70)]


@pytest.mark.parametrize(
    "payments",
    [
        [gift("authorized", 2, 140), gift("captured", 3, 70), gift("voided", 5, 70)],  # what was not captured
        [gift("authorized", 2, 70), gift("captured", 3, 70), paid("voided", 5, "v", 70)],  # of another one
        [gift("captured", 3, 70), gift("voided", 5, 70)],  # how much was authorized is not known
        [gift("authorized", 2, None), gift("captured", 3, 70), gift("voided", 5, 70)],
        [gift("authorized", 2, 70), gift("captured", 3, 70), gift("voided", 5, 70, currency="USD")],
        [gift("authorized", 2, 70), gift("captured", 3, 70), gift("voided", 5, 70, instrument_id=None)],
        [gift("authorized", 2, 70, instrument_id=None), gift("captured", 3, 70), gift("voided", 5, 70)],
        # an authorization beside the known one may be of the same card, or of any amount
        [*TAKEN_AND_VOIDED, paid("authorized", 2, "a", 70, instrument_id=None)],
        [*TAKEN_AND_VOIDED, paid("authorized", 2, "a", None, method="gift_card")],
        [*TAKEN_AND_VOIDED, paid("authorized", 2, "a", None, method="gift_card", currency=None)],
    ],
)
def test_a_void_that_may_be_of_something_else_gives_nothing_back(payments: list[Fact]) -> None:
    assert due(*PAID[:2], *payments, ALL_OFF) == {REFUNDED: 2 + 5 * 24}


@pytest.mark.parametrize(
    "other",
    [
        paid("authorized", 2, "a", 70, currency="USD"),
        paid("authorized", 2, "a", 70, instrument_id=None, currency="USD"),
        paid("captured", 2, "c", None, method="gift_card"),
        paid("voided", 2, "v", 70, instrument_id=None),
    ],
)
def test_what_says_nothing_of_the_gift_card_leaves_it_given_back(other: Fact) -> None:
    assert due(*PAID[:2], *TAKEN_AND_VOIDED, other, ALL_OFF) == {}


def test_a_gift_card_that_was_voided_and_paid_by_another_means_was_not_taken_too_much() -> None:
    paid_anew = [paid("authorized", 6, "a", 70), paid("captured", 7, "c", 70)]
    assert attention(in_any_order(*GIFT, *paid_anew)) == {("over_captured", "EUR")}
    assert attention(in_any_order(*GIFT, gift("voided", 5, 70), *paid_anew)) == set()


def test_a_gift_card_that_was_voided_has_nothing_to_give_back() -> None:
    voided = [*GIFT, gift("voided", 5, 70), paid("authorized", 6, "a", 70), paid("captured", 7, "c", 70)]
    assert attention(in_any_order(*voided, paid("refunded", 8, "r", 70))) == {("unmatched_refund", "refunded:r")}


def test_what_was_captured_twice_from_one_instrument_and_voided_once_was_not_taken_too_much() -> None:
    again = paid("captured", 4, "again", 70, method="gift_card")
    assert attention(in_any_order(*GIFT, again)) == {("over_captured", "EUR")}
    assert attention(in_any_order(*GIFT, again, gift("voided", 5, 70))) == set()
    assert attention(in_any_order(*GIFT, again, gift("voided", 5, 60))) == {("over_captured", "EUR")}


def again(action: str, second: int, amount: object) -> Fact:
    return paid(action, second, f"{action}-again", amount, method="gift_card")


def test_what_was_captured_after_a_void_was_not_voided() -> None:
    late = {REFUNDED: 2 + 5 * 24}
    voided = [*PAID[:2], gift("authorized", 2, 70), ALL_OFF, gift("voided", 5, 70)]
    assert due(*voided, gift("captured", 6, 70)) == late
    assert due(*voided, gift("captured", 6, 70), again("voided", 7, 10)) == late
    assert due(*voided, gift("captured", 6, 70), again("voided", 7, 70)) == {}


def test_what_was_captured_beyond_the_price_is_kept_where_the_rest_was_voided_before() -> None:
    partly = [*PAID[:2], gift("authorized", 2, 70), ONE_OFF, *SENT, gift("captured", 5, 40), gift("voided", 6, 30)]
    assert due(*partly, ENDED) == {}
    assert due(*partly, ENDED, again("captured", 7, 30)) == {REFUNDED: 2 + 5 * 24}


def test_a_gift_card_that_was_voided_may_pay_again() -> None:
    anew = [again("authorized", 6, 70), again("captured", 7, 70)]
    assert attention(in_any_order(*GIFT, *anew)) == {("over_captured", "EUR")}
    assert attention(in_any_order(*GIFT, gift("voided", 5, 70), *anew)) == set()


def test_the_rest_of_a_store_credit_that_an_exchange_does_not_need_is_none_of_its_payment() -> None:
    exchange = [fact("order.opened", clock(1), **HEAD, is_exchange=True), gift("authorized", 2, 70)]
    twice = [gift("captured", 3, 70), paid("authorized", 6, "a", 20), paid("captured", 7, "c", 20)]
    assert attention(in_any_order(*exchange, *twice, gift("voided", 8, 42))) == {("over_captured", "EUR")}
    assert due(*exchange, *twice[:1], ALL_OFF, gift("voided", 8, 70)) == {}


def test_the_rest_of_a_store_credit_that_was_charged_at_once_leaves_what_an_exchange_costs() -> None:
    exchange = fact("order.opened", clock(1), currency="EUR", grand_total=60, is_exchange=True)
    charged = [exchange, gift("authorized", 2, 102.84), gift("captured", 3, 102.84)]
    assert attention(in_any_order(*charged)) == {("over_captured", "EUR")}
    assert attention(in_any_order(*charged, gift("voided", 8, 42.84))) == set()
    assert attention(in_any_order(*charged, gift("voided", 8, 42.83))) == {("over_captured", "EUR")}
    back_again = [back("r", 9, total_refund_amount=60), paid("refunded", 10, "r", 60, correlation_id="r")]
    assert attention(in_any_order(*charged, gift("voided", 8, 42.84), *back_again)) == set()


def test_what_an_exchange_gave_back_on_request_was_paid_for_it_before() -> None:
    """A goodwill refund once rang as too much, since what was left was no longer exactly the price."""
    exchange = fact("order.opened", clock(1), currency="EUR", grand_total=70, is_exchange=True)
    charged = [exchange, gift("authorized", 2, 100), gift("captured", 3, 100)]
    goodwill = [asked("q", 5), paid("refunded", 50, "r", 5, correlation_id="q")]
    replaced = [credit(action, 49, 5, correlation_id="q") for action in ("refunded", "voided")]
    assert attention(in_any_order(*charged, gift("voided", 4, 30), *goodwill)) == set()
    assert attention(in_any_order(*charged, gift("voided", 4, 30), *goodwill, *replaced)) == set()
    assert attention(in_any_order(*charged, gift("voided", 4, 29), *goodwill)) == {("over_captured", "EUR")}
    assert attention(in_any_order(*charged, *goodwill)) == {("over_captured", "EUR")}
    for_nothing = paid("refunded", 50, "r", 5, correlation_id="other")
    assert ("over_captured", "EUR") in attention(in_any_order(*charged, gift("voided", 4, 30), for_nothing))


def test_what_an_exchange_gave_back_on_request_may_be_the_rest_of_what_was_charged() -> None:
    exchange = fact("order.opened", clock(1), currency="EUR", grand_total=70, is_exchange=True)
    charged = [exchange, gift("authorized", 2, 100), gift("captured", 3, 100), asked("q", 10)]
    rest = paid("refunded", 50, "r", 10, correlation_id="q")
    assert attention(in_any_order(*charged, gift("voided", 4, 20), rest)) == set()
    assert attention(in_any_order(*charged, gift("voided", 4, 25), rest)) == {("over_captured", "EUR")}


def credit(action: str, second: int, amount: object, **fields: Any) -> Fact:
    return paid(action, second, f"{action}-credit", amount, method="store_credit", **fields)


ISSUED = [
    fact("order.opened", clock(1), currency="EUR", grand_total=80),
    *(paid(action, 2, action, 80) for action in ("authorized", "captured")),
    back("r", 9, total_refund_amount=80),
    credit("refunded", 10, 80, correlation_id="r"),
    fact("refund_request.issued", clock(11), id="q", amount=5, currency="EUR"),
    paid("refunded", 13, "cash", 5, correlation_id="q"),
]
TOO_MUCH = {("refunded_more_than_captured", "EUR")}


@pytest.mark.parametrize(
    ("voids", "found"),
    [
        ([], TOO_MUCH),
        ([credit("voided", 12, 5, correlation_id="q")], set()),
        ([credit("voided", 12, 4)], TOO_MUCH),
        ([credit("voided", 12, 5, instrument_id=None)], TOO_MUCH),
        ([paid("voided", 12, "v", 5)], TOO_MUCH),  # of what paid, not of the credit
        ([credit("voided", 12, 5), paid("authorized", 2, "a", 1, instrument_id=None)], TOO_MUCH),
        (
            [credit("voided", 12, 200), paid("refunded", 14, "more", 85)],
            {*TOO_MUCH, ("unmatched_refund", "refunded:more")},
        ),
    ],
)
def test_what_is_voided_of_a_credit_that_the_order_issued_and_paid_out_went_out_once(
    voids: list[Fact], found: set[tuple[str, str]]
) -> None:
    assert attention(in_any_order(*ISSUED, *voids)) == found
