"""Which events must come next, since which fact, and until when: before, at and after each deadline."""

from random import Random

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from processors.orders.apply import OrderRules, apply, list_unprocessed, looked_at, mark_late
from processors.orders.events import BIT
from processors.orders.fact import Fact
from processors.orders.next_look import next_look
from processors.orders.order_rules import History, Patience
from processors.orders.render.document import render
from processors.orders.row import load
from processors.orders.unprocessed import Unprocessed
from schemas.instant import rfc3339_millis
from tests.unit.processors.orders.facts import (
    EVERYTHING,
    ORDER_ID,
    TENANT,
    back,
    clock,
    fact,
    items,
    request,
    state_of,
)
from tests.unit.processors.orders.lifecycles import LIVES_WITH_CONFLICTS
from tests.unit.processors.orders.story import Story
from tests.unit.processors.orders.upcoming_facts import (
    BEGINNING,
    CAPTURED,
    CLOSED,
    COMPLETED,
    DAY,
    DONE,
    HANDED_OVER,
    HOUR,
    OPENED,
    REFUNDED,
    START,
    at,
    created,
    due,
    opened,
    shipped,
    stalled,
    told,
)

seldom = settings(deadline=None)
"""Each example folds an order fact by fact."""


# Each rule: facts that reveal it, what is awaited, after how many hours, and what ends it.
RULES: list[tuple[tuple[Fact, ...], str, float, Fact]] = [
    ((created(),), OPENED, 24, opened()),
    ((created(),), OPENED, 24, fact("order.cancelled", clock(3))),
    ((created(),), OPENED, 24, fact("order.items_cancelled", clock(3), items=items("A"))),
    ((*BEGINNING, shipped(2), CLOSED), CAPTURED, 26, told("captured", 3)),
    ((*DONE[:-1],), COMPLETED, 24, DONE[-1]),
    ((*DONE[:-1],), COMPLETED, 24, fact("order.cancelled", clock(9))),
    (
        (*DONE, at(back("r", 9, total_refund_amount=4, currency="EUR"), 7)),
        f"{REFUNDED}:r",
        127,
        told("refunded", 9, 4, correlation_id="r"),
    ),
    (
        (*DONE, at(back("r", 9, total_refund_amount="much"), 7)),
        f"{REFUNDED}:r",
        127,
        told("refunded", 9, 4, correlation_id="r"),
    ),
    (
        (*DONE, at(fact("refund_request.issued", clock(9), id="ask", amount=5, currency="EUR"), 1)),
        f"{REFUNDED}:ask",
        121,
        told("refunded", 9, 5, correlation_id="ask"),
    ),
    (
        (*BEGINNING, at(request("items_ready_for_handover", 3, "A"), 4)),
        f"{HANDED_OVER}:request-1",
        172,
        fact("fulfillment_request.items_failed", clock(7), id="request-1", logical_timestamp=7, items=items("A")),
    ),
    (
        (*BEGINNING, at(request("items_ready_for_handover", 3, "A"), 4)),
        f"{HANDED_OVER}:request-1",
        172,
        fact("order.items_cancelled", clock(7), items=items("A")),
    ),
]


@pytest.mark.parametrize(("facts", "name", "hours", "end"), RULES)
def test_what_comes_next_is_overdue_at_its_deadline_and_not_before(
    facts: tuple[Fact, ...], name: str, hours: float, end: Fact
) -> None:
    assert due(*facts) == {name: hours}
    waiting = apply(None, facts, EVERYTHING)
    assert orjson.loads(waiting.state)["stalled"] == stalled(waiting.row, hours - 0.001) == []
    assert stalled(waiting.row, hours) == stalled(waiting.row, hours + 999) == [name]
    marked = mark_late(waiting.row, START + round(hours * HOUR), EVERYTHING)
    assert (marked.after.stalled, marked.after.incomplete) == (True, False)
    assert name not in due(*facts, end)
    healed = apply(marked.row, [end], EVERYTHING)
    assert (orjson.loads(healed.state)["stalled"], load(healed.row).stalled, healed.after.stalled) == ([], [], False)


