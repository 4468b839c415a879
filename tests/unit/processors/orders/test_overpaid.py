"""Customers who paid more than the order costs, or got back more than they paid: by more than cash is rounded."""

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
    paid,
    transaction,
)

TWICE = [paid(action, n, f"{action}-{n}", 60) for n in (2, 4) for action in ("authorized", "captured")]
OVER, BEYOND = ("over_captured", "EUR"), ("refunded_more_than_captured", "EUR")


def order(total: object, **fields: Any) -> Fact:
    return fact("order.opened", clock(1), currency="EUR", grand_total=total, **fields)


def state(*facts: Fact) -> Json:
    return in_any_order(*facts, back("return", 9))


def refunded(amount: object, n: int = 0, transaction_id: str = "", **fields: object) -> Fact:
    return paid("refunded", 10 + n, transaction_id or f"r{n}", amount, **{"correlation_id": "return", **fields})


def test_who_is_charged_twice_is_told_although_both_were_authorized_until_he_has_it_back() -> None:
    assert attention(state(order(60), *TWICE)) == {OVER}
    assert attention(state(order(60), *TWICE, refunded("59.99"))) == {OVER}
    assert attention(state(order(60), *TWICE, refunded(60))) == set()


def test_what_was_taken_twice_may_go_back_without_a_name() -> None:
    nameless = refunded(60, correlation_id=None)
    assert attention(state(order(60), *TWICE, nameless)) == set()
    assert attention(state(order(60), *TWICE[:2], nameless)) == {("unmatched_refund", "refunded:r0")}
    assert attention(state(order(60), *TWICE, nameless, refunded(1, 1, correlation_id=None))) == {
        ("unmatched_refund", "refunded:r0"),
        ("unmatched_refund", "refunded:r1"),
    }
    few = [paid("captured", 2, "c", 60.01, method="cash"), paid("refunded", 3, "change", 0.01, method="cash")]
    assert attention(state(order(60), *few)) == set()
    change = [paid("captured", 2, "c", 100, method="cash"), paid("refunded", 3, "change", 40, method="cash")]
    assert attention(state(order(60), *change)) == set()


def test_what_goes_back_for_goods_does_not_hide_what_was_taken_too_much() -> None:
    returned = back("return", 9, total_refund_amount=60)
    assert attention(in_any_order(order(60), *TWICE, returned, refunded(60))) == {OVER}
    assert OVER not in attention(in_any_order(order(60), *TWICE, returned, refunded(60), refunded(60, 1)))
    assert attention(in_any_order(order(60), *TWICE[:2], returned, refunded(60))) == set()


def test_who_has_all_back_has_nothing_more_to_get() -> None:
    taken = [paid("captured", 3, "c", 66)]
    returned = back("return", 9, total_refund_amount=66)
    assert attention(in_any_order(order(60), *taken, returned)) == {OVER}
    assert attention(in_any_order(order(60), *taken, returned, refunded(60))) == {OVER}
    assert attention(in_any_order(order(60), *taken, returned, refunded(66))) == set()


def test_a_store_credit_for_a_return_that_names_itself_does_not_hide_it_either() -> None:
    returned = back("return", 9, total_refund_amount=60)
    for rest in (0, 20):  # what of the return went back under its name
        credit = refunded(60 - rest, 1, transaction_id="order-1-credit", correlation_id="credit", method="store_credit")
        goods = [returned, refunded(rest), credit]
        assert attention(in_any_order(order(60), *TWICE, *goods)) == {OVER}
        assert attention(in_any_order(order(60), *TWICE, *goods, refunded(60, 2, correlation_id=None))) == set()


@pytest.mark.parametrize("promise", [{"currency": "EUR"}, {}, {"currency": "USD"}])
@pytest.mark.parametrize("given", [{"currency": "USD"}, {"currency": None}])
def test_goods_that_are_paid_back_otherwise_make_nothing_too_much(promise: Json, given: Json) -> None:
    returned = back("return", 9, total_refund_amount=60, **promise)
    assert OVER not in attention(in_any_order(order(60), *TWICE[:2], returned, refunded(60, **given)))


@pytest.mark.parametrize("said", [{"is_historical": True}, {"grand_total": None}, {"currency": "USD"}])
def test_nothing_is_too_much_where_the_price_is_not_known_or_was_paid_elsewhere(said: Json) -> None:
    opened = fact("order.opened", clock(1), **{"currency": "EUR", "grand_total": 60, **said})
    assert OVER not in attention(state(opened, *TWICE))


@pytest.mark.parametrize(
    ("amount", "method", "expected"),
    [
        ("60.01", "credit_card", {OVER}),
        (60.005, "credit_card", set()),
        ("60.0000000001", "credit_card", set()),
        ("60.02", "cash", set()),
        ("60.03", "cash", {OVER}),
    ],
)
def test_cash_is_rounded_and_nothing_else(amount: object, method: str, expected: set[tuple[str, str]]) -> None:
    assert attention(state(order(60), paid("captured", 2, "c", amount, method=method))) == expected
    authorized = paid("authorized", 2, "a", amount, method=method)
    assert attention(state(order(60), authorized, paid("captured", 2, "c", amount, method=method))) == expected


@pytest.mark.parametrize(
    ("method", "provider", "expected"),
    [
        ("cash", None, set()),
        (" Cash ", "adyen", set()),
        (None, "cash", set()),
        ("", "CASH", set()),
        ("pos_cash", "cash", set()),
        ("pos_cash", "cashless", {OVER}),
        (None, None, {OVER}),
    ],
)
def test_cash_is_told_by_its_method_or_its_provider_however_they_are_written(
    method: str | None, provider: str | None, expected: set[tuple[str, str]]
) -> None:
    taken = fact(
        "payment_account.amount_captured",
        clock(2),
        transactions=[transaction("c", "60.02", instrument_id="i")],
        instruments=[{"id": "i", "payment_method": method, "payment_provider": provider}],
    )
    made = state(order(60), taken)
    assert attention(made) == expected
    assert [*made["payment_sums"]["EUR"]["by_method"]] == [method or "unknown"]


