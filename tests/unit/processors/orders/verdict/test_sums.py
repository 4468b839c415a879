"""Which sums are not known: those that may contain an unreadable amount."""

import pytest

from processors.orders.fact import Fact
from processors.orders.verdict.sums import KnownSums
from tests.unit.commands.order.orders import order
from tests.unit.processors.orders.facts import Json, back, clock, fact, items, paid, pieces

LEFT = "balance without cancelled items"
OPEN, NET, BALANCE = "open authorization", "net (captured - refunded)", "balance (due if above 0)"
ACTIONS = ("authorized", "captured", "voided", "refunded")
AMOUNTS = dict(zip(ACTIONS, ("58", "30", "10", "5"), strict=True))
FACTS = [
    fact("order.opened", items=items("A"), currency="EUR", grand_total=58),
    *(paid(action, n, f"{action}-1", amount) for n, (action, amount) in enumerate(AMOUNTS.items(), start=1)),
]


@pytest.mark.parametrize(
    ("action", "unknown"),
    [("authorized", {OPEN}), ("captured", {OPEN, NET, BALANCE}), ("voided", {OPEN}), ("refunded", {NET})],
)
@pytest.mark.parametrize("currency", ["EUR", None])
def test_what_is_computed_from_a_sum_is_known_as_long_as_that_is(
    action: str, unknown: set[str], currency: str | None
) -> None:
    known = {OPEN: "18", NET: "25", BALANCE: "28"}
    whole = order(*FACTS)
    assert KnownSums(whole).derived("EUR") == known
    state = order(*FACTS, paid(action, 9, "odd", "much", currency=currency))
    found = KnownSums(state).derived("EUR")
    assert found == {name: None if name in unknown else amount for name, amount in known.items()}
    sums = {each: KnownSums(state).of("EUR", each) for each in ACTIONS}
    assert sums == {**AMOUNTS, action: None}


def test_an_amount_of_another_currency_or_method_leaves_a_sum_known() -> None:
    elsewhere = order(*FACTS, paid("captured", 9, "odd", "much", currency="USD"))
    assert KnownSums(elsewhere).of("EUR", "captured") == "30"
    cash = KnownSums(order(*FACTS, paid("captured", 9, "odd", "much", method="cash")))
    assert (cash.of("EUR", "captured"), cash.of_method("EUR", "credit_card", "captured")) == (None, "30")
    nameless = order(*FACTS, paid("captured", 9, "odd", "much", instrument_id=None))
    assert KnownSums(nameless).of_method("EUR", "credit_card", "captured") is None


def test_what_is_due_without_what_was_cancelled_is_told_where_it_is_known_and_something_was() -> None:
    line = {"quantity": 1, "list_price": 30, "item_discounts": 0, "order_discounts": 0, "tax": 0}
    head: Json = {"currency": "EUR", "grand_total": 60, "price_method": "tax_excluded"}
    whole = [
        fact("order.opened", items=items("A", "B", **line), **head),
        paid("captured", 1, "c", 40),
        paid("captured", 2, "d", 5, currency="USD"),
    ]
    cancelled = [*whole, fact("order.items_cancelled", items=items("B"))]
    nobody_knows = [fact("order.opened", items=items("A", "B"), **head), *cancelled[1:]]
    unread = [*cancelled, paid("captured", 3, "odd", "much")]

    def without(facts: list[Fact], currency: str = "EUR") -> str | None:
        return KnownSums(order(*facts)).derived(currency).get(LEFT, "not told")

    assert without(cancelled) == "-10"
    assert [without(facts) for facts in (whole, nobody_knows, unread)] == ["not told"] * 3
    assert without(cancelled, "USD") == "not told"
    all_off = [*whole, fact("order.cancelled", items=[])]
    assert without(all_off) == "-40"


def test_what_was_cancelled_and_given_back_is_not_told_as_taken_too_much() -> None:
    """Otherwise somebody gives it back twice."""
    opened = fact("order.opened", items=items("A"), currency="EUR", grand_total=20)
    cancelled = [opened, paid("captured", 1, "c", 20), fact("order.cancelled", clock(2), items=[])]
    amounts = [
        KnownSums(order(*cancelled, *more)).derived("EUR").get(LEFT, "not told")
        for more in ([], [paid("refunded", 3, "r", 5)], [paid("refunded", 3, "r", 20)])
    ]
    assert amounts == ["-20", "-20", "not told"]
    unread = order(*cancelled, paid("refunded", 3, "r", 20), paid("refunded", 4, "odd", "much"))
    assert KnownSums(unread).derived("EUR")[LEFT] == "-20"


def test_refunds_of_returns_neither_hide_nor_undo_what_cancelled_items_were_refunded() -> None:
    """A return's refund says nothing about cancelled items, and does not undo theirs."""
    line = {"list_price": 20, "item_discounts": 0, "order_discounts": 0, "tax": 0}
    lines = [pieces("A", **line), pieces("B", **line)]
    opened = fact("order.opened", items=lines, currency="EUR", grand_total=40, price_method="tax_excluded")
    cancelled = [opened, paid("captured", 1, "c", 40), fact("order.items_cancelled", clock(2), items=items("B"))]
    of_cancelled = paid("refunded", 3, "r", 20)
    sent_back = back("return-1", 4, pieces("A", refund_amount=20), total_refund_amount=20, currency="EUR")
    returned = [sent_back, paid("refunded", 5, "of-return", 20, correlation_id="return-1")]
    amounts = [
        KnownSums(order(*cancelled, *more)).derived("EUR").get(LEFT, "not told")
        for more in (returned, [of_cancelled], [of_cancelled, *returned], [paid("refunded", 3, "r", 21)])
    ]
    assert amounts == ["-20", "not told", "not told", "not told"]
