"""Which refund was for what: a return, a refund request, or nothing that is known."""

from typing import Any

import pytest

from processors.orders.fact import Fact
from tests.unit.processors.orders.facts import Json, attention, back, clock, fact, in_any_order, paid, pieces, state_of
from tests.unit.processors.orders.upcoming_facts import due

OPENED = fact("order.opened", clock(0), currency="EUR", items=[{"id": "A", "quantity": 2}])
CAPTURED = paid("captured", 1, "t0", 500)
PROMISE: Json = {"total_refund_amount": 50, "return_fee": 4.95}
AUTHORIZED = paid("authorized", 0, "t0", 500)


def asked(second: int = 5, **fields: Any) -> Fact:
    """Return a refund request."""
    return fact("refund_request.issued", clock(second), **{"id": "ask-1", "currency": "EUR", **fields})


@pytest.mark.parametrize(
    ("promised", "outstanding"),
    [
        ({"total_refund_amount": 100}, "40"),
        ({"total_refund_amount": 100, "return_fee": 0}, "40"),
        ({"total_refund_amount": 100, "return_fee": 9.5}, "30.5"),
        ({"total_refund_amount": 100, "total_refund_amount_adjusted": 90.25, "return_fee": 0}, "30.25"),
        ({"total_refund_amount": 100, "total_refund_amount_adjusted": 90, "return_fee": 10}, "30"),
        ({"total_refund_amount": 10, "return_fee": 9.5}, "-59.5"),
        ({"total_refund_amount": 10, "return_fee": 15}, "-60"),  # it gives nothing back, and takes nothing
        ({"total_refund_amount": -100, "return_fee": 9.5}, "30.5"),
        ({"total_refund_amount": -100, "return_fee": "-9.50"}, "30.5"),
        ({"total_refund_amount": 70, "total_refund_amount_adjusted": 70, "return_fee": 10}, "10"),
        ({"total_refund_amount": 100, "total_refund_amount_adjusted": "-90.25"}, "30.25"),
        ({"total_refund_amount_adjusted": 60}, "0"),
        ({"total_refund_amount_adjusted": 0}, "-60"),
        ({"total_refund_amount": 60.00000000000001}, "0"),
        ({"total_refund_amount": 59.99999999999999}, "0"),
        ({"total_refund_amount": 59.995}, "0"),
        ({"total_refund_amount": 60.005}, "0"),
        ({"total_refund_amount": 60.006}, "0.006"),
        ({"total_refund_amount": "all"}, None),
        ({"return_fee": 3}, None),
        ({"total_refund_amount": 100, "return_fee": "4,95"}, None),
        ({"total_refund_amount": 100, "return_fee": {}}, None),
        ({"total_refund_amount": 100, "return_fee": None, "total_refund_amount_adjusted": ""}, "40"),
        ({"total_refund_amount": 100, "total_refund_amount_adjusted": "90,00"}, None),
        ({"total_refund_amount": "all", "total_refund_amount_adjusted": 90, "return_fee": "4,95"}, "30"),
        ({}, None),
    ],
)
def test_what_is_outstanding_of_a_return_is_what_it_promised_without_what_went_out(
    promised: Json, outstanding: str | None
) -> None:
    refunds = [
        paid("refunded", 8, "t1", -50, correlation_id="return-1"),
        paid("refunded", 9, "t2", 10, correlation_id="return-1"),
        paid("refunded", 9, "t3", 7, correlation_id="return-2"),
    ]
    state = in_any_order(OPENED, CAPTURED, back("return-1", 7, pieces("A"), **promised), *refunds)
    kept = state["returns"]["return-1"]
    assert (kept["refunded"], kept["refund_outstanding"]) == ("60", outstanding)


def test_a_return_that_is_told_anew_with_what_can_be_read_is_clear() -> None:
    unclear = back("return-1", 7, pieces("A"), total_refund_amount=50, return_fee="4,95")
    later = back("return-1", 8, pieces("A"), total_refund_amount=50, return_fee=4.95)
    for facts, outstanding in (([unclear, later], "45.05"), ([back("return-1", 6, **PROMISE), unclear], None)):
        assert in_any_order(OPENED, *facts)["returns"]["return-1"]["refund_outstanding"] == outstanding