@pytest.mark.parametrize(
    ("currency", "price", "most", "too_much"),
    [
        ("EUR", 60, "60.02", "60.03"),
        ("CHF", 60, "60.02", "60.03"),
        ("USD", 60, "60.02", "60.03"),
        ("GBP", 60, "60.005", "60.01"),
        ("NZD", 60, "60.05", "60.06"),
        ("DKK", 60, "60.25", "60.26"),
        ("SEK", "60.50", 61, "61.01"),
        ("HUF", 1003, 1005, 1006),
        ("JPY", 1003, 1003, 1004),
        ("CLP", 1995, 2000, 2001),
        ("COP", 12340, 12350, 12366),
        ("IDR", 10050, 10100, 10101),
        ("KWD", 10, "10.002", "10.003"),
        ("XYZ", 60, 61, "61.01"),
    ],
)
def test_cash_is_rounded_to_what_there_are_coins_for(
    currency: str, price: object, most: object, too_much: object
) -> None:
    opened = fact("order.opened", clock(1), currency=currency, grand_total=price)
    for amount, found in ((most, set()), (too_much, {("over_captured", currency)})):
        taken = paid("captured", 2, "c", amount, method="cash", currency=currency)
        assert attention(in_any_order(opened, taken)) == found


def test_each_payment_in_cash_is_rounded() -> None:
    taken = [paid("captured", n, f"c{n}", 20.02, method="cash") for n in (2, 3, 4)]
    assert attention(state(order(60), *taken)) == set()
    assert attention(state(order(60), *taken[:2], paid("captured", 4, "c4", 20.04, method="cash"))) == {OVER}


@pytest.mark.parametrize(
    ("currency", "noise", "too_much"),
    [("KWD", "10.0005", "10.001"), ("EUR", "10.005", "10.01"), ("JPY", "10.5", "11"), ("XYZ", "10.005", "10.01")],
)
def test_noise_is_less_than_the_least_that_can_be_owed(currency: str, noise: str, too_much: str) -> None:
    opened = fact("order.opened", clock(1), currency=currency, grand_total=10)
    for amount, found in ((noise, set()), (too_much, {("over_captured", currency)})):
        assert attention(in_any_order(opened, paid("captured", 2, "c", amount, currency=currency))) == found


def test_an_instrument_of_which_too_much_was_taken_is_named_until_it_has_that_back() -> None:
    taken = [order(50), paid("authorized", 2, "a", 25), paid("captured", 3, "c", 30)]
    assert attention(state(*taken)) == {("over_captured", "the-credit_card")}
    assert attention(state(*taken, refunded(5))) == set()
    rounded = [
        order(50),
        *(paid(how, 2, how, n, method="cash") for how, n in (("authorized", 25), ("captured", 25.02))),
    ]
    assert attention(state(*rounded)) == set()


@pytest.mark.parametrize(
    ("amounts", "method", "status", "expected"),
    [
        (("10.98", "10.98"), "cash", "refunded", set()),
        (("10.95", "10.95"), "cash", "partially_refunded", set()),
        (("10.95", "11.07"), "cash", "refunded", set()),
        (("10.95", "11.08"), "cash", "refunded", {BEYOND}),
        (("10.95", "9.94"), "cash", "partially_refunded", set()),
        (("10.95", "10.98"), "credit_card", "partially_refunded", set()),
        (("10.98", "10.98"), "credit_card", "refunded", {BEYOND}),
    ],
)
def test_cash_is_rounded_on_its_way_back_too(
    amounts: tuple[str, ...], method: str, status: str, expected: set[tuple[str, str]]
) -> None:
    refunds = [refunded(amount, n, method=method) for n, amount in enumerate(amounts)]
    found = state(order(21.95), paid("captured", 2, "c", 21.95, method=method), *refunds)
    assert (found["payment_status"], attention(found)) == (status, expected)
    assert found["payment_sums"]["EUR"]["net"] == f"{21.95 - sum(map(float, amounts)):.2f}".rstrip("0").rstrip(".")


@pytest.mark.parametrize(
    ("promise", "subject"),
    [
        (back("return", 9, total_refund_amount=20), "return"),
        (back("return", 9, total_refund_amount=25, return_fee=5), "return"),
        (fact("refund_request.issued", clock(9), id="return", amount=20, currency="EUR"), "return"),
    ],
)
def test_what_was_given_back_twice_is_named(promise: Fact, subject: str) -> None:
    taken = [order(60), paid("captured", 2, "c", 60)]
    once, twice = refunded(20), refunded(20, 1)
    assert attention(in_any_order(*taken, promise, once)) == set()
    assert attention(in_any_order(*taken, promise, once, twice)) == {("refunded_more_than_promised", subject)}
    assert attention(in_any_order(*taken, promise, refunded("20.01"))) == {("refunded_more_than_promised", subject)}
    assert attention(in_any_order(*taken, promise, refunded("20.02", method="cash"))) == set()
    assert attention(in_any_order(*taken, promise, refunded("20.03", method="cash"))) == {
        ("refunded_more_than_promised", subject)
    }


def test_who_owes_for_his_return_was_promised_nothing() -> None:
    taken = [order(60), paid("captured", 2, "c", 60)]
    assert attention(in_any_order(*taken, back("return", 9, total_refund_amount=-4))) == set()
    assert attention(in_any_order(*taken, back("return", 9), refunded(20))) == set()
