"""Since when the bridge listens: it learns this once, keeps it for good, and judges no order before."""

import asyncio
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import orjson
import pytest

from processors.engine.changes import Changes
from processors.orders.acknowledging import acknowledging
from processors.orders.agent import Orders
from processors.orders.apply import OrderRules, apply, looked_at
from processors.orders.beginning import BEGAN, Beginning, Remembered
from processors.orders.unjudged import UNJUDGED
from tests.unit.processors.orders.facts import clock, fact
from tests.unit.processors.orders.sweeps import DAY, Raw, record
from tests.unit.processors.orders.units import TOPICS, FakeUnit

APRIL, MAY = 1_711_929_600_000, 1_714_521_600_000
WINDOW = timedelta(days=30)


class First:
    """Answers when raw received its first record: `received`."""

    def __init__(self, received: int | None = None) -> None:
        self.received, self.asked = received, 0

    def first_received(self) -> int | None:
        self.asked += 1
        return self.received


def unit(rows: Mapping[bytes, bytes | None] | None = None, partition: int = 3, **options: Any) -> FakeUnit:
    return FakeUnit([], dict(rows or {}), partition=partition, now_ms=MAY, **options)


def keep(remembered: Remembered, at: FakeUnit) -> bool:
    return remembered.keep(at)  # type: ignore[arg-type]  # takes the unit's place


def test_what_raw_holds_first_is_kept_in_a_row_of_each_partition() -> None:
    beginning, first = Beginning(WINDOW), First(APRIL)
    remembered = Remembered(beginning, first)
    here, there = unit(partition=3), unit(partition=4)
    assert (keep(remembered, here), keep(remembered, there)) == (True, True)
    assert here.rows == there.rows == {BEGAN: b"%d" % APRIL}
    assert beginning.history == ("2024-04-01T00:00:00", "2024-05-01T00:00:00")
    again = unit(here.rows)
    assert (keep(remembered, again), again.put_keys, first.asked) == (True, [], 2)


def test_the_row_outlives_what_raw_forgets() -> None:
    beginning, first = Beginning(WINDOW), First(MAY)
    remembered = Remembered(beginning, first)
    remembered.recall(unit({BEGAN: b"%d" % APRIL}))  # type: ignore[arg-type]  # as above
    assert (beginning.received_ms, first.asked) == (APRIL, 0)
    other = unit(partition=4)  # a new partition learns the same
    keep(remembered, other)
    assert (other.rows, beginning.received_ms) == ({BEGAN: b"%d" % APRIL}, APRIL)


def test_a_partition_that_comes_back_has_the_row_that_another_process_gave_it() -> None:
    """This process asked while raw held nothing, and has not heard since what it holds."""
    beginning, rows = Beginning(WINDOW), dict[bytes, bytes | None]()
    remembered = Remembered(beginning, First(0))
    keep(remembered, unit(rows))
    rows[BEGAN] = b"%d" % APRIL
    assert (keep(remembered, unit(rows)), beginning.received_ms) == (True, APRIL)


def test_while_nobody_answers_nothing_is_judged_and_where_raw_is_empty_there_is_nothing_to_wait_for() -> None:
    beginning, first = Beginning(WINDOW), First(None)
    remembered, here = Remembered(beginning, first), unit()
    assert (keep(remembered, here), beginning.history, here.rows) == (False, None, {})
    first.received = 0
    assert (keep(remembered, here), beginning.history, here.rows) == (True, None, {})
    first.received = APRIL
    assert (keep(remembered, here), here.rows) == (True, {BEGAN: b"%d" % APRIL})


def test_a_row_that_was_not_committed_is_written_again(monkeypatch: pytest.MonkeyPatch) -> None:
    remembered = Remembered(Beginning(WINDOW), First(APRIL))
    monkeypatch.setattr(FakeUnit, "on_commit", lambda _self, _action: None)
    keep(remembered, unit())
    monkeypatch.undo()
    again = unit()
    keep(remembered, again)
    assert again.rows == {BEGAN: b"%d" % APRIL}