def test_an_order_is_not_done_while_its_list_is_not_known() -> None:
    assert COMPLETED not in due(*BEGINNING[2:], shipped(0), told("captured", 0))


def test_what_is_due_sooner_than_the_next_look_brings_that_forward() -> None:
    waits = apply(None, (*BEGINNING, at(request("items_ready_for_handover", 3, "A"), 0)), EVERYTHING)
    assert waits.due == START + 7 * DAY
    assert apply(waits.row, [shipped(48)], EVERYTHING).due == START + 3 * DAY


def test_of_a_whole_order_nothing_is_awaited() -> None:
    assert due(*DONE) == {}
    assert due(*DONE, told("refunded", 1, 4, correlation_id="r"), back("r", 9, total_refund_amount=4)) == {}


def test_what_came_late_allows_the_next_to_be_as_late_up_to_a_day() -> None:
    assert due(at(created(), 30)) == {OPENED: 54}
    brief = OrderRules(patience=Patience(opened=HOUR))
    found = [due(at(created(), hours), rules=brief)[OPENED] for hours in (0.5, 3, 24, 30)]
    assert [round(hours, 1) for hours in found] == [1.5, 6, 48, 54]


def test_the_order_is_complete_when_its_last_item_is() -> None:
    two = (created(items=items("A", "B", quantity=1)), opened("A", "B"))
    money = (told("authorized", 0), told("captured", 0))
    assert COMPLETED not in due(*two, *money, shipped(1, "A"))
    assert due(*two, *money, shipped(1, "A"), shipped(8, "B", request_id="other"))[COMPLETED] == 32
    cancelled = at(fact("order.items_cancelled", clock(9), items=items("B")), 6)
    assert due(*two, *money, shipped(1, "A"), cancelled)[COMPLETED] == 30
    at_eight = rfc3339_millis(START + 8 * HOUR)
    by_a_clock_behind = at(fact("order.items_cancelled", at_eight, items=items("B")), 5)
    assert due(*two, *money, shipped(6, "A"), by_a_clock_behind)[COMPLETED] == 32


def test_an_order_that_only_lost_items_is_over() -> None:
    assert due(*BEGINNING, fact("order.items_cancelled", clock(9), items=items("A"))) == {}


def test_a_request_lies_ready_since_its_last_item_does() -> None:
    two = (created(items=items("A", "B", quantity=1)), opened("A", "B"), at(request("assigned", 2, "A", "B"), 0))
    first = at(request("items_ready_for_handover", 3, "A"), 1)
    last = at(request("items_ready_for_handover", 4, "B"), 30)
    assert due(*two, first, last) == {f"{HANDED_OVER}:request-1": 198}
    assert due(*two, first, last, shipped(31, "B")) == {CAPTURED: 55, f"{HANDED_OVER}:request-1": 198}
    assert f"{HANDED_OVER}:request-1" not in due(*two, first, last, CLOSED)


@pytest.mark.parametrize(("facts", "name", "_hours", "_end"), RULES)
def test_nothing_is_awaited_that_never_comes_or_is_not_watched(
    facts: tuple[Fact, ...], name: str, _hours: float, _end: Fact
) -> None:
    event = name.partition(":")[0]
    assert name not in due(*facts, rules=OrderRules(events=frozenset(BIT) - {event}))
    assert name in due(*facts, rules=OrderRules(events=frozenset(BIT)))
    assert due(*facts, rules=OrderRules(patience=Patience(0, 0, 0, 0, 0))) == {}
    imported = fact("order.created", clock(0), n=START, items=items("A", quantity=1), is_historical=True)
    assert due(imported, *(each for each in facts if each.event != "order.created")) == {}
    older = OrderRules(history=History("2024-06-01", "2024-09-01"))
    assert due(*facts, rules=older) == {}


