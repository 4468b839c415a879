"""A store credit that names itself is voided, and paid out by another means. The customer got the money once."""

from collections.abc import Iterator

import pytest

from processors.orders.apply import apply
from processors.orders.fact import Fact
from processors.orders.render import self_named
from processors.orders.render.document import render
from processors.orders.row import load
from tests.unit.processors.orders.facts import EVERYTHING, Json, attention, back, in_any_order, paid, pieces
from tests.unit.processors.orders.money_lives import asked, gave, order, sent
from tests.unit.processors.orders.test_cancelled_at_a_price_unknown import LIFE
from tests.unit.processors.orders.test_cancelled_money import ENDED, ONE_OFF, PAID, SENT
from tests.unit.processors.orders.test_self_named import credit
from tests.unit.processors.orders.upcoming_facts import REFUNDED, due

TAKEN = [paid("authorized", 1, "a", 240), paid("captured", 11, "c", 240)]
RETURNED = back("return-1", 40, pieces("A"), total_refund_amount=120)
ISSUED = [*order("A", "B", total=240), *TAKEN, *sent("A", "B"), RETURNED, credit(120)]
PAID_OUT = gave(43, 120, "return-1")
UNMATCHED = {("unmatched_refund", "refunded:order-1-credit-1")}
UNDER = pytest.mark.parametrize("name", ["credit-1", "return-1"])


def voided(amount: object, name: str | None) -> Fact:
    return paid("voided", 42, "v", amount, method="store_credit", correlation_id=name)


def unsettled(*facts: Fact) -> list[str]:
    """The lists that the order's money puts it in."""
    return [*render(load(apply(None, facts, EVERYTHING).row), EVERYTHING).unsettled]


def settled(state: Json) -> list[tuple[str, str]]:
    """What went out and what is outstanding, by return and then by request."""
    promises = [*state["returns"].values(), *state["refund_requests"].values()]
    return [(each["refunded"], each["refund_outstanding"]) for each in promises]


@UNDER
def test_it_is_for_nothing_and_nobody_has_to_look_at_it(name: str) -> None:
    state = in_any_order(*ISSUED, voided(120, name), PAID_OUT)
    assert (attention(state), state["suspected"], settled(state)) == (set(), [], [("120", "0")])
    assert [each["payment"] for each in state["unmatched_refunds"]] == ["refunded:order-1-credit-1"], "as it was told"


@UNDER
@pytest.mark.parametrize("amount", [80, 120, 30])
def test_another_return_is_still_owed_whatever_it_is_worth(name: str, amount: int) -> None:
    life = [*ISSUED, voided(120, name), PAID_OUT, back("return-2", 45, pieces("B"), total_refund_amount=amount)]
    assert due(*life).keys() == {f"{REFUNDED}:return-2"}
    assert settled(in_any_order(*life)) == [("120", "0"), ("0", f"{amount}")]
    paid_too = [*life, gave(46, amount, "return-2")]
    assert (due(*paid_too), attention(in_any_order(*paid_too))) == ({}, set())


@UNDER
def test_what_is_left_of_it_is_for_the_return(name: str) -> None:
    life = [*ISSUED, voided(70, name), gave(43, 70, "return-1")]
    another = back("return-2", 45, pieces("B"), total_refund_amount=80)
    assert (attention(in_any_order(*life)), settled(in_any_order(*life))) == (set(), [("190", "-70")]), "as it was told"
    assert due(*life) == {}
    assert due(*life, another).keys() == {f"{REFUNDED}:return-2"}


@UNDER
def test_what_is_left_of_it_covers_no_more_than_that(name: str) -> None:
    """Two returns of 120 got 90 each by card. Nobody knows for which one the credit is that has 30 left."""
    another = [back("return-2", 45, pieces("B"), total_refund_amount=120), gave(46, 90, "return-2")]
    life = [*ISSUED, voided(90, name), gave(43, 90, "return-1"), *another]
    assert attention(in_any_order(*life)) == UNMATCHED
    assert unsettled(*life) == ["refund_outstanding"]
    assert unsettled(*life, gave(47, 30, "return-2")) == []


@UNDER
def test_until_it_is_paid_out_it_is_the_refund_of_the_return(name: str) -> None:
    """Like any other voided credit: nobody knows what it was voided for."""
    life = [*ISSUED, voided(120, name)]
    assert (settled(in_any_order(*life)), due(*life)) == ([("120", "0")], {})
    in_part = [*life, gave(43, 50, "return-1")]
    assert settled(in_any_order(*in_part)) == [("50", "70")]
    assert due(*in_part, back("return-2", 45, pieces("B"), total_refund_amount=20)).keys() == {f"{REFUNDED}:return-2"}