@pytest.mark.parametrize(
    ("promised_in", "refunded", "others"),
    [
        ("EUR", "15", ["t2"]),
        ("USD", "12", ["t1"]),
        ("GBP", "5", ["t1", "t2"]),
        (None, "15", ["t2"]),
        ("", "15", ["t2"]),
    ],
)
def test_refunds_of_another_currency_settle_nothing_and_are_unmatched(
    promised_in: str | None, refunded: str, others: list[str]
) -> None:
    refunds = [
        paid("refunded", 8, "t1", 10, correlation_id="return-1"),
        paid("refunded", 8, "t2", 7, correlation_id="return-1", currency="USD"),
        paid("refunded", 8, "t3", 5, correlation_id="return-1", currency=None),
    ]
    made = back("return-1", 7, pieces("A"), currency=promised_in, total_refund_amount=30)
    state = in_any_order(OPENED, CAPTURED, made, *refunds)
    assert state["returns"]["return-1"]["refunded"] == refunded
    assert [each["payment"] for each in state["unmatched_refunds"]] == [f"refunded:{each}" for each in others]
    assert {subject for kind, subject in attention(state) if kind == "unmatched_refund"} == {
        f"refunded:{each}" for each in others
    }
    assert not any(name.startswith("return_or") for name in state["suspected"])


def test_a_promise_without_a_currency_is_in_the_orders() -> None:
    refund = paid("refunded", 8, "t1", 5000, correlation_id="return-1", currency="JPY")
    for made in (back("return-1", 7, total_refund_amount=50), asked(id="return-1", amount=50, currency=None)):
        state = in_any_order(OPENED, CAPTURED, made, refund)
        kept = (state["returns"] | state["refund_requests"])["return-1"]
        assert (kept["refunded"], kept["refund_outstanding"]) == ("0", "50")
        assert attention(state) == {("currency_mismatch", "refunded:t1"), ("unmatched_refund", "refunded:t1")}


@pytest.mark.parametrize(
    ("currencies", "refunded", "outstanding"),
    [(["USD", "USD"], "50", "0"), (["USD", None], "50", "0"), (["USD", "EUR"], "20", None), ([None, None], "50", "0")],
)
def test_where_no_currency_is_known_only_one_of_refunds_can_be_meant(
    currencies: list[str | None], refunded: str, outstanding: str | None
) -> None:
    refunds = [
        paid("refunded", 8 + n, f"t{n}", amount, correlation_id="return-1", currency=currency)
        for n, (amount, currency) in enumerate(zip((30, 20), currencies, strict=True))
    ]
    state = in_any_order(back("return-1", 7, pieces("A"), total_refund_amount=50), *refunds)
    kept = state["returns"]["return-1"]
    assert (kept["refunded"], kept["refund_outstanding"]) == (refunded, outstanding)
    assert len(state["unmatched_refunds"]) == (outstanding is None)


def test_a_refund_that_names_a_return_of_another_currency_is_not_taken_for_another_ones() -> None:
    foreign = back("return-1", 7, total_refund_amount=43, currency="GBP")
    refund = paid("refunded", 9, "t1", 50, correlation_id="return-1")
    assert due(OPENED, CAPTURED, foreign, refund, back("return-2", 8, total_refund_amount=50)).keys() == {
        "payment_account.amount_refunded:return-2"
    }
    opened = fact("order.opened", clock(0), currency="EUR", grand_total=450)
    assert ("unmatched_refund", "refunded:t1") in attention(in_any_order(opened, CAPTURED, foreign, refund))


def test_of_what_went_out_unreadably_nobody_knows_what_is_left_and_it_is_not_awaited() -> None:
    refunds = [paid("refunded", 9, "t1", "5,00", correlation_id="ask-1"), paid("refunded", 9, "t2", 2)]
    life = [OPENED, CAPTURED, asked(amount=7), refunds[0]]
    state = in_any_order(*life, refunds[1])
    kept = state["refund_requests"]["ask-1"]
    assert (kept["refunded"], kept["refund_outstanding"]) == ("0", None)
    assert [each["payment"] for each in state["unmatched_refunds"]] == ["refunded:t2"]
    assert due(*life) == {}


@pytest.mark.parametrize(("amount", "outstanding"), [(5, "0"), (12.5, "7.5"), ("5.01", "0.01"), ("some", None)])
def test_a_refund_may_be_that_of_a_refund_request(amount: object, outstanding: str | None) -> None:
    state = in_any_order(OPENED, CAPTURED, asked(amount=amount), paid("refunded", 9, "t1", -5, correlation_id="ask-1"))
    kept = state["refund_requests"]["ask-1"]
    assert (kept["refunded"], kept["refund_outstanding"]) == ("5", outstanding)
    assert (state["unmatched_refunds"], state["suspected"]) == ([], ["payment_account.amount_authorized"])


