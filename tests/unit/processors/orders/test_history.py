"""Orders whose events may not all have been sent: they are told apart, and never incomplete."""

from datetime import UTC, datetime, timedelta
from typing import Any

import orjson
import pytest

from processors.orders.apply import OrderRules, apply, list_unprocessed, mark_late
from processors.orders.fact import Fact
from processors.orders.gaps import gaps_of
from processors.orders.order_rules import History
from processors.orders.row import load
from processors.orders.standing import LISTS
from processors.orders.unprocessed import Unprocessed
from tests.unit.processors.orders.facts import ORDER_ID, TENANT, Json, back, clock, fact, items, paid, state_of

SINCE = datetime(2024, 4, 1, tzinfo=UTC)
WINDOW = timedelta(days=30)  # up to 1 May, 0:00
RULES = OrderRules(history=History.before(SINCE, WINDOW))
BEFORE, AFTER = "2024-03-31T23:59:59.999Z", "2024-04-01T00:00:00Z"
FOREVER_MS = 1 << 60
REFUND = paid("refunded", 5, "t", 5)
REFUND_REQUEST = fact("refund_request.issued", clock(5), amount=5)
BOTH = [REFUND, REFUND_REQUEST]


def told(*facts: Fact, rules: OrderRules = RULES) -> bool:
    """Whether the order is partial history. If so, it must never be incomplete."""
    applied = apply(None, facts, rules)
    state = state_of(*facts, rules=rules)
    assert state["partial_history"] == state_of(*reversed(facts), rules=rules)["partial_history"]
    if state["partial_history"]:
        assert applied.due == 0
        assert mark_late(applied.row, FOREVER_MS, rules).after.incomplete is False
    return bool(state["partial_history"])


@pytest.mark.parametrize(
    ("times", "partial"),
    [
        ({"placed_at": BEFORE, "created_at": AFTER}, True),
        ({"placed_at": AFTER, "created_at": BEFORE}, False),
        ({"created_at": BEFORE}, True),
        ({"created_at": AFTER}, False),
        ({"placed_at": "2024-04-01T01:00:00+02:00"}, True),
        ({"placed_at": "some day", "created_at": BEFORE}, True),
    ],
)
@pytest.mark.parametrize("event", ["order.created", "order.opened"])
def test_an_order_is_as_old_as_it_says(event: str, times: dict[str, Any], partial: bool) -> None:
    assert told(fact(event, clock(0), **times)) is partial


@pytest.mark.parametrize(
    ("published_at", "partial"),
    [
        ("2024-04-30T23:59:59.999Z", True),
        ("2024-05-01T00:00:00Z", False),
        ("2024-05-01T00:00:00.000001Z", False),
        ("no time", True),  # received in 1970
    ],
)
def test_the_age_of_one_that_does_not_say_is_that_of_its_first_fact(published_at: str, partial: bool) -> None:
    facts = [
        fact("return.processed", published_at, id="r", items=items("A")),
        fact("order.completed", "2024-08-01T00:00:00Z" if published_at != "no time" else published_at),
    ]
    assert told(*facts) is partial


def test_a_list_without_a_time_says_nothing_of_the_age() -> None:
    assert told(fact("order.opened", "2024-04-02T00:00:00Z")) is True


def test_an_order_without_facts_is_of_no_age() -> None:
    """None of the order's events could be processed yet."""
    event = Unprocessed(ORDER_ID, TENANT, ["order.created", "key", "0:1", "a bug", "2024-03-01T00:00:00.000Z"])
    listed, _ = list_unprocessed(None, [event], RULES)
    assert orjson.loads(listed.state)["partial_history"] is False


def test_where_nobody_says_since_when_the_bridge_listens_no_return_is_history() -> None:
    assert told(back("r", 3), rules=OrderRules()) is False


@pytest.mark.parametrize("facts", [[REFUND], [REFUND_REQUEST], BOTH, [back("r", 3), REFUND], [back("r", 3), *BOTH]])
@pytest.mark.parametrize("rules", [RULES, OrderRules()])
def test_refunds_and_nothing_else_are_those_of_a_blind_return(facts: list[Fact], rules: OrderRules) -> None:
    assert told(*facts, rules=rules) is True


@pytest.mark.parametrize("other", [paid("captured", 2, "c", 5), fact("order.gift_wrapped", clock(2))])
def test_an_order_that_is_known_by_more_than_refunds_and_returns_is_none(other: Fact) -> None:
    assert told(REFUND, other, rules=OrderRules()) is told(REFUND, back("r", 3), other, rules=OrderRules()) is False


def test_a_return_of_which_nothing_went_back_is_incomplete_until_it_is_refunded() -> None:
    alone = [back("r", 3), REFUND_REQUEST]
    assert told(*alone, rules=OrderRules()) is False
    late = mark_late(apply(None, alone, OrderRules()).row, FOREVER_MS, OrderRules())
    assert (late.after.incomplete, gaps(late.row)) == (True, ["order.created"])
    refunded = apply(late.row, [REFUND], OrderRules())
    assert (refunded.after.incomplete, refunded.due, gaps(refunded.row)) == (False, 0, [])
    assert refunded.after.standing == {}


