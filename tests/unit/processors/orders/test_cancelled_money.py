"""Whoever paid before an order or item was cancelled gets the money back, and nobody has to look at that refund."""

import pytest

from processors.orders.fact import Fact
from tests.unit.processors.orders.facts import (
    Json,
    attention,
    back,
    clock,
    fact,
    in_any_order,
    items,
    paid,
    pieces,
    request,
)
from tests.unit.processors.orders.upcoming_facts import CAPTURED, REFUNDED, at, due

LINE: Json = {"quantity": 1, "list_price": 30, "item_discounts": 0, "order_discounts": 0, "tax": 0}
TOTALS: Json = {"grand_total": 70, "shipping_total": 10, "price_method": "tax_excluded"}
HEAD: Json = {"currency": "EUR", **TOTALS, "items": items("A", "B", **LINE)}
"""Two items of 30, and 10 for shipping."""
PAID = [
    fact("order.created", clock(0), **HEAD),
    fact("order.opened", clock(1), **HEAD),
    paid("authorized", 2, "a", 70),
    paid("captured", 3, "c", 70),
]
ALL_OFF = at(fact("order.cancelled", clock(4), items=[]), 2)
ONE_OFF = at(fact("order.items_cancelled", clock(4), items=items("B")), 2)
SENT = [request("assigned", 2, "A"), request("items_completed", 5, "A")]
ENDED = fact("order.completed", clock(6), items=items("A", status="complete"))


@pytest.mark.parametrize(
    ("facts", "owed"), [([ALL_OFF], 70), ([ONE_OFF, *SENT, ENDED], 30), ([ALL_OFF, at(ONE_OFF, 1)], 70)]
)
def test_the_money_of_what_was_cancelled_is_awaited_until_it_is_back(facts: list[Fact], owed: int) -> None:
    life = [*PAID, *facts]
    assert due(*life) == {REFUNDED: 2 + 5 * 24}
    assert due(*life, paid("refunded", 7, "r", owed - 1)) == {REFUNDED: 2 + 5 * 24}
    assert due(*life, paid("refunded", 7, "r", owed)) == {}


def test_money_that_was_taken_after_the_cancellation_is_awaited_since_then() -> None:
    late = at(paid("captured", 3, "c", 70), 200)
    assert due(*PAID[:3], ALL_OFF, late) == {REFUNDED: 200 + 5 * 24}
    assert due(*PAID[:3], ALL_OFF, at(late, 1)) == {REFUNDED: 2 + 5 * 24}
    ended = at(
        fact("order.completed", clock(6), items=[*items("A", status="complete"), *items("B", status="cancelled")]), 4
    )
    assert due(*PAID[:3], *SENT, ended, late) == {REFUNDED: 200 + 5 * 24}
    assert due(*PAID[:3], *SENT, ended, at(late, 1)) == {REFUNDED: 4 + 5 * 24}


@pytest.mark.parametrize("currency", [None, "EUR"])
def test_what_goes_back_for_goods_is_not_for_what_was_cancelled(currency: str | None) -> None:
    returned = at(back("return-1", 8, pieces("A"), total_refund_amount=30, currency=currency), 3)
    life = [*PAID, ONE_OFF, *SENT, ENDED, returned]
    assert due(*life, paid("refunded", 9, "r", 30, correlation_id="return-1")) == {REFUNDED: 2 + 5 * 24}
    assert due(*life, paid("refunded", 9, "r", 60, correlation_id="return-1")) == {}  # with what was cancelled
    both = [paid("refunded", 9, "r", 30, correlation_id="return-1"), paid("refunded", 9, "s", 30)]
    assert due(*life, *both) == {}


def test_nothing_is_awaited_where_nothing_was_taken_or_something_went_out() -> None:
    assert due(*PAID[:3], ALL_OFF, paid("voided", 5, "v", 70)) == {}
    assert due(*PAID, ALL_OFF, *SENT) == {REFUNDED: 2 + 5 * 24}  # of the other item
    whole = [fact("order.opened", clock(1), **HEAD | {"shipping_total": 0}), *PAID[2:]]
    assert due(PAID[0], *whole, ONE_OFF, *SENT, ENDED) == {}  # nobody knows what it is worth