@UNDER
def test_what_was_taken_twice_is_still_kept(name: str) -> None:
    """Only the return's 120 are back, of 480 taken for 240."""
    twice = [paid("authorized", 2, "b", 240), paid("captured", 12, "d", 240)]
    life = [*ISSUED, *twice, voided(120, name), PAID_OUT]
    assert attention(in_any_order(*life)) == {("over_captured", "EUR")}
    assert attention(in_any_order(*life, gave(50, 240, None))) == set()


def test_so_it_is_of_a_refund_request() -> None:
    life = [*ISSUED[:-2], asked("ask-1", 20), credit(20), gave(43, 20, "ask-1")]
    for name in ("credit-1", "ask-1"):
        state = in_any_order(*life, voided(20, name))
        assert (attention(state), settled(state)) == (set(), [("20", "0")])
        another = back("return-2", 45, pieces("B"), total_refund_amount=220)
        assert due(*life, voided(20, name), another).keys() == {f"{REFUNDED}:return-2"}


def test_what_went_out_for_another_return_is_not_in_place_of_what_was_voided_for_this_one() -> None:
    """10 of the request's credit were voided under the request's name, and are not paid out yet."""
    life = [*ISSUED[:-1], PAID_OUT, asked("ask-1", 20), credit(20), voided(10, "ask-1")]
    state = in_any_order(*life)
    assert (attention(state), settled(state)) == (set(), [("120", "0"), ("20", "0")])
    state = in_any_order(*life, gave(44, 10, "ask-1"))
    assert (attention(state), settled(state)) == (set(), [("120", "0"), ("30", "-10")])


@pytest.mark.parametrize("name", ["credit-1", "ask-1"])
def test_it_is_not_paid_out_by_what_leaves_more_outstanding_or_less_than_is_left_of_it(name: str) -> None:
    """10 of the request's credit were voided. Before, another return got 120, and the request 30."""
    life = [*ISSUED[:-1], PAID_OUT, asked("ask-1", 50), gave(44, 30, "ask-1"), credit(20), voided(10, name)]
    state = in_any_order(*life)
    assert (attention(state), settled(state)) == (set(), [("120", "0"), ("50", "0")])
    state = in_any_order(*life, gave(45, 10, "ask-1"))
    assert (attention(state), settled(state)) == (set(), [("120", "0"), ("60", "-10")])


@UNDER
def test_it_is_not_paid_out_by_what_went_out_in_another_currency(name: str) -> None:
    abroad = [back("return-2", 45, pieces("B"), total_refund_amount=120, currency="USD")]
    state = in_any_order(*ISSUED, voided(120, name), *abroad, gave(46, 120, "return-2", currency="USD"))
    assert settled(state) == [("120", "0"), ("120", "0")]


@pytest.mark.parametrize(("life", "worth"), [([*PAID, ONE_OFF, *SENT, ENDED], 30), (LIFE, 40)])
@pytest.mark.parametrize("left", [0, 10])
def test_for_what_was_cancelled_it_went_out_once(life: list[Fact], worth: int, left: int) -> None:
    """This holds whether the item's worth is known or not. All of the credit, or all but 10, was voided and paid out by
    card."""
    life = [*life, credit(worth), voided(worth - left, "credit-1")]
    state = in_any_order(*life, gave(43, worth - left, "reduction"))
    assert (attention(state), state["suspected"]) == (set(), [])
    more = in_any_order(*life, gave(43, worth - left + 1, "reduction"))
    assert ("unmatched_refund", "refunded:r43") in attention(more)


class Keys(list[str]):
    """Counts how often any of them is gone through."""

    times = 0

    def __iter__(self) -> Iterator[str]:
        Keys.times += 1
        return super().__iter__()


def test_credits_of_one_name_are_not_compared_with_each_of_their_voids(monkeypatch: pytest.MonkeyPatch) -> None:
    """One event may have thousands of these credits."""
    voids = self_named._voids
    monkeypatch.setattr(self_named, "_voids", lambda *said: {name: Keys(keys) for name, keys in voids(*said).items()})
    life = [*ISSUED[:-2], *(credit(n + 2, f"{n}-credit-1") for n in range(50)), voided(1, "credit-1")]
    apply(None, [*life, *(back(f"return-{n}", 43, total_refund_amount=n + 2) for n in range(50))], EVERYTHING)
    assert 0 < Keys.times < 5


@pytest.mark.parametrize(
    "void",
    [
        [],
        [voided("119.99", "credit-1")],
        [voided(120, None)],
        [voided(120, "another")],
        [paid("voided", 42, "v", 120, method="cash", correlation_id="credit-1")],
        [paid("voided", 42, "v", 120, method="store_credit", correlation_id="credit-1", currency="USD")],
        [voided(120, "credit-1"), paid("authorized", 2, "b", 1, method="store_credit")],
    ],
)
def test_somebody_has_to_look_at_it_where_less_was_voided_or_it_may_be_of_something_else(void: list[Fact]) -> None:
    assert attention(in_any_order(*ISSUED, *void, PAID_OUT)) >= UNMATCHED
