"""The sweep: which orders it marks, and when. It marks none whose missing event may be on its way."""

import pytest
from structlog.testing import capture_logs

from processors.orders import sweep as sweeping
from processors.orders.apply import Applied, OrderRules, mark_late
from processors.orders.row import load
from processors.orders.table import MARGIN, Due, row_key
from tests.unit.processors.orders.facts import of_a_later_version
from tests.unit.processors.orders.sweeps import DAY, Table, record, said
from tests.unit.processors.orders.units import FakeUnit


@pytest.fixture
def table() -> Table:
    return Table()


def test_an_order_is_marked_when_all_is_folded_that_raw_held_after_its_deadline(table: Table) -> None:
    table.deliver(record(0, "opened"))
    table.tick(6_000, position=10)
    [question] = table.raw.asked
    assert question.partition == 3
    assert said(table.tick(6_001, position=11)[1]) == {}  # nobody knows how far raw goes
    question.end = 13
    assert said(table.tick(6_002, position=12)[1]) == {}  # the lane has not come there
    more, unit = table.tick(6_003, position=13)
    assert (more, said(unit), table.index) == (True, {"a": True}, [])
    assert (table.totals["incomplete"], table.totals["provisional"]) == (1, 1)
    assert len(table.raw.asked) == 1
    assert table.tick(99_999, position=99)[0] is False


def test_who_gets_what_was_missing_meanwhile_is_not_marked(table: Table) -> None:
    table.deliver(record(0, "opened"), record(1, "opened", "b"))
    table.tick(6_000)
    table.raw.asked[0].end = 0
    table.deliver(record(2, "created"))
    assert said(table.tick(6_001)[1]) == {"b": True}


def test_who_is_due_later_than_the_question_needs_another_one(table: Table) -> None:
    """Raw may hold the missing event behind the end that was asked for."""
    table.deliver(record(0, "opened"))
    table.tick(6_000)
    table.deliver(record(1, "opened", "b"), record(2, "opened", "c", at=900))
    table.raw.asked[0].end = 0
    assert said(table.tick(7_000)[1]) == {"a": True}
    assert said(table.sweep(7_001)) == {"b": True, "c": True}


def test_one_that_waits_for_another_event_by_then_waits_on(table: Table) -> None:
    table.deliver(record(0, "opened"))
    table.tick(6_000)
    table.deliver(record(1, "created"), record(2, "opened", "b", at=4_000))
    table.raw.asked[0].end = 0
    assert said(table.tick(6_001)[1]) == {}
    assert table.index == [Due(9_000, b"b")]


def test_what_was_missing_heals_the_order(table: Table) -> None:
    table.deliver(record(0, "opened"))
    table.sweep(6_000)
    assert said(table.deliver(record(1, "created"))) == {"a": False}
    assert (table.totals["incomplete"], table.totals["provisional"]) == (0, 0)


def test_a_process_that_ends_in_between_loses_nothing(table: Table) -> None:
    table.deliver(record(0, "opened"))
    table.tick(6_000)
    table.restart()
    assert said(table.sweep(6_001)) == {"a": True}


def test_more_than_are_swept_at_once_come_one_after_the_other(table: Table, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sweeping, "AT_ONCE", 3)
    table.deliver(*(record(n, "opened", f"o-{n}", 1_000 + n) for n in range(7)))
    swept = [sorted(said(table.sweep(99_999))) for _ in range(3)]
    assert swept == [["o-0", "o-1", "o-2"], ["o-3", "o-4", "o-5"], ["o-6"]]


def test_a_unit_takes_no_more_than_it_has_room_for(table: Table) -> None:
    table.deliver(*(record(n, "opened", f"o-{n}", 1_000 + n) for n in range(3)))
    assert [table.tick(99_999)[0] for _ in range(2)] == [False, False]  # nobody has answered yet
    table.raw.asked[0].end = 0
    for n in range(3):
        more, unit = table.tick(99_999, room=1_000)
        assert (more, said(unit)) == (True, {f"o-{n}": True})
        assert table.totals["incomplete"] == n + 1
    assert len(table.raw.asked) == 1


@pytest.mark.parametrize(("short", "marked"), [(1, 1), (0, 2)])
def test_the_next_one_is_marked_where_there_is_room_for_its_row_and_its_document(
    table: Table, short: int, marked: int
) -> None:
    table.deliver(*(record(n, "opened", f"o-{n}", 1_000 + n) for n in range(2)))
    table.tick(99_999)
    table.raw.asked[0].end = 0
    room = MARGIN + 2 * len(table.rows[row_key(b"o-1")] or b"") - short
    assert len(said(table.tick(99_999, room=room)[1])) == marked


def test_one_that_cannot_be_marked_keeps_no_other_waiting(table: Table, monkeypatch: pytest.MonkeyPatch) -> None:

    def marked(row: bytes, at_ms: int, rules: OrderRules) -> Applied:
        if load(row).order_id == "a":
            raise ValueError("a bug")
        return mark_late(row, at_ms, rules)

    monkeypatch.setattr(sweeping, "mark_late", marked)
    monkeypatch.setattr(sweeping, "AT_ONCE", 1)
    table.deliver(record(0, "opened", at=1_000), record(1, "opened", "b", at=2_000))
    with capture_logs() as lines:
        assert said(table.sweep(9_000)) == {}
    assert [(line["event"], line["order_id"]) for line in lines] == [("an order cannot be marked", "a")]
    assert said(table.sweep(9_000)) == {"b": True}
    assert table.tick(9_000)[0] is False
    assert table.index == [Due(6_000, b"a")]
    assert len(table.raw.asked) == 2  # raw is not asked again
    monkeypatch.undo()
    table.restart()  # with the code mended
    assert said(table.sweep(9_000)) == {"a": True}


