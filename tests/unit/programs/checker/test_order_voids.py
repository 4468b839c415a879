"""The checker's own reading of voids: what they release, and what they take nothing from."""

import pytest

from tests.unit.programs.checker.said import folded, listed, money, of_items
from tests.unit.programs.checker.test_order_money import OPENED


def test_what_an_exchange_voids_of_what_was_charged_at_once_was_not_taken_if_the_price_is_left() -> None:
    exchange = listed("opened", "a", currency="EUR", grand_total=60, is_exchange=True)
    charged = [money(step, (step, 100), instrument_id="i") for step in ("authorized", "captured")]
    for voided, found in ((40, 0), (39, 1), (41, 1)):
        kept = folded(exchange, *charged, money("voided", ("v", voided), instrument_id="i"))
        assert len(kept["attention"]) == found


def test_a_void_lets_go_only_of_what_had_been_taken() -> None:
    def moved(*steps: tuple[str, float]) -> int:
        moves = [money(step, (f"t{n}", amount), instrument_id="i") for n, (step, amount) in enumerate(steps)]
        return len(folded(OPENED, *moves)["attention"])

    twice = [("captured", 100), ("captured", 100)]
    assert moved(("authorized", 200), *twice, ("voided", 100)) == 0
    assert moved(("authorized", 200), *twice, ("voided", 99)) == 1
    assert moved(("authorized", 200), ("voided", 100), *twice) == 1
    assert moved(("authorized", 200), ("voided", 100), *twice, ("voided", 10)) == 1
    once, anew = [("authorized", 100), twice[0]], [("authorized", 100), twice[1]]
    assert moved(*once, ("voided", 100), *anew) == 0
    assert moved(*once, *anew, ("voided", 99)) == 1


def test_a_refund_of_what_a_void_let_go_of_is_one_too_many() -> None:
    charged = [money(step, (step, 100), instrument_id="i") for step in ("authorized", "captured")]
    off, refund = of_items("cancelled", "a"), money("refunded", ("r", 60))
    for voided, found in ((40, 0), (41, 1), (100, 1)):
        state = folded(OPENED, *charged, off, refund, money("voided", ("v", voided), instrument_id="i"))
        assert [each["kind"] for each in state["attention"]] == ["refunded_more_than_captured"] * found


@pytest.mark.parametrize(("voided", "is_blind"), [("credit", True), ("another", False), (None, False)])
def test_an_account_of_a_blind_return_may_have_its_credit_voided(voided: str | None, *, is_blind: bool) -> None:
    issued = money("refunded", ("r", 30), correlation_id="nothing known", instrument_id="credit")
    state = folded(issued, money("voided", ("v", 30), instrument_id=voided))
    assert (state["attention"] == []) is is_blind