def owed(return_id: str) -> Fact:
    return back(return_id, 3, total_refund_amount=5, currency="EUR")


@pytest.mark.parametrize(
    ("refunds", "is_history"),
    [
        ([paid("refunded", 5, "t", 5, correlation_id="r")], True),
        ([paid("refunded", 5, "t", 4, correlation_id="r")], True),
        ([paid("refunded", 5, "t", 0, correlation_id="r")], False),
        ([paid("refunded", 5, "t", 5, correlation_id="another")], False),
    ],
)
def test_something_went_out_for_each_return_that_owes_it(refunds: list[Fact], is_history: bool) -> None:
    assert told(owed("r"), *refunds, rules=OrderRules()) is is_history
    assert told(owed("r"), owed("s"), *refunds, rules=OrderRules()) is False


def gaps(row: bytes) -> list[str]:
    return [each.name for each in gaps_of(load(row), OrderRules()) if each.kind == "missing"]


def never_sent(*facts: Fact) -> Json:
    state = state_of(*facts)
    assert state["missing"] == ["order.created"]
    assert state["provisional"] is True
    return state


@pytest.mark.parametrize("facts", [[fact("order.cancelled")], [paid("voided", 1, "t", 5)]])
def test_a_created_order_that_was_perhaps_never_sent_is_not_waited_for(facts: list[Fact]) -> None:
    """NewStore sends no `order.created` if the payment was not authorized."""
    assert "maybe_never_sent" in never_sent(*facts)["suspected"]
    applied = apply(None, facts, OrderRules())
    assert applied.due == 0
    assert mark_late(applied.row, FOREVER_MS, OrderRules()).after.incomplete is False


@pytest.mark.parametrize("other", [fact("order.items_cancelled", clock(2)), fact("order.gift_wrapped", clock(2))])
def test_one_of_which_anything_else_is_known_was_sent(other: Fact) -> None:
    assert "maybe_never_sent" not in never_sent(fact("order.cancelled"), other)["suspected"]
    assert apply(None, [fact("order.cancelled"), other], OrderRules()).due > 0


def test_an_imported_order_waits_for_nothing() -> None:
    opened = fact("order.opened", clock(0), id=ORDER_ID, is_historical=True, items=items("A"))
    assert apply(None, [opened], OrderRules()).due == 0


def credit(action: str, second: int, amount: object, instrument: str | None = "store-credit", name: str = "k") -> Fact:
    """A step of a store credit. The transaction's id differs from those of its other steps."""
    return paid(action, second, f"{action}:{name}", amount, instrument_id=instrument, correlation_id=name)


ISSUED, VOIDED = credit("refunded", 5, 60), credit("voided", 9, 60, name="q")


@pytest.mark.parametrize(
    ("facts", "is_history"),
    [
        ([ISSUED, VOIDED], True),
        ([ISSUED, credit("voided", 9, 10)], True),
        ([ISSUED, VOIDED, REFUND_REQUEST, paid("refunded", 9, "cash", 60, correlation_id="q")], True),
        ([back("k", 3, total_refund_amount=60, currency="EUR"), ISSUED, VOIDED], True),
        ([back("k", 3, total_refund_amount=60, currency="EUR"), VOIDED], False),
        ([ISSUED, credit("voided", 9, 60, instrument="another")], False),
        ([ISSUED, credit("voided", 9, 60, instrument=None)], False),
        ([ISSUED, VOIDED, credit("voided", 9, 5, instrument="another", name="w")], False),
        ([ISSUED, VOIDED, credit("authorized", 1, 60)], False),
        ([ISSUED, VOIDED, fact("order.gift_wrapped", clock(2))], False),
        ([VOIDED, REFUND_REQUEST], False),
        ([fact("payment_account.amount_voided", clock(1), id=ORDER_ID), REFUND_REQUEST], False),
    ],
)
def test_a_credit_that_a_blind_return_was_given_and_is_voided_makes_it_no_order(
    facts: list[Fact], *, is_history: bool
) -> None:
    """A credit is voided when it is paid out in cash, or pays for something else."""
    assert told(*facts, rules=OrderRules()) is is_history
    standing = apply(None, facts, OrderRules()).after.standing
    is_return = any(each.event == "return.processed" for each in facts)
    assert (LISTS.index("only_refunds") in standing) is (is_history and not is_return)
    assert (LISTS.index("unfinished") in standing) is not is_history


def test_nor_is_an_order_from_before_the_bridge_to_be_finished_whose_credit_was_voided() -> None:
    returned = back("r", 3, total_refund_amount=60, currency="EUR")
    for facts, unfinished in (([returned, ISSUED, VOIDED], False), ([returned, VOIDED], True)):
        after = apply(None, facts, OrderRules(history=History.before(SINCE + 2 * WINDOW, WINDOW))).after
        assert (after.partial_history, LISTS.index("unfinished") in after.standing) == (True, unfinished)
