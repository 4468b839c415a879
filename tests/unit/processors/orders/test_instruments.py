"""How an instrument pays. An event need not say so of its transactions' instruments if another event does."""

from itertools import permutations

import pytest

from processors.orders.fact import Fact
from tests.unit.processors.orders.facts import (
    ORDER_ID,
    Json,
    attention,
    clock,
    fact,
    in_any_order,
    kinds,
    state_of,
    without_arrival,
)

OPENED = fact("order.opened", clock(1), currency="EUR", grand_total=100)
GIFT_CARD = {"id": "gc", "payment_method": "gift_card", "payment_wallet": "direct", "payment_provider": "acme"}
NOTHING = {"authorized": "0", "captured": "0", "voided": "0", "refunded": "0"}


def moved(
    action: str, second: int, amount: object, *instruments: Json, by: str | None = "gc", name: str = "t", **said: object
) -> Fact:
    """An event with one transaction, which lists these instruments."""
    of = {"id": name, "amount": amount, "currency": "EUR", "instrument_id": by, **said}
    event = f"payment_account.amount_{action}"
    return fact(event, clock(second), n=second, id=ORDER_ID, transactions=[of], instruments=[*instruments])


def by_method(state: Json) -> Json:
    found: Json = state["payment_sums"]["EUR"]["by_method"]
    return found


def how(state: Json, key: str) -> tuple[str | None, ...]:
    payment = state["payments"][key]
    return payment["payment_method"], payment["payment_wallet"], payment["payment_provider"]


@pytest.mark.parametrize("lists", ["authorized", "captured", "refunded"])
def test_it_is_known_by_any_event_that_lists_it(lists: str) -> None:
    steps = {"authorized": 100, "captured": 100, "refunded": 40}
    told = [
        moved(action, second, amount, *([GIFT_CARD] if action == lists else ()))
        for second, (action, amount) in enumerate(steps.items(), start=2)
    ]
    state = in_any_order(OPENED, *told)
    assert by_method(state) == {"gift_card": {**NOTHING, "authorized": "100", "captured": "100", "refunded": "40"}}
    assert {how(state, f"{action}:t") for action in steps} == {("gift_card", "direct", "acme")}


@pytest.mark.parametrize("by", ["another", None, ""])
def test_another_one_or_none_is_not_known_by_it(by: str | None) -> None:
    state = in_any_order(OPENED, moved("authorized", 2, 100, GIFT_CARD), moved("captured", 3, 100, by=by))
    assert by_method(state)["unknown"] == {**NOTHING, "captured": "100"}
    assert how(state, "captured:t") == (None, None, None)


def test_what_the_payments_own_events_say_is_so_whatever_others_say() -> None:
    card = {"id": "gc", "payment_method": "credit_card"}
    state = in_any_order(OPENED, moved("authorized", 2, 100, GIFT_CARD), moved("captured", 3, 90, card))
    assert {method: sums["captured"] for method, sums in by_method(state).items()} == {
        "gift_card": "0",
        "credit_card": "90",
    }
    assert how(state, "captured:t") == ("credit_card", None, None)


def test_of_several_others_the_latest_counts_field_by_field() -> None:
    store_credit = {"id": "gc", "payment_method": "store_credit", "payment_wallet": ""}
    told = [OPENED, moved("authorized", 2, 9, GIFT_CARD), moved("authorized", 3, 9, store_credit, name="u")]
    told.append(moved("captured", 1, 9))
    for arrived in permutations(told):
        state = state_of(*arrived)
        assert without_arrival(state) == without_arrival(state_of(*told))
    assert how(state, "captured:t") == ("store_credit", "direct", "acme")
    assert kinds(state) == []


def test_cash_is_rounded_also_where_only_another_event_calls_it_so() -> None:
    cash = {"id": "till", "payment_method": "cash"}
    opened = fact("order.opened", clock(1), currency="EUR", grand_total="99.95")
    twice = [moved("captured", second, 50, by="till", name=f"t{second}") for second in (3, 4)]
    authorized = [moved("authorized", 2, 100, *listed, by="till") for listed in ([cash], [])]
    assert attention(in_any_order(opened, authorized[0], *twice)) == set()
    assert attention(in_any_order(opened, authorized[1], *twice)) == {("over_captured", "EUR")}


def test_a_telling_that_a_later_one_corrected_still_says_how_its_instrument_pays() -> None:
    """One step was told with two instruments. The last one paid, but the first one is still a gift card."""
    first, last = moved("captured", 3, 50, GIFT_CARD), moved("captured", 4, 50, by="other")
    state = in_any_order(OPENED, first, last, moved("refunded", 5, 10))
    assert (how(state, "captured:t")[0], how(state, "refunded:t")[0]) == (None, "gift_card")
