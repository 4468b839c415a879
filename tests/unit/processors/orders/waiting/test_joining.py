"""Events that waited: which orders have theirs joined first, how many at once, and what cannot be joined."""

from collections.abc import Callable
from contextlib import suppress
from itertools import count
from typing import Any

import pytest
from structlog.testing import capture_logs

from processors.orders import agent, too_large, waiting
from processors.orders.fact import fact_of
from processors.orders.older_rows import NewerRowError
from processors.orders.row import RULES_VERSION
from processors.orders.table import OrderWriter, row_key
from schemas import headers as header
from tests.unit.processors.orders.facts import ORDER_ID
from tests.unit.processors.orders.sweeps import RULES, Raw
from tests.unit.processors.orders.units import TOPICS, FakeUnit, event_record, short_of_memory
from tests.unit.processors.orders.waiting.tables import LATER, LINES, NOW, Table, assigned, begun, joined


def test_who_has_waited_longest_is_first(monkeypatch: pytest.MonkeyPatch) -> None:
    """Orders that always have new events hold up none with later ids."""
    table = Table()
    begun(table, "b")
    table.now += 1
    begun(table, "a")
    table.now = LATER
    monkeypatch.setattr(waiting, "_TICK_BYTES", 1)
    assert [joined(table), joined(table)] == [["b"], ["a"]]


def test_of_more_orders_than_are_looked_through_together_none_waits_for_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(waiting, "_ORDERS", 2)
    monkeypatch.setattr(waiting, "_TICK_BYTES", 1)
    table, found = Table(), set[str]()
    begun(table, *"abcde")
    table.now = LATER
    for n in range(2, 12):
        found |= {*joined(table)}
        table.process(*(assigned(10 * n, n, order_id) for order_id in "abcd"))
        table.now += LATER
    assert "e" in found


def test_a_clock_that_was_wrong_lets_nothing_wait_for_long(table: Table) -> None:
    table.now += 86_400_000
    table.process(assigned(1, 1))
    table.now = NOW
    assert joined(table) == [ORDER_ID]


def test_joining_holds_up_nothing_else() -> None:
    raw = Raw()
    table = Table(RULES, raw)
    begun(table, "a")
    table.process(event_record(1, "order.opened", id="b"))
    table.now = LATER + 86_400_000  # received in 1970, it counts as published a day later
    table.tick()
    table.process(assigned(2, 2, "a"))
    table.now += LATER
    table.tick()
    assert len(raw.asked) == 1
    assert table.keys(b"pending/")


@pytest.mark.parametrize("failing", ["_join_waiting", "_look"])
def test_what_fails_is_tried_by_every_tick_until_it_comes_through(
    monkeypatch: pytest.MonkeyPatch, failing: str
) -> None:
    """Otherwise ticks that do the other work come through, and readiness sees nothing else."""

    def fail(*_: object) -> bool:
        raise ValueError("a bug")

    table, n = Table(), count(2)
    begun(table, "a")

    def tick() -> FakeUnit:
        table.now += LATER
        table.process(assigned(10 + next(n), 2, "a"))
        return table.tick()[0]

    tick()
    with monkeypatch.context() as patch:
        patch.setattr(table.orders, failing, fail)
        for _ in range(4):
            with suppress(ValueError):
                tick()
        for _ in range(4):
            with pytest.raises(ValueError, match="a bug"):
                tick()
    assert sorted(len(tick().states()) for _ in range(2)) == [0, 1]


def test_what_waits_for_an_order_of_a_later_version_is_left_to_that_and_holds_up_no_other() -> None:
    table = Table()
    begun(table, "a", "b")
    row = bytearray(table.rows[row_key(b"a")] or b"")
    row[3 if row[0] == 0xDC else 1] = RULES_VERSION + 1
    table.rows[row_key(b"a")] = bytes(row)
    table.now = LATER
    assert joined(table) == ["b"]
    assert table.keys(b"pending/") == [b"pending/a"]
    assert len(table.keys(b"waiting/")) == 1
    table.rows[b"pending/a"] = None
    with pytest.raises(NewerRowError):
        table.process(assigned(3, 3, "a"))


