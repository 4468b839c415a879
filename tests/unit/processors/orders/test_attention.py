"""What is possible, but needs somebody's look: neither contradictions nor mere suspicions."""

from datetime import UTC, datetime, timedelta

import orjson
import pytest

from processors.orders.apply import OrderRules, apply, list_unprocessed
from processors.orders.fact import Fact
from processors.orders.order_rules import History
from processors.orders.unprocessed import Unprocessed
from tests.unit.processors.orders.facts import (
    EVERYTHING,
    ORDER_ID,
    TENANT,
    attention,
    back,
    clock,
    fact,
    in_any_order,
    items,
    kinds,
    paid,
    state_of,
    transaction,
)
from tests.unit.processors.orders.facts import payment as event

OPENED = fact("order.opened", clock(0), currency="EUR", grand_total=50, items=items("A"))
BETWEEN_SHIPMENTS = [paid("authorized", 1, "a", 50), paid("captured", 2, "t", 20)]
RETURNED = back("return-1", 7, total_refund_amount=50)


def refunded(amount: object, **fields: object) -> Fact:
    """Return a refund of the return."""
    return paid("refunded", 8, "r", amount, correlation_id="return-1", **fields)


def asked(request_id: str, amount: object, currency: str | None = "EUR") -> Fact:
    """Return a refund that somebody asks for."""
    return fact("refund_request.issued", clock(7), id=request_id, amount=amount, currency=currency)


@pytest.mark.parametrize(
    ("facts", "expected"),
    [
        ([OPENED, paid("captured", 2, "t", 50), RETURNED, refunded(50)], set()),
        ([OPENED, paid("captured", 2, "t", "?")], {("unreadable_amount", "captured:t")}),
        ([OPENED, paid("captured", 2, "t", 1, currency="USD")], {("currency_mismatch", "captured:t")}),
        ([OPENED, paid("authorized", 2, "t", 1, currency="USD")], {("currency_mismatch", "authorized:t")}),
        ([OPENED, paid("captured", 2, "t", 1, currency=None)], set()),
        ([paid("captured", 2, "t", 1, currency="USD")], set()),
        ([OPENED, paid("captured", 2, "t", 50.01)], {("over_captured", "EUR")}),
        ([OPENED, paid("captured", 2, "t", 25.5), paid("captured", 3, "u", 25)], {("over_captured", "EUR")}),
        (
            [OPENED, paid("authorized", 1, "t", 50.01), paid("captured", 2, "t", 50.01)],
            {("over_captured", "EUR")},
        ),
        ([OPENED, paid("captured", 2, "t", 49.99)], set()),
        ([paid("captured", 2, "t", 5000)], set()),
        ([OPENED, paid("authorized", 2, "t", 5000)], set()),
        (
            [OPENED, paid("captured", 2, "t", 20), RETURNED, refunded(20.01)],
            {("refunded_more_than_captured", "EUR")},
        ),
        ([OPENED, RETURNED, refunded(20)], set()),
        (
            [
                OPENED,
                paid("captured", 2, "t", 20),
                paid("captured", 2, "u", 5, currency="USD"),
                RETURNED,
                refunded(6, currency="USD"),
            ],
            {
                ("currency_mismatch", "captured:u"),
                ("currency_mismatch", "refunded:r"),
                ("refunded_more_than_captured", "USD"),
                ("unmatched_refund", "refunded:r"),
            },
        ),
        ([OPENED, paid("captured", 2, "t", 20), refunded(5)], {("unmatched_refund", "refunded:r")}),
        ([OPENED, paid("captured", 2, "t", 20), asked("a", 20)], set()),
        ([OPENED, paid("captured", 2, "t", 20), asked("a", 20.01)], {("requested_more_than_captured", "EUR")}),
        ([OPENED, paid("captured", 2, "t", 20), asked("a", 20.005)], set()),
        ([OPENED, paid("captured", 2, "t", 20, method="cash"), asked("a", 20.02)], set()),
        (
            [OPENED, paid("captured", 2, "t", 20, method="cash"), asked("a", 20.03)],
            {("requested_more_than_captured", "EUR")},
        ),
        (
            [OPENED, paid("captured", 2, "t", 20), asked("a", 15, currency=None), asked("b", "5.01"), asked("c", "?")],
            {("requested_more_than_captured", "EUR")},
        ),
        ([OPENED, paid("captured", 2, "t", 20), asked("a", 30, currency="USD")], set()),
        ([OPENED, *BETWEEN_SHIPMENTS, asked("a", 50)], set()),
        ([OPENED, *BETWEEN_SHIPMENTS, asked("a", 50.01)], {("requested_more_than_captured", "EUR")}),
        (
            [OPENED, *BETWEEN_SHIPMENTS, paid("voided", 3, "v", 20), asked("a", 30.01)],
            {("requested_more_than_captured", "EUR")},
        ),
        ([OPENED, asked("a", 30)], set()),
        ([OPENED, paid("authorized", 1, "t", 50), asked("a", 30)], set()),
        (
            [
                OPENED,
                event("authorized", 1, transaction("a", 25), transaction("b", 25, "gift_card")),
                event("captured", 2, transaction("c", 30), transaction("d", 20, "gift_card")),
            ],
            {("over_captured", "the-credit_card")},
        ),
        (
            [OPENED, paid("authorized", 1, "a", 25), paid("captured", 2, "c", 25.01)],
            {("over_captured", "the-credit_card")},
        ),
        ([OPENED, paid("authorized", 1, "a", 25), paid("captured", 2, "c", 50, instrument_id=None)], set()),
        (
            [OPENED, paid("authorized", 1, "a", 25), paid("authorized", 1, "b", "?"), paid("captured", 2, "c", 50)],
            {("unreadable_amount", "authorized:b")},
        ),
        (
            [
                OPENED,
                paid("authorized", 1, "a", 25),
                paid("authorized", 1, "b", 25, instrument_id=None),
                paid("captured", 2, "c", 50),
            ],
            set(),
        ),
        (
            [OPENED, paid("authorized", 1, "a", 25), paid("captured", 2, "c", 26, currency="USD")],
            {("currency_mismatch", "captured:c")},
        ),
        (
            [
                OPENED,
                *(paid("authorized", 1, f"a-{each}", 25, currency=each) for each in ("EUR", "USD")),
                *(paid("captured", 2, f"c-{each}", 26, currency=each) for each in ("EUR", "USD")),
            ],
            {
                ("over_captured", "the-credit_card"),
                ("currency_mismatch", "authorized:a-USD"),
                ("currency_mismatch", "captured:c-USD"),
            },
        ),
        ([OPENED, paid("authorized", 1, "a", 25), event("captured", 2, transaction("c", 40, "gift_card"))], set()),
        (
            [OPENED, paid("captured", 2, "t", 20), paid("refunded", 8, "r", 5)],
            {("unmatched_refund", "refunded:r")},
        ),
    ],
)
def test_each_kind_names_what_it_is_about(facts: list[Fact], expected: set[tuple[str, str]]) -> None:
    state = in_any_order(*facts)
    assert attention(state) == expected
    assert kinds(state) == []


