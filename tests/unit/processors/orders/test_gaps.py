"""The gaps of an order, and the window in which a replay would look for each."""

from datetime import datetime

import pytest

from processors.orders.apply import OrderRules, acknowledge, apply, mark_late
from processors.orders.fact import Fact
from processors.orders.gaps import GUESS_MS, MARGIN_MS, Gap, gaps_of
from processors.orders.row import load
from processors.worker.queries.one_order import awaited
from processors.worker.queries.shown import gap_line
from schemas.instant import rfc3339_millis
from tests.unit.processors.orders.facts import clock, fact, items, request

MINUTE, HOUR = 60_000, 3_600_000
START = 1_714_557_600_000
"""`clock(0)` in milliseconds."""
LATER = 1 << 45
RULES = OrderRules()
CREATED, OPENED = "order.created", "order.opened"
ASSIGNMENT = "fulfillment_request.assigned:request-1"


def received(minutes: int) -> int:
    """So many minutes after the start, as `fact` takes it."""
    return START + minutes * MINUTE


def gaps(*facts: Fact, rules: OrderRules = RULES, at_ms: int = LATER) -> dict[str, tuple[int, int, int | None, bool]]:
    """By gap, in ms after the start: since when it is one, its window without margins, and whether the window is
    guessed."""
    found = gaps_of(load(mark_late(apply(None, facts, rules).row, at_ms, rules).row), rules)
    assert found == sorted(found, key=lambda gap: (gap.since_ms, gap.name))
    return {
        gap.name: (
            gap.since_ms - START,
            gap.from_ms + MARGIN_MS - START,
            None if gap.to_ms is None else gap.to_ms - MARGIN_MS - START,
            gap.guessed,
        )
        for gap in found
    }


def test_what_is_missing_lies_before_the_first_fact_that_needs_it_whenever_that_came() -> None:
    completed = fact("order.completed", clock(9), n=received(1))
    shipped = request("items_completed", 5, "A")
    wanted = {
        CREATED: (16 * MINUTE, 5_000 - GUESS_MS, 5_000, True),
        OPENED: (16 * MINUTE, 5_000 - GUESS_MS, 5_000, True),
    }
    late = fact("order.items_cancelled", clock(7), n=received(90))
    found = gaps(completed, shipped, late)
    assert {name: found[name][1:] for name in (CREATED, OPENED)} == {
        name: window[1:] for name, window in wanted.items()
    }
    assert gaps(completed, late)[CREATED] == (16 * MINUTE, 7_000 - GUESS_MS, 7_000, True)


def test_where_it_is_known_what_comes_before_the_window_begins_there() -> None:
    created = fact(CREATED, clock(1), n=received(0))
    opened = fact(OPENED, clock(2), n=received(0), placed_at="2024-05-01T09:00:00Z")
    ready = request("items_ready_for_handover", 30, "A")
    assert gaps(created, ready)[OPENED][1:] == (1_000, 30_000, False)
    assert gaps(opened, ready)[CREATED][1:] == (-HOUR, 2_000, False)
    assert gaps(created, ready)[ASSIGNMENT][1:] == (1_000, 30_000, False)
    assert gaps(created, opened, ready)[ASSIGNMENT][1:] == (2_000, 30_000, False)
    assert gaps(ready)[ASSIGNMENT][1:] == (30_000 - GUESS_MS, 30_000, True)


def test_a_beginning_after_what_it_begins_makes_no_window_of_less_than_nothing() -> None:
    opened = fact(OPENED, clock(2), n=received(0), placed_at="2024-05-01T11:00:00Z")
    assert gaps(opened)[CREATED][1:] == (2_000, 2_000, False)


def test_what_comes_next_lies_behind_what_it_is_awaited_since() -> None:
    created = fact(CREATED, clock(3), n=received(1))
    assert gaps(created) == {OPENED: (24 * HOUR + MINUTE, 3_000, None, False)}


def test_what_was_published_at_no_time_was_published_when_it_came() -> None:
    assert gaps(fact("order.items_cancelled", "soon", n=received(4)))[CREATED][1:] == (
        4 * MINUTE - GUESS_MS,
        4 * MINUTE,
        True,
    )


@pytest.mark.parametrize("at", ["0001-01-01T00:00:00Z", "1969-12-31T12:00:00Z", "9999-12-31T23:59:59Z"])
def test_a_window_that_is_written_holds_whatever_time_events_claim(at: str) -> None:
    row = mark_late(apply(None, [fact("order.items_cancelled", at)], RULES).row, 1 << 60, RULES).row
    [gap] = gaps_of(load(row), RULES)
    assert gap.to_ms is not None
    start, end = rfc3339_millis(gap.from_ms), rfc3339_millis(gap.to_ms)
    assert datetime.fromisoformat(start) <= datetime.fromisoformat(at) <= datetime.fromisoformat(end)


@pytest.mark.parametrize(
    ("facts", "follows"),
    [
        ([fact(CREATED, clock(1)), request("items_completed", 5, "A", n=1)], {OPENED: "0:0", ASSIGNMENT: "0:0"}),
        (
            [fact(OPENED, clock(2), n=3), request("items_completed", 5, "A", n=1)],
            {CREATED: None, ASSIGNMENT: "0:3"},
        ),
        ([fact("order.completed", clock(9), n=4)], {CREATED: None, OPENED: None}),
    ],
)
def test_an_answer_about_an_order_has_the_windows_of_its_gaps(
    facts: list[Fact], follows: dict[str, str | None]
) -> None:
    """The answer also has the last event that the missing one must have followed, not any that merely came before."""
    row = load(mark_late(apply(None, facts, RULES).row, LATER, RULES).row)
    told = awaited(row, follows, RULES)
    lines = {gap.name: gap_line(gap) for gap in gaps_of(row, RULES)}
    assert {name: each["window"] for name, each in told.items()} == {name: lines[name]["window"] for name in follows}
    assert {name: each["follows"] for name, each in told.items()} == follows


def test_before_anybody_marks_it_nothing_is_a_gap() -> None:
    assert gaps(fact("order.completed", clock(9), n=received(0)), at_ms=START) == {}


def test_what_is_set_aside_is_no_gap() -> None:
    row = mark_late(apply(None, [fact("order.completed", items=items("A"))], RULES).row, LATER, RULES).row
    applied = acknowledge(row, (CREATED, "why", "2026-01-01T00:00:00.000Z"), RULES)
    assert applied is not None
    assert [gap.name for gap in gaps_of(load(applied.row), RULES)] == [OPENED]


def test_both_kinds_are_told_apart() -> None:
    facts = (fact(CREATED, clock(0)), request("items_completed", 5, "A"), fact("order.completed", clock(9)))
    found = gaps_of(load(mark_late(apply(None, facts, RULES).row, LATER, RULES).row), RULES)
    assert {gap.name: gap.kind for gap in found if isinstance(gap, Gap)} == {
        OPENED: "missing",
        ASSIGNMENT: "missing",
        "payment_account.amount_captured": "stalled",
    }