def test_what_was_cancelled_at_a_price_with_its_tax_is_owed_with_that_and_its_refund_is_no_surprise() -> None:
    taxed = {"price_method": "tax_included", "shipping_total": 10, "tax_total": 9.58, "items": items("A", "B", **LINE)}
    begun = [fact(event, clock(0), **HEAD | taxed) for event in ("order.created", "order.opened")]
    life = [*begun, *PAID[2:], ONE_OFF, *SENT, ENDED]
    assert due(*life) == {REFUNDED: 2 + 5 * 24}
    given = in_any_order(*life, paid("refunded", 7, "r", 30))
    assert due(*life, paid("refunded", 7, "r", 30)) == {}
    assert (given["order"]["current_total"], attention(given), given["suspected"]) == ("40", set(), [])
    assert attention(in_any_order(*life, paid("refunded", 7, "r", 31))) == {("unmatched_refund", "refunded:r")}


def test_the_last_capture_is_due_beside_a_cancelled_item_of_which_it_is_known_what_it_was_worth() -> None:
    partly = [*PAID[:3], at(request("items_completed", 5, "A"), 1), paid("captured", 6, "c", 30), ENDED]
    assert due(*partly, ONE_OFF) == {CAPTURED: 26}  # shipping is 10 more
    assert due(*partly, at(ONE_OFF, 0.5)) == {CAPTURED: 25}  # it was sent after that
    assert due(*partly, ONE_OFF, paid("captured", 7, "d", "10,00")) == {}
    assert due(*partly, ONE_OFF, paid("captured", 7, "d", 10)) == {}
    assert due(*partly, ONE_OFF, paid("voided", 7, "v", 40)) == {}
    odd = {"shipping_total": 0}  # nobody knows what it is worth
    assert due(fact("order.opened", clock(1), **HEAD | odd), *partly[:1], *partly[2:], ONE_OFF) == {}


@pytest.mark.parametrize("correlation_id", [None, "cancellation-1"])
@pytest.mark.parametrize("currency", ["EUR", None])
def test_money_that_may_be_back_is_not_awaited(correlation_id: str | None, currency: str | None) -> None:
    odd = paid("refunded", 7, "r", "70,00", correlation_id=correlation_id, currency=currency)
    assert due(*PAID, ALL_OFF, odd) == due(*PAID, ONE_OFF, *SENT, ENDED, odd) == {}
    assert due(*PAID, ALL_OFF, paid("refunded", 7, "r", "70,00", currency="USD")) == {REFUNDED: 2 + 5 * 24}
    nameless = paid("refunded", 7, "r", 70, correlation_id=correlation_id, currency=None)
    assert due(*PAID, ALL_OFF, nameless) == due(*PAID, ONE_OFF, *SENT, ENDED, nameless) == {}
    returned = at(back("return-1", 8, pieces("A"), total_refund_amount=30), 3)
    assert due(*PAID, *SENT, request("items_completed", 5, "B"), ENDED, returned, odd) == {}


def test_cash_that_is_rounded_is_not_awaited() -> None:
    cash = [*PAID[:2], paid("captured", 3, "c", 70.02, method="cash")]
    assert due(*cash, ONE_OFF, *SENT, ENDED, paid("refunded", 7, "r", 30, method="cash")) == {}


@pytest.mark.parametrize("correlation_id", [None, "cancellation-1"])
def test_a_refund_of_what_was_cancelled_is_neither_unmatched_nor_suspect(correlation_id: str | None) -> None:
    def looked_at(amount: float, *facts: Fact) -> tuple[set[tuple[str, str]], list[str]]:
        refund = paid("refunded", 7, "r", amount, correlation_id=correlation_id)
        state = in_any_order(*PAID, *facts, refund)
        assert [each["payment"] for each in state["unmatched_refunds"]] == ["refunded:r"]
        return attention(state), state["suspected"]

    suspected = ["return_or_refund_request:refunded:r"] if correlation_id else []
    alarm = {("unmatched_refund", "refunded:r")}, suspected
    assert looked_at(70, ALL_OFF) == (set(), [])
    assert looked_at(30, ONE_OFF, *SENT, ENDED) == (set(), [])
    assert looked_at(30.01, ONE_OFF, *SENT, ENDED) == alarm
    assert looked_at(30, *SENT) == alarm