def test_what_is_left_over_is_joined_by_the_next_tick(table: Table, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(waiting, "_AT_ONCE", 4)
    for n in range(1, 11):
        table.process(assigned(n, n))
    versions = [state["version"] for unit in table.join() for state in unit.states()]
    assert versions == [5, 9, 11]


def test_bytes_bound_what_is_joined_together(table: Table, monkeypatch: pytest.MonkeyPatch) -> None:
    for n in range(1, 5):
        table.process(assigned(n, n))
    [key, *_] = table.keys(b"waiting/")
    monkeypatch.setattr(waiting, "_MOST_BYTES", 2 * len(table.rows[key] or b"") - 1)
    assert [state["version"] for unit in table.join() for state in unit.states()] == [3, 5]


def test_one_tick_joins_several_orders_and_leaves_the_event_loop_in_between(monkeypatch: pytest.MonkeyPatch) -> None:
    table, ids = Table(), [f"order-{n}" for n in range(6)]
    for order_id in ids:
        created = table.process(event_record(0, "order.created", id=order_id, items=LINES))
        table.process(assigned(1, 1, order_id))
    monkeypatch.setattr(waiting, "_TICK_BYTES", 3 * created.written // 2)
    assert [len(unit.states()) for unit in table.join()] == [2, 2, 2]


def failing_on(source: str, of: Callable[..., Any]) -> Callable[..., Any]:
    def fitting(row: bytes, facts: Any, *others: Any) -> Any:
        if any(fact.source == source for fact in facts):
            raise ValueError("cannot be joined")
        return of(row, facts, *others)

    return fitting


@pytest.mark.parametrize("odd", range(1, 8))
def test_only_the_event_is_put_aside_that_cannot_be_joined(
    table: Table, monkeypatch: pytest.MonkeyPatch, odd: int
) -> None:
    for n in range(1, 8):
        table.process(assigned(n, n))
    monkeypatch.setattr(agent, "fitting", failing_on(f"0:{odd}", too_large.fitting))
    with capture_logs() as lines:
        [unit] = table.join()
    is_put_aside(table, unit, odd, "ValueError: cannot be joined")
    assert told(lines) == [("an event cannot be joined", ORDER_ID, odd)]


def test_only_the_event_is_put_aside_that_cannot_be_read(table: Table, monkeypatch: pytest.MonkeyPatch) -> None:
    for n in range(1, 8):
        table.process(assigned(n, n))

    def failing(value: bytes, headers: Any) -> Any:
        if headers[header.SOURCE] == b"0:5":
            raise ValueError("cannot be read")
        return fact_of(value, headers)

    monkeypatch.setattr(agent, "fact_of", failing)
    with capture_logs() as lines:
        [unit] = table.join()
    is_put_aside(table, unit, 5, "ValueError: cannot be read")
    assert told(lines) == [("an event cannot be read any more", ORDER_ID, 5)]


def test_that_memory_was_short_says_nothing_about_an_event(table: Table, monkeypatch: pytest.MonkeyPatch) -> None:
    table.process(assigned(1, 1))
    monkeypatch.setattr(agent, "fact_of", short_of_memory)
    with pytest.raises(MemoryError):
        table.join()


def is_put_aside(table: Table, unit: FakeUnit, n: int, reason: str) -> None:
    """Assert that only the nth event is put aside, for this reason, and the others are joined."""
    [(value, headers)] = [(each[3], dict(each[5])) for each in unit.emitted if each[0] == TOPICS.quarantine]
    assert (value, headers[header.ERROR_EXCEPTION]) == (assigned(n, n).value, reason.encode())
    document = table.document()
    assert document["version"] == 7
    assert [(each["source"], each["reason"]) for each in document["unprocessed"]] == [(f"0:{n}", reason)]
    assert unit.aside == 1
    assert table.keys(b"unprocessed/") == [b"unprocessed/0:%d" % n]


def told(lines: Any) -> list[tuple[str, str, int]]:
    """Return what an operator is told, of which order, and where its event lies."""
    return [(line["event"], line["order_id"], line["offset"]) for line in lines if line["log_level"] == "error"]


def test_events_that_their_order_has_no_room_for_are_put_aside_when_they_are_joined(
    table: Table, monkeypatch: pytest.MonkeyPatch
) -> None:
    for n in range(1, 4):
        table.process(assigned(n, n))
    size = len(table.rows[row_key(ORDER_ID.encode())] or b"")
    monkeypatch.setattr(OrderWriter, "most_bytes", size + 1)
    units = table.join()
    quarantined = [record for unit in units for record in unit.emitted if record[0] == TOPICS.quarantine]
    headers = [dict(record[5]) for record in quarantined]
    assert [each[header.ERROR_OFFSET] for each in headers] == [b"1", b"2", b"3"]
    assert {each[header.ERROR_EXCEPTION].partition(b":")[0] for each in headers} == {b"OrderTooLargeError"}
    assert (sum(unit.aside for unit in units), table.document()["version"]) == (3, 1)
