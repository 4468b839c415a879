"""How far amounts may differ in the checker's own fold: by cash rounding, and by noise."""

import pytest

from tests.unit.programs.checker.said import folded, given_back, listed, money, wish

OPENED = listed("opened", "a", currency="EUR", grand_total=100)


def test_what_is_kept_beyond_the_price_is_too_much_but_for_rounded_cash() -> None:
    twice = money("authorized", ("a", 100), ("b", 100)), money("captured", ("c", 100), ("d", 100))
    over = [{"kind": "over_captured", "subject": "EUR"}]
    assert folded(OPENED, *twice)["attention"] == over
    assert folded(listed("created", "a", is_historical=True), OPENED, *twice)["attention"] == []
    asked = wish("q", 100)
    assert folded(OPENED, *twice, asked, money("refunded", ("r", 100), correlation_id="q"))["attention"] == []
    for amount, method, found in ((100.02, "cash", []), (100.03, "cash", over), (100.01, "card", over)):
        name, paid = money("captured", ("c", amount), instrument_id="i")
        paid = {**paid, "instruments": [{"id": "i", "payment_method": method}]}
        assert folded(OPENED, (name, paid))["attention"] == found


@pytest.mark.parametrize(
    ("method", "provider", "found"), [(" Cash", "adyen", 0), ("", "CASH", 0), ("pos_cash", "cash", 0), (None, None, 1)]
)
def test_who_sees_to_it_tells_that_it_is_cash_too(method: str | None, provider: str | None, found: int) -> None:
    name, paid = money("captured", ("c", 100.02), instrument_id="i")
    paid = {**paid, "instruments": [{"id": "i", "payment_method": method, "payment_provider": provider}]}
    state = folded(OPENED, (name, paid))
    assert len(state["attention"]) == found
    assert [*state["payment_sums"]["EUR"]["by_method"]] == [method or "unknown"]


@pytest.mark.parametrize(
    ("currency", "method", "most", "over"),
    [
        ("HUF", "cash", 102, 103),
        ("JPY", "card", 100, 101),
        ("KWD", "cash", 100.002, 100.003),
        ("ABC", "cash", 101, 101.01),
    ],
)
def test_each_currency_is_rounded_in_its_own_way(currency: str, method: str, most: float, over: float) -> None:
    opened = listed("opened", "a", currency=currency, grand_total=100)
    for amount, found in ((most, 0), (over, 1)):
        name, paid = money("captured", ("c", amount), instrument_id="i", currency=currency)
        paid = {**paid, "instruments": [{"id": "i", "payment_method": method}]}
        assert len(folded(opened, (name, paid))["attention"]) == found


@pytest.mark.parametrize(("method", "asked", "found"), [("cash", 100.02, 0), ("cash", 100.03, 1), ("card", 100.01, 1)])
def test_who_asks_for_what_cash_was_rounded_by_asks_for_no_more_than_was_taken(
    method: str, asked: float, found: int
) -> None:
    name, paid = money("captured", ("c", 100), instrument_id="i")
    paid = {**paid, "instruments": [{"id": "i", "payment_method": method}]}
    kinds = [each["kind"] for each in folded(OPENED, (name, paid), wish("q", asked))["attention"]]
    assert kinds == ["requested_more_than_captured"] * found


def test_what_is_voided_of_a_credit_that_was_issued_did_not_go_out() -> None:
    paid = [money(action, (action, 100), instrument_id="card") for action in ("authorized", "captured")]
    issued = money("refunded", ("credit", 100), instrument_id="credit", correlation_id="return")
    life = [OPENED, *paid, given_back("a", total_refund_amount=100), issued, wish("q", 5)]
    life.append(money("refunded", ("cash", 5), correlation_id="q"))
    for amount, of, found in ((5, "credit", 0), (4, "credit", 1), (5, "card", 1)):
        kinds = [each["kind"] for each in folded(*life, money("voided", ("v", amount), instrument_id=of))["attention"]]
        assert kinds == ["refunded_more_than_captured"] * found


def test_an_exchange_gives_its_rest_back_once() -> None:
    head = {"currency": "EUR", "grand_total": 10, "exchanges": [{"order_id": "o", "return_id": "r0"}]}
    life = [listed("opened", "a", **head), *(money(action, (action, 15)) for action in ("authorized", "captured"))]
    rest, again = money("refunded", ("r", 5), correlation_id="r0"), money("refunded", ("s", 5))
    assert folded(*life, rest)["attention"] == folded(*life, again)["attention"] == []
    assert folded(*life, rest, again)["attention"] == [{"kind": "unmatched_refund", "subject": "refunded:s"}]


@pytest.mark.parametrize(
    ("currency", "given", "left"), [("jpy", 99.6, "0"), ("JPY ", 99.6, "0"), ("kwd", 99.998, "0.002"), (" ", 99.6, "0")]
)
def test_what_is_no_debt_in_a_currency_is_none_however_that_is_spelt(currency: str, given: float, left: str) -> None:
    opened = listed("opened", "a", currency="JPY", grand_total=200)
    promises = given_back("a", of="b", total_refund_amount=100, currency=currency), wish("q", 100, currency=currency)
    paid = [money("refunded", (each, given), correlation_id=each, currency=currency) for each in ("b", "q")]
    state = folded(opened, *promises, *paid)
    assert state["returns"]["b"]["refund_outstanding"] == left
    assert state["refund_requests"]["q"]["refund_outstanding"] == left
