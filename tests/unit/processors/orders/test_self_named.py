"""Issued store credits that name themselves: which return or refund request they are for."""

from typing import Any

import pytest

from processors.orders.fact import Fact
from tests.unit.processors.orders.facts import Json, attention, back, clock, fact, in_any_order, paid, pieces
from tests.unit.processors.orders.test_refunds import AUTHORIZED, CAPTURED, OPENED, asked


def credit(amount: object, transaction_id: str = "order-1-credit-1", **fields: Any) -> Fact:
    """Return an issued store credit that names itself."""
    of = {"method": "store_credit", "correlation_id": "credit-1", **fields}
    return paid("refunded", 9, transaction_id, amount, **of)


@pytest.mark.parametrize(
    "fields", [{}, {"transaction_id": "credit-1"}, {"transaction_id": "t1", "instrument_id": "credit-1"}]
)
def test_a_store_credit_that_names_itself_is_for_the_return_of_which_as_much_is_outstanding(fields: Json) -> None:
    returned = back("return-1", 7, pieces("A"), total_refund_amount=97.02)
    rest = paid("refunded", 8, "t0", 26.62, correlation_id="return-1")
    state = in_any_order(AUTHORIZED, OPENED, CAPTURED, returned, rest, credit(-70.4, **fields))
    kept = state["returns"]["return-1"]
    assert (kept["refunded"], kept["refund_outstanding"]) == ("97.02", "0")
    assert (state["unmatched_refunds"], attention(state), state["suspected"]) == ([], set(), [])
    assert {each["correlation_id"] for each in state["payments"].values()} == {None, "return-1", "credit-1"}


def test_a_store_credit_that_names_itself_may_be_for_a_refund_request() -> None:
    state = in_any_order(AUTHORIZED, OPENED, CAPTURED, asked(amount=5), credit(5))
    assert (state["refund_requests"]["ask-1"]["refund_outstanding"], state["unmatched_refunds"]) == ("0", [])
    assert (attention(state), state["suspected"]) == (set(), [])


def test_where_nobody_names_a_currency_a_store_credit_that_names_itself_is_for_the_return_all_the_same() -> None:
    opened = fact("order.opened", clock(0), items=[{"id": "A", "quantity": 2}])
    taken = paid("captured", 1, "t0", 500, currency=None)
    returned = back("return-1", 7, pieces("A"), total_refund_amount=50)
    state = in_any_order(opened, taken, returned, credit(50, currency=None))
    assert (state["returns"]["return-1"]["refund_outstanding"], state["unmatched_refunds"]) == ("0", [])


FIFTY = back("return-1", 7, pieces("A"), total_refund_amount=50, currency="EUR")
FIFTY_MORE = back("return-2", 8, pieces("A"), total_refund_amount=50)


@pytest.mark.parametrize(
    "facts",
    [
        [FIFTY, credit(50, correlation_id="elsewhere")],
        [FIFTY, credit(50, correlation_id=None)],
        [FIFTY, credit(50, transaction_id="order-1-credit-11")],
        [FIFTY, credit("49.99")],
        [FIFTY, credit("50.01")],
        [FIFTY, credit(50, currency="USD")],
        [FIFTY, credit(50), credit(50, "credit-2", correlation_id="credit-2")],  # one of them is too much
        [FIFTY, FIFTY_MORE, credit(50)],  # nobody can know for which one
        [back("return-1", 7, pieces("A")), credit(50)],
        [credit(50)],
        [FIFTY, paid("refunded", 8, "t0", 50, correlation_id="return-1"), credit(50)],
        [FIFTY, paid("refunded", 8, "t0", 50, correlation_id="return-1"), credit(0)],
    ],
)
def test_a_refund_that_may_be_for_something_else_stays_unmatched(facts: list[Fact]) -> None:
    state = in_any_order(AUTHORIZED, OPENED, CAPTURED, *facts)
    unmatched = state["unmatched_refunds"]
    assert unmatched
    assert {("unmatched_refund", each["payment"]) for each in unmatched if each["amount"] != "0"} <= attention(state)


@pytest.mark.parametrize("amount", ["50.00000000000001", "49.99999999999999", "50.004"])
def test_a_store_credit_that_names_itself_may_differ_by_noise(amount: str) -> None:
    state = in_any_order(AUTHORIZED, OPENED, CAPTURED, FIFTY, credit(amount))
    assert (state["unmatched_refunds"], attention(state), state["suspected"]) == ([], set(), [])
    assert state["returns"]["return-1"]["refunded"] == amount
    for odd in ("50.01", "0.004"):
        assert in_any_order(
            AUTHORIZED, OPENED, CAPTURED, FIFTY, credit(amount), credit(odd, "c-2", correlation_id="2")
        )["unmatched_refunds"]


def test_noise_is_by_the_currency_of_what_it_is_in() -> None:
    dinars = {"currency": "KWD"}
    taken = paid("authorized", 1, "a", 500, **dinars), paid("captured", 1, "t0", 500, **dinars)
    returned = back("return-1", 7, pieces("A"), total_refund_amount=50, **dinars)
    for amount, unmatched in (("50.0004", 0), ("50.001", 1)):
        state = in_any_order(*taken, returned, credit(amount, **dinars))
        assert len(state["unmatched_refunds"]) == unmatched


def test_as_many_store_credits_as_returns_of_one_amount_are_for_these() -> None:
    other = credit(50, "credit-2", correlation_id="credit-2", currency=None)
    state = in_any_order(AUTHORIZED, OPENED, CAPTURED, FIFTY, FIFTY_MORE, credit(50), other)
    assert [each["refund_outstanding"] for each in state["returns"].values()] == ["0", "0"]
    assert (state["unmatched_refunds"], attention(state)) == ([], set())
