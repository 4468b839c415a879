"""How far amounts may differ in the checker's own fold: what cash is rounded by, and noise."""

import pytest

from tests.unit.programs.checker.said import folded, listed, money, wish

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
