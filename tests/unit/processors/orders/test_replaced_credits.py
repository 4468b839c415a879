"""A store credit is issued for a return or on request, taken back, and paid out by another means under the same name.
The customer got the money once."""

import pytest

from processors.orders.fact import Fact
from tests.unit.processors.orders.facts import attention, back, in_any_order, paid, pieces
from tests.unit.processors.orders.money_lives import asked, gave, order, sent
from tests.unit.processors.orders.test_cancelled_at_a_price_unknown import LIFE, RINGS, given
from tests.unit.processors.orders.test_cancelled_money import ENDED, ONE_OFF, PAID, SENT
from tests.unit.processors.orders.test_voided_money import credit
from tests.unit.processors.orders.upcoming_facts import REFUNDED, due

TAKEN = [paid("authorized", 1, "a", 200), paid("captured", 11, "c", 200)]
BOUGHT = [*order("A", "B", total=200), *TAKEN, *sent("A", "B")]
RETURNED = back("return-1", 40, pieces("A"), total_refund_amount=120)
ISSUED = credit("refunded", 41, 120, correlation_id="return-1")
VOIDED = credit("voided", 42, 120, correlation_id="return-1")
PAID_OUT = gave(43, 120, "return-1")
REPLACED = [*BOUGHT, RETURNED, ISSUED, VOIDED, PAID_OUT]
BEYOND = {("refunded_more_than_promised", "return-1")}


def test_it_is_no_more_than_was_promised() -> None:
    state = in_any_order(*REPLACED)
    assert attention(state) == set()
    [returned] = state["returns"].values()
    assert (returned["refunded"], returned["refund_outstanding"]) == ("240", "-120"), "as it was told"


@pytest.mark.parametrize(
    "voided",
    [
        [],
        [credit("voided", 42, "119.99", correlation_id="return-1")],
        [credit("voided", 42, 120)],
        [credit("voided", 42, 120, correlation_id="another")],
        [credit("voided", 42, 120, correlation_id="return-1", currency="USD")],
        [paid("voided", 42, "v", 120, method="cash", correlation_id="return-1")],
    ],
)
def test_it_is_where_less_was_voided_or_under_another_name(voided: list[Fact]) -> None:
    assert attention(in_any_order(*BOUGHT, RETURNED, ISSUED, *voided, PAID_OUT)) >= BEYOND


@pytest.mark.parametrize("currency", ["EUR", None])
def test_it_is_where_the_instrument_paid_for_the_order(currency: str | None) -> None:
    """Or may have paid, if nobody knows in which currency."""
    of_another_order = [credit("authorized", 1, 1, currency=currency), credit("captured", 11, 1)]
    assert attention(in_any_order(*REPLACED, *of_another_order)) >= BEYOND


def test_it_is_where_more_went_out_in_its_place() -> None:
    assert attention(in_any_order(*REPLACED, gave(44, "0.01", "return-1"))) == BEYOND
    in_part = [ISSUED, credit("voided", 42, 70, correlation_id="return-1")]
    assert attention(in_any_order(*BOUGHT, RETURNED, *in_part, gave(43, 70, "return-1"))) == set()
    assert attention(in_any_order(*BOUGHT, RETURNED, *in_part, gave(43, "70.01", "return-1"))) == BEYOND


def test_so_it_is_of_a_refund_request() -> None:
    credits_ = [credit(action, 41, 20, correlation_id="ask-1") for action in ("refunded", "voided")]
    assert attention(in_any_order(*BOUGHT, asked("ask-1", 20), *credits_, gave(43, 20, "ask-1"))) == set()


def test_what_was_taken_beyond_the_price_is_back_once_a_request_got_as_much() -> None:
    """240 were taken for 200, and the request got 40 back, once. Another 40 are for nothing."""
    more = [paid("authorized", 2, "b", 40), paid("captured", 12, "d", 40)]
    credits_ = [credit(action, 41, 40, correlation_id="ask-1") for action in ("refunded", "voided")]
    life = [*BOUGHT, *more, asked("ask-1", 40), *credits_, gave(43, 40, "ask-1")]
    assert attention(in_any_order(*life)) == set()
    assert attention(in_any_order(*life, gave(44, 40, None))) == {("unmatched_refund", "refunded:r44")}


def test_another_return_is_still_owed() -> None:
    """Only 120 of 200 are back."""
    another = back("return-2", 45, pieces("B"), total_refund_amount=80)
    assert due(*REPLACED, another).keys() == {f"{REFUNDED}:return-2"}
    assert due(*REPLACED, another, gave(46, 80, "return-2")) == {}
    assert attention(in_any_order(*REPLACED, another, gave(46, 80, "return-2"))) == set()


@pytest.mark.parametrize(
    ("issued", "before", "after"), [(120, 0, 120), (80, 0, 120), (80, 40, 80), (150, 0, 120), (150, 40, 80)]
)
def test_another_return_is_still_owed_beside_a_request(issued: int, before: int, after: int) -> None:
    """120 are back, however much of the request the voided credit was."""
    credits_ = [credit(action, 41, issued, correlation_id="ask-1") for action in ("refunded", "voided")]
    life = [*BOUGHT, asked("ask-1", 120), gave(40, before, "ask-1"), *credits_, gave(43, after, "ask-1")]
    another = back("return-2", 45, pieces("B"), total_refund_amount=80)
    assert due(*life, another).keys() == {f"{REFUNDED}:return-2"}
    assert attention(in_any_order(*life, another, gave(46, 80, "return-2"))) == set()
    assert due(*life, another, gave(46, 80, "return-2")) == {}


def test_what_was_cancelled_is_still_owed() -> None:
    """Only 30 of 70 are back, for the return."""
    life = [*PAID, ONE_OFF, *SENT, ENDED, back("return-1", 40, pieces("A"), total_refund_amount=30)]
    credits_ = [credit(action, 41, 30, correlation_id="return-1") for action in ("refunded", "voided")]
    assert due(*life, credits_[0]).keys() == {REFUNDED}
    assert due(*life, *credits_, gave(43, 30, "return-1")).keys() == {REFUNDED}
    assert due(*life, *credits_, gave(43, 30, "return-1"), gave(50, 30, None)) == {}


@pytest.mark.parametrize("name", ["return-1", "credit-1"])
def test_it_takes_nothing_of_what_was_cancelled_at_a_price_that_nobody_knows(name: str) -> None:
    """The return got 30 of the 70 captured, so 40 may be for the cancelled item."""
    returned = back("return-1", 40, pieces("A"), total_refund_amount=30)
    credits_ = [
        paid(action, 41, "order-1-credit-1", amount, method="store_credit", correlation_id=name)
        for action, amount in (("refunded", 30), ("voided", 20))
    ]
    life = [*LIFE, returned, *credits_, gave(43, 20, "return-1")]
    assert attention(in_any_order(*life, given(40))) == set()
    assert attention(in_any_order(*life, given("40.01"))) >= RINGS