def test_a_refund_request_says_what_is_known_of_it() -> None:
    made = asked(
        amount=5.0,
        payment_account_id="order-1",
        requested_at="2019-02-06T22:10:08.509Z",
        return_reason="Price adjustment",
        reason_code=2,
        note="Testing refund",
    )
    assert state_of(made)["refund_requests"] == {
        "ask-1": {
            "amount": "5",
            "currency": "EUR",
            "payment_account_id": "order-1",
            "requested_at": "2019-02-06T22:10:08.509Z",
            "return_reason": "Price adjustment",
            "reason_code": "2",
            "note": "Testing refund",
            "refunded": "0",
            "refund_outstanding": "5",
        }
    }


def test_before_any_refund_all_of_it_is_outstanding() -> None:
    kept = state_of(back("return-1", 7, total_refund_amount=97.02))["returns"]["return-1"]
    assert (kept["refunded"], kept["refund_outstanding"]) == ("0", "97.02")


@pytest.mark.parametrize("correlation", ["elsewhere", None])
def test_a_refund_for_nothing_known_is_unmatched(correlation: str | None) -> None:
    lost = paid("refunded", 9, "t1", -5, correlation_id=correlation)
    state = in_any_order(OPENED, CAPTURED, asked(amount=5), lost)
    assert state["unmatched_refunds"] == [
        {"payment": "refunded:t1", "amount": "5", "currency": "EUR", "correlation_id": correlation}
    ]
    assert attention(state) == {("unmatched_refund", "refunded:t1")}
    assert state["refund_requests"]["ask-1"]["refunded"] == "0"


def test_a_refund_of_nothing_is_nothing_to_look_at() -> None:
    state = in_any_order(OPENED, CAPTURED, paid("refunded", 9, "t1", "0.00"))
    assert ([each["amount"] for each in state["unmatched_refunds"]], attention(state)) == (["0"], set())


def test_a_refund_is_matched_once_its_return_arrives() -> None:
    refund = paid("refunded", 9, "t1", 5, correlation_id="return-1")
    assert len(state_of(OPENED, CAPTURED, refund)["unmatched_refunds"]) == 1
    state = in_any_order(OPENED, CAPTURED, refund, back("return-1", 7, total_refund_amount=5))
    assert (state["unmatched_refunds"], attention(state)) == ([], set())
    assert state["returns"]["return-1"]["refund_outstanding"] == "0"


def test_only_refunds_are_matched_and_each_transaction_once() -> None:
    """The correlation id of a capture names a capture request, and two captures share one."""
    state = in_any_order(
        OPENED,
        paid("captured", 2, "t1", 50, correlation_id="return-1"),
        paid("captured", 2, "t2", 50, correlation_id="capture request"),
        back("return-1", 7, total_refund_amount=20),
        paid("refunded", 8, "t1", 20, correlation_id="return-1"),
    )
    assert state["returns"]["return-1"]["refunded"] == "20"
    assert state["unmatched_refunds"] == []


def test_a_refund_counts_as_it_went_out_and_not_by_the_instrument_that_paid() -> None:
    """Refunds of a card order go out as new instruments, so no sum of one instrument is ever cut."""
    state = in_any_order(
        OPENED,
        CAPTURED,
        back("return-1", 7, total_refund_amount=158.4),
        paid("refunded", 8, "t1", 70.4, method="store_credit", correlation_id="return-1"),
        paid("refunded", 8, "t2", 88, method="gift_card", correlation_id="return-1"),
    )
    assert (state["payment_sums"]["EUR"]["refunded"], state["payment_sums"]["EUR"]["net"]) == ("158.4", "341.6")
    assert state["returns"]["return-1"]["refund_outstanding"] == "0"


def test_an_unreadable_refund_is_unmatched_without_an_amount_or_matched_as_nothing() -> None:
    matched = paid("refunded", 9, "t1", "some", correlation_id="return-1")
    state = in_any_order(OPENED, CAPTURED, matched, paid("refunded", 9, "t2", "some"), back("return-1", 7))
    assert state["returns"]["return-1"]["refunded"] == "0"
    assert [(each["payment"], each["amount"]) for each in state["unmatched_refunds"]] == [("refunded:t2", None)]