@pytest.mark.parametrize(
    ("amount", "fields", "looked_at"),
    [
        (30, {}, set()),
        (30, {"currency": "USD"}, {("unmatched_refund", "refunded:r"), ("currency_mismatch", "refunded:r")}),
        ("much", {}, {("unmatched_refund", "refunded:r"), ("unreadable_amount", "refunded:r")}),
    ],
)
def test_what_an_order_that_never_went_out_gives_back_needs_no_name_even_if_no_capture_is_known(
    amount: object, fields: Json, looked_at: set[tuple[str, str]]
) -> None:
    assert attention(in_any_order(*PAID[:3], ALL_OFF, paid("refunded", 7, "r", amount, **fields))) == looked_at


def test_a_refund_of_what_was_cancelled_needs_no_name_where_nobody_names_a_currency() -> None:
    opened = fact("order.opened", clock(1), **HEAD | {"currency": None})
    payments = [
        paid(action, n, action, 70, currency=None) for n, action in enumerate(("captured", "refunded"), start=3)
    ]
    assert attention(in_any_order(opened, ALL_OFF, *payments)) == set()


@pytest.mark.parametrize(("amount", "looked_at"), [("2.05", set()), ("2.06", {("unmatched_refund", "refunded:r")})])
def test_what_goes_back_of_cash_beyond_the_price_may_be_rounded(
    amount: object, looked_at: set[tuple[str, str]]
) -> None:
    cash = [paid("captured", 3, "c", 72, method="cash"), paid("refunded", 7, "r", amount, method="cash")]
    assert attention(in_any_order(*PAID[:2], *cash)) == looked_at


def test_what_an_order_that_never_went_out_gives_back_needs_no_name_even_if_its_price_is_not_known() -> None:
    nameless = [fact("order.opened", clock(1), **HEAD | {"grand_total": None}), *PAID[2:]]
    refund = paid("refunded", 7, "r", 70)
    assert attention(in_any_order(*nameless, ALL_OFF, refund)) == set()
    assert attention(in_any_order(*nameless, refund)) == {("unmatched_refund", "refunded:r")}


def test_where_nothing_was_taken_beyond_the_price_no_refund_is_so_small_that_it_needs_no_name() -> None:
    """Not even a refund below the rounding of cash."""
    cash = [*PAID[:2], paid("captured", 3, "c", 70, method="cash")]
    coin = paid("refunded", 7, "r", "0.05", method="cash")
    assert attention(in_any_order(*cash, coin)) == {("unmatched_refund", "refunded:r")}
    assert attention(in_any_order(*cash[:2], paid("captured", 3, "c", "70.01", method="cash"), coin)) == set()


def test_nothing_is_given_back_for_an_item_that_was_never_paid() -> None:
    life = [*PAID[:3], ONE_OFF, *SENT, paid("captured", 5, "c", 40), ENDED, paid("refunded", 7, "r", 30)]
    assert attention(in_any_order(*life)) == {("unmatched_refund", "refunded:r")}


def test_a_price_that_is_without_the_cancelled_item_already_was_paid_with_it() -> None:
    opened = fact("order.opened", clock(5), **HEAD | {"grand_total": 40, "items": items("A", **LINE)})
    early = [PAID[0], paid("captured", 3, "c", 70), ONE_OFF, opened]
    assert attention(in_any_order(*early, paid("refunded", 7, "r", 30))) == set()
    assert attention(in_any_order(*early, paid("refunded", 7, "r", "30.01"))) == {("unmatched_refund", "refunded:r")}