def test_those_that_cannot_be_marked_are_passed_over_up_to_the_last_one_that_cannot_be_looked_at(
    table: Table, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The order that cannot be looked at was found first, and is not looked at again."""
    looked = []

    def looked_at(row: bytes, _now_ms: int, _rules: OrderRules) -> Applied | None:
        looked.append(load(row).order_id)
        if looked[-1] == "b":
            raise ValueError("a bug")
        return None  # it is due

    monkeypatch.setattr(sweeping, "looked_at", looked_at)
    monkeypatch.setattr(sweeping, "mark_late", lambda *_: 1 / 0)
    table.deliver(record(0, "opened", "a", at=1_000), record(1, "opened", "b", at=2_000))
    with capture_logs() as lines:
        assert said(table.sweep(9_000)) == {}
        table.tick(9_000)
    assert (looked, len(table.raw.asked)) == (["a", "b", "a"], 1)
    assert [(line["event"], line["order_id"]) for line in lines] == [("an order cannot be looked at", "b")]


def test_however_many_fail_one_of_them_is_logged_each_time_that_all_are_tried(
    table: Table, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sweeping, "looked_at", failing)
    table.deliver(*(record(n, "opened", f"o-{n}", 1_000 + n) for n in range(5)))
    with capture_logs() as lines:
        for now_ms in range(9_000, 9_000 + 3 * sweeping.PASSED_MS, sweeping.PASSED_MS // 10):
            table.tick(now_ms)
    assert [(line["log_level"], line["order_id"]) for line in lines] == [("error", "o-0")] * 3


def test_those_of_a_later_version_are_left_to_that_without_a_word(table: Table) -> None:
    """After a rollback these may be all orders."""
    table.deliver(*(record(n, "opened", order, 1_000 + n) for n, order in enumerate("abc")))
    known = {row_key(order): table.rows[row_key(order)] or b"" for order in (b"a", b"b")}
    table.rows[row_key(b"b")] = of_a_later_version(known[row_key(b"b")])
    with capture_logs() as lines:
        table.tick(9_000)
        table.rows[row_key(b"a")] = of_a_later_version(known[row_key(b"a")])  # written while raw was asked
        table.raw.asked[0].end = 0
        assert said(table.tick(9_000)[1]) == {"c": True}
        assert table.tick(9_000)[0] is False
    assert (lines, len(table.raw.asked)) == ([], 1)


def failing(row: bytes, _now_ms: int, _rules: OrderRules) -> Applied | None:
    if load(row).order_id in {"o-9", "late"}:
        return None  # it is due
    raise ValueError("a bug")


def test_however_many_cannot_be_looked_at_a_tick_asks_for_no_more_of_the_index(
    table: Table, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked, scan = list[int](), FakeUnit.scan

    def counted(unit: FakeUnit, name: str, prefix: bytes, after: bytes, limit: int) -> list[tuple[bytes, bytes]]:
        asked.extend([limit] if prefix == b"due/" else [])
        return scan(unit, name, prefix, after, limit)

    monkeypatch.setattr(FakeUnit, "scan", counted)
    monkeypatch.setattr(sweeping, "AT_ONCE", 3)
    monkeypatch.setattr(sweeping, "looked_at", failing)
    table.deliver(*(record(n, "opened", f"o-{n}", 1_000 + n) for n in range(10)))
    assert [table.tick(9_000)[0] for _ in range(4)] == [True, True, True, False]
    table.raw.asked[0].end = 0
    assert said(table.tick(9_000)[1]) == {"o-9": True}
    assert asked == [3] * 4


def test_what_has_a_deadline_before_one_that_was_passed_over_waits_for_a_while(
    table: Table, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It waits no longer because another order is passed over meanwhile."""
    monkeypatch.setattr(sweeping, "looked_at", failing)
    table.deliver(record(0, "opened"))
    table.tick(9_000)
    table.deliver(record(1, "opened", "late", 900), record(2, "opened", "b", 2_000))
    table.tick(8_999 + sweeping.PASSED_MS)
    assert table.raw.asked == []
    assert said(table.sweep(9_000 + sweeping.PASSED_MS)) == {"late": True}


@pytest.mark.parametrize(("now_ms", "opening", "asked"), [(DAY + 1, 0, 0), (DAY + 1, 1, 1), (9_000, 0, 1)])
def test_nothing_is_passed_over_once_the_partition_was_elsewhere_or_by_a_clock_that_was_wrong(
    table: Table, monkeypatch: pytest.MonkeyPatch, now_ms: int, opening: int, asked: int
) -> None:
    table.deliver(record(0, "opened"))
    with monkeypatch.context() as before:
        before.setattr(sweeping, "looked_at", failing)
        table.tick(DAY)
    table.tick(now_ms, opening=opening)
    assert len(table.raw.asked) == asked


def test_one_that_would_be_too_large_is_left_as_it_is(table: Table) -> None:
    table.deliver(record(0, "opened"), record(1, "opened", "b"))
    rows = dict(table.rows)
    table.tick(6_000)
    table.raw.asked[0].end = 0
    unit = table.tick(6_000, max_value_bytes=10)[1]
    assert (unit.emitted, table.rows) == ([], rows)