def test_orders_of_before_are_marked_by_nobody_and_say_so_once_that_is_known() -> None:
    """An order that comes before the beginning is known says what it is as soon as it is known, once, and long before
    anything of the order is due."""
    beginning, first, raw = Beginning(timedelta(days=120)), First(None), Raw()
    rules = OrderRules(late_after_ms=5_000, beginning=beginning)
    orders = Orders(TOPICS, rules, raw, None, Remembered(beginning, first))
    came = FakeUnit([record(0, "opened", at=MAY)], {})
    orders.process(came)  # type: ignore[arg-type]  # as above
    assert [state["partial_history"] for state in came.states()] == [False]

    def tick(now_ms: int) -> FakeUnit:
        at = FakeUnit([], came.rows, now_ms=now_ms)
        orders.tick(at, now_ms)  # type: ignore[arg-type]  # as above
        return at

    assert (tick(MAY + 1).put_keys, raw.asked) == ([], [])
    first.received = MAY
    said = tick(MAY + 2).states()
    assert [(state["partial_history"], state["incomplete"], state["revision"]) for state in said] == [(True, False, 2)]
    assert (tick(MAY + 3).put_keys, tick(MAY + DAY).states(), raw.asked) == ([], [], [])


def test_the_next_process_judges_what_this_one_could_not() -> None:
    first, rows = First(None), dict[bytes, bytes | None]()

    def process() -> Orders:
        beginning = Beginning(timedelta(days=120))
        return Orders(TOPICS, OrderRules(beginning=beginning), None, None, Remembered(beginning, first))

    process().process(FakeUnit([record(0, "opened", at=MAY)], rows))  # type: ignore[arg-type]  # as above
    first.received, again = MAY, process()
    unit = FakeUnit([], rows, now_ms=MAY + 1)
    assert again.tick(unit, MAY + 1)  # type: ignore[arg-type]  # as above
    assert [state["partial_history"] for state in unit.states()] == [True]
    assert not again.tick(FakeUnit([], rows, now_ms=MAY + 2), MAY + 2)  # type: ignore[arg-type]  # as above
    assert not [key for key, row in rows.items() if key.startswith(UNJUDGED) and row is not None]


async def test_what_is_asked_of_an_order_right_after_a_start_is_judged_as_all_else() -> None:
    rows: dict[bytes, bytes | None] = {BEGAN: b"%d" % MAY}

    def process(changes: Changes | None = None) -> tuple[Orders, OrderRules]:
        beginning = Beginning(timedelta(days=120))
        rules = OrderRules(beginning=beginning)
        return Orders(TOPICS, rules, None, None, Remembered(beginning, First(None)), changes), rules

    process()[0].process(FakeUnit([record(0, "opened", at=MAY)], rows))  # type: ignore[arg-type]  # as above
    changes = Changes()
    orders, rules = process(changes)
    said = ("order.created", "it was before", "2024-05-01T00:00:00.000Z")
    answer = asyncio.create_task(changes.ask(3, acknowledging("a", said, TOPICS, rules), 60))
    await asyncio.sleep(0)
    tick = FakeUnit([], rows, now_ms=MAY + 1)
    orders.tick(tick, MAY + 1)  # type: ignore[arg-type]  # as above
    await answer
    assert [(state["revision"], state["partial_history"]) for state in tick.states()] == [(2, True)]


def test_an_order_that_the_code_fails_on_keeps_no_other_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    beginning, first = Beginning(timedelta(days=120)), First(None)
    orders = Orders(TOPICS, OrderRules(beginning=beginning), Raw(), None, Remembered(beginning, first))
    records = [record(0, "opened", at=MAY, order="a"), record(1, "opened", at=MAY, order="b")]
    came = FakeUnit(records, {})
    orders.process(came)  # type: ignore[arg-type]  # as above
    first.received = MAY
    failing = iter([ValueError("a bug"), None])

    def once(*given: Any) -> Any:
        if error := next(failing):
            raise error
        return looked_at(*given)

    monkeypatch.setattr("processors.orders.unjudged.looked_at", once)
    at = FakeUnit([], came.rows, now_ms=MAY + 1)
    orders.tick(at, MAY + 1)  # type: ignore[arg-type]  # as above
    assert [state["order_id"] for state in at.states()] == ["b"]


def test_a_look_changes_the_document_only_where_the_order_counts_otherwise() -> None:
    applied = apply(None, [fact("order.opened", clock(0), n=100)], OrderRules())
    same = looked_at(applied.row, 1, OrderRules())
    assert same is not None
    assert same.state == b""
    unsubscribed = looked_at(applied.row, 1, OrderRules(events=frozenset()))
    assert unsubscribed is not None
    assert orjson.loads(unsubscribed.state)["provisional"] is False
    assert (unsubscribed.before, unsubscribed.after.provisional) == (applied.after, False)
    assert (unsubscribed.due_before, unsubscribed.due) == (applied.due, 0)