def test_several_refunds_of_a_cancelled_item_are_looked_at_together() -> None:
    refunds = [paid("refunded", 7 + n, f"r{n}", 20) for n in range(2)]
    state = in_any_order(*PAID, ONE_OFF, *refunds, back("other", 9))
    assert attention(state) == {("unmatched_refund", f"refunded:r{n}") for n in range(2)}


def asked(request_id: str, amount: object) -> Fact:
    return fact("refund_request.issued", clock(6), id=request_id, amount=amount, currency="EUR")


def test_what_went_back_already_does_not_go_back_in_silence_again() -> None:
    """A request counts if it is as much as the whole item. Less is more likely for something else."""
    alarm = {("unmatched_refund", "refunded:again")}
    again = paid("refunded", 9, "again", 30)
    first = [asked("q", 30), paid("refunded", 7, "r", 30, correlation_id="q")]
    assert attention(in_any_order(*PAID, ONE_OFF, *SENT, *first)) == set()
    assert attention(in_any_order(*PAID, ONE_OFF, *SENT, *first, again)) == alarm
    parts = [
        asked("p", 10),
        asked("q", 20),
        paid("refunded", 7, "p", 10, correlation_id="p"),
        paid("refunded", 7, "q", 20, correlation_id="q"),
    ]
    assert attention(in_any_order(*PAID, ONE_OFF, *SENT, *parts, again)) == alarm
    beside = [*first, asked("p", 5), paid("refunded", 7, "p", 5, correlation_id="p")]
    assert attention(in_any_order(*PAID, ONE_OFF, *SENT, *beside, again)) == alarm
    goodwill = [asked("q", 5), paid("refunded", 7, "r", 5, correlation_id="q")]
    assert attention(in_any_order(*PAID, ONE_OFF, *SENT, *goodwill, again)) == set()
    unpaid = [asked("q", 30)]
    assert attention(in_any_order(*PAID, ONE_OFF, *SENT, *unpaid, again)) == set()
    twice = [paid("captured", 4, "d", 20), asked("q", 20), paid("refunded", 7, "r", 20, correlation_id="q")]
    assert attention(in_any_order(*PAID, *twice, paid("refunded", 9, "again", 20))) == alarm


SWAPPED = fact("order.items_swapped", clock(3), items=items("B", new_item_id="C"))
SENT_BOTH = [request("assigned", 2, "A", "C"), request("items_completed", 5, "A", "C")]
OTHER_OFF = at(fact("order.items_cancelled", clock(4), items=items("C")), 2)


@pytest.mark.parametrize(
    ("facts", "left"),
    [
        ([SWAPPED, ONE_OFF, *SENT_BOTH], "70"),  # the cancellation is the swap's
        ([SWAPPED, ONE_OFF, request("assigned", 2, "A", "C")], "70"),
        ([SWAPPED, *SENT_BOTH], "70"),
        ([SWAPPED, OTHER_OFF, *SENT], "40"),  # the item that took its place is cancelled, and its price with it
        ([SWAPPED, ONE_OFF, OTHER_OFF, *SENT], "40"),
        ([SWAPPED, OTHER_OFF, request("assigned", 2, "A", "B"), request("items_completed", 5, "A", "B")], "70"),
        ([fact("order.items_swapped", clock(3), items=items("B", "C")), ONE_OFF, *SENT], "40"),
        ([fact("order.items_swapped", clock(3), items=items("B", "C")), ONE_OFF, *SENT_BOTH], None),
        ([ONE_OFF, *SENT_BOTH], None),  # may it stand for the other one?
    ],
)
def test_what_was_swapped_and_cancelled_is_off_where_what_took_its_place_is(
    facts: list[Fact], left: str | None
) -> None:
    assert in_any_order(*PAID, *facts)["order"]["current_total"] == left
    is_owed = left == "40"
    ended = [fact("order.completed", clock(6), items=[])]
    assert due(*PAID, *facts, *ended) == ({REFUNDED: 2 + 5 * 24} if is_owed else {})