def test_a_refund_that_matches_something_known_needs_no_attention_whatever_came_first() -> None:
    asked = fact("refund_request.issued", clock(5), id="ask", amount=12)
    refunds = event(
        "refunded",
        9,
        transaction("a", 5, correlation_id="ask"),
        transaction("b", 7, correlation_id="ask"),
    )
    state = in_any_order(OPENED, paid("captured", 2, "t", 50), asked, refunds)
    assert attention(state) == set()
    assert state["refund_requests"]["ask"]["refund_outstanding"] == "0"


def test_of_what_was_before_the_bridge_no_sums_are_compared_and_no_refund_is_unmatched() -> None:
    doubts = [
        paid("authorized", 1, "a", 10),
        paid("captured", 2, "c", 20),
        asked("ask", 30),
        paid("refunded", 8, "r", 25, method="store_credit"),
    ]
    assert {kind for kind, _ in attention(in_any_order(OPENED, *doubts))} == {
        "over_captured",
        "refunded_more_than_captured",
        "requested_more_than_captured",
        "unmatched_refund",
    }
    before = OrderRules(history=History.before(datetime(2025, 1, 1, tzinfo=UTC), timedelta(days=1)))
    assert attention(state_of(OPENED, *doubts, rules=before)) == set()


def test_what_was_captured_beyond_the_price_was_so_whatever_was_before() -> None:
    before = OrderRules(history=History.before(datetime(2025, 1, 1, tzinfo=UTC), timedelta(days=1)))
    taken = [OPENED, paid("captured", 2, "c", 51), RETURNED]
    assert attention(state_of(*taken, refunded(50), rules=before)) == {("over_captured", "EUR")}
    beyond = {("refunded_more_than_promised", "return-1")}
    assert attention(state_of(*taken, refunded(51), rules=before)) == beyond


@pytest.mark.parametrize("event", ["return.processed", "refund_request.issued"])
def test_no_refund_is_unmatched_where_what_it_is_for_could_not_be_known(event: str) -> None:
    facts = [OPENED, paid("captured", 2, "c", 20), refunded(5)]
    unmatched = {("unmatched_refund", "refunded:r")}
    assert attention(state_of(*facts)) == unmatched
    all_but = {"return.processed", "refund_request.issued"} - {event}
    assert attention(state_of(*facts, rules=OrderRules(events=frozenset(all_but)))) == set()
    failed = Unprocessed(ORDER_ID, TENANT, [event, "key", "0:9", "a bug", clock(9)])
    applied, _ = list_unprocessed(apply(None, facts, EVERYTHING).row, [failed], EVERYTHING)
    assert attention(orjson.loads(applied.state)) == set()