def test_what_came_and_could_not_be_processed_is_not_awaited() -> None:
    row = apply(None, [created()], EVERYTHING).row
    event = Unprocessed(ORDER_ID, TENANT, [OPENED, "key", "0:77", "a bug", "2024-05-01T10:00:00.000Z"])
    listed, _ = list_unprocessed(row, [event], EVERYTHING)
    assert stalled(listed.row, 999) == []


def test_who_watches_nothing_that_comes_next_still_knows_what_is_missing() -> None:
    rules = OrderRules(patience=Patience(0, 0, 0, 0, 0))
    first = apply(None, [opened()], rules)
    assert first.due > 0
    state = orjson.loads(apply(first.row, [fact("order.items_on_hold", clock(2), items=items("A"))], rules).state)
    assert (state["missing"], state["stalled"]) == (["order.created"], [])


def test_what_is_missing_is_not_awaited_as_well() -> None:
    """A shipment proves that the order was opened, so `order.opened` is missing, not slow."""
    assert OPENED not in due(created(), shipped(0))
    assert state_of(created(), shipped(0))["missing"] == ["fulfillment_request.assigned:request-1", OPENED]


def test_a_mark_stays_while_other_events_come() -> None:
    marked = mark_late(apply(None, [created()], EVERYTHING).row, START + DAY, EVERYTHING)
    more = apply(marked.row, [told("authorized", 40)], EVERYTHING)
    assert orjson.loads(more.state)["stalled"] == [OPENED]
    assert (marked.due, more.due) == (0, 0)


def test_a_mark_stays_where_something_else_is_due_sooner_than_the_shortest_rule_says() -> None:
    """What was received early may be read late."""
    brief = OrderRules(patience=Patience(captured=HOUR))
    marked = mark_late(apply(None, [*BEGINNING, shipped(0)], brief).row, START + HOUR, brief)
    late = apply(marked.row, [at(request("items_failed", 7, "A", request_id="other"), 0.1)], brief)
    assert START < late.due < START + HOUR
    more = apply(late.row, [at(fact("invoice.created", clock(8)), 0.2)], brief)
    assert orjson.loads(more.state)["stalled"] == [CAPTURED]


@pytest.mark.thorough
@seldom
@given(
    st.one_of(LIVES_WITH_CONFLICTS, st.integers(0, 500).map(lambda seed: Story(Random(seed)).tell())),
    st.integers(0, 2**32),
)
def test_who_is_stalled_depends_on_facts_and_time_and_not_on_how_facts_arrive(facts: list[Fact], seed: int) -> None:
    chances = Random(seed)
    stamped = [at(each, chances.choice([0, 0, 1, 30, chances.uniform(0, 200)])) for each in facts]
    hours = chances.choice([24, 25, 150, chances.uniform(0, 400)])
    found = []
    for _ in range(2):
        row = None
        for each in chances.sample(stamped, len(stamped)):
            row = apply(row, [each], EVERYTHING).row
        assert row is not None
        state = orjson.loads(mark_late(row, START + round(hours * HOUR), EVERYTHING).state)
        found.append((state["stalled"], state["incomplete"]))
    assert found[0] == found[1]


@pytest.mark.thorough
@seldom
@given(st.integers(0, 500), st.integers(0, 2**32))
def test_the_order_is_looked_at_in_time_however_facts_arrive(story: int, seed: int) -> None:
    """The index is never later than what is due, and keeps every order for which something will be."""
    chances, row = Random(seed), None
    for each in chances.sample(facts := Story(Random(story)).tell(), len(facts)):
        applied = apply(row, [at(each, chances.uniform(0, 200))], EVERYTHING)
        row, order = applied.row, load(applied.row)
        indexed, order.due = order.due, 0
        due_at = next_look(order, render(order, EVERYTHING), EVERYTHING)
        assert not due_at or 0 < indexed <= due_at
        if chances.random() < 0.3 and indexed:
            now = indexed
            looked = looked_at(row, now, EVERYTHING) or mark_late(row, now, EVERYTHING)
            assert looked.due == 0 or looked.due > now
            row = looked.row
