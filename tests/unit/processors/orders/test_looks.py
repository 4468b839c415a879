"""Looks at orders: the index of deadlines follows their rows, and a look finds the next deadline."""

from datetime import UTC, datetime, timedelta

import pytest
from structlog.testing import capture_logs

from processors.orders import sweep as sweeping
from processors.orders.apply import OrderRules
from processors.orders.order_rules import History
from processors.orders.row import dump, load
from processors.orders.table import MARGIN, Due, row_key
from processors.orders.waiting import pending_key
from tests.unit.processors.orders.sweeps import DAY, LATE_AFTER, Table, record, said
from tests.unit.processors.orders.units import FakeUnit, short_of_memory


@pytest.fixture
def table() -> Table:
    return Table()


def test_the_index_follows_the_row(table: Table) -> None:
    table.deliver(record(0, "opened", at=1_000))
    assert table.index == [Due(6_000, b"a")]
    table.deliver(record(1, "items_cancelled", at=500))  # of two facts that need it, the earlier one counts
    assert table.index == [Due(5_500, b"a")]
    table.deliver(record(2, "created"))
    assert table.index == [Due(5_500, b"a")]  # the index need not know that nothing is due then
    assert (table.tick(5_500)[0], table.index) == (False, [])


def test_what_a_unit_settles_itself_is_never_in_the_index(table: Table) -> None:
    table.deliver(record(0, "opened"), record(1, "created"))
    assert not any(key.startswith(b"due/") for key in table.rows)


def index_writes(unit: FakeUnit) -> list[bytes]:
    return [key for key in unit.put_keys if key.startswith(b"due/")]


def test_most_writes_leave_the_index_alone(table: Table) -> None:
    """In a whole life the index is written as the order begins, and by the look that finds nothing due."""
    lives = [("created", 1_000), ("opened", 2_000), ("items_on_hold", 3_000), ("items_cancelled", 4_000)]
    written = [index_writes(table.deliver(record(n, event, at=at))) for n, (event, at) in enumerate(lives)]
    assert written == [[Due(1_000 + DAY, b"a").key], [], [], []]
    unit = table.tick(1_000 + DAY)[1]
    assert (unit.put_keys, unit.emitted) == ([row_key(b"a"), Due(1_000 + DAY, b"a").key], [])
    assert (table.raw.asked, table.index) == ([], [])


def test_a_look_finds_the_next_time_and_changes_no_document(table: Table) -> None:
    table.deliver(record(0, "created"), record(1, "opened", at=2_000))
    table.deliver(record(2, "completed", at=3_000, items=[{"id": "A", "status": "complete"}]))
    revision = load(table.rows[row_key(b"a")] or b"").revision
    assert (table.tick(1_000 + DAY)[1].states(), table.raw.asked) == ([], [])
    assert table.index == [Due(3_000 + DAY, b"a")]
    assert load(table.rows[row_key(b"a")] or b"").revision == revision
    assert table.totals["status:completed"] == 1


def test_looks_and_marks_are_kept_apart(table: Table) -> None:
    table.deliver(record(0, "created", "looked-at", at=0), record(1, "opened", "looked-at"))
    table.deliver(record(2, "created", "marked", at=0))
    assert {due.at for due in table.index} == {DAY}
    unit = table.sweep(DAY)
    assert [(each["order_id"], each["stalled"]) for each in unit.states()] == [("marked", ["order.opened"])]
    assert (len(table.raw.asked), table.totals["stalled"], table.index) == (1, 1, [])


def test_an_index_row_without_an_order_goes(table: Table) -> None:
    table.deliver(record(0, "opened"))
    table.rows[row_key(b"a")] = None
    assert (table.tick(6_000)[0], table.index, table.raw.asked) == (False, [], [])


def test_looks_are_bounded_by_what_they_read(table: Table, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sweeping, "MOST_ROW_BYTES", 1)
    for n in range(3):
        table.deliver(record(2 * n, "created", f"o-{n}", at=n))
        table.deliver(record(2 * n + 1, "opened", f"o-{n}"))
    assert [(table.tick(9 * DAY)[0], len(table.index)) for _ in range(3)] == [(True, 2), (True, 1), (False, 0)]


def test_looks_are_bounded_by_all_rows_that_they_read(table: Table, monkeypatch: pytest.MonkeyPatch) -> None:
    for n in range(5):
        table.deliver(record(2 * n, "created", f"o-{n}", at=n + 1))
        table.deliver(record(2 * n + 1, "opened", f"o-{n}"))
    [size] = {len(row) for key, row in table.rows.items() if key.startswith(b"order/") and row is not None}
    monkeypatch.setattr(sweeping, "MOST_ROW_BYTES", 2 * size)
    assert [(table.tick(9 * DAY)[0], len(table.index)) for _ in range(3)] == [(True, 3), (True, 1), (False, 0)]


@pytest.mark.parametrize(("short", "left"), [(1, 2), (0, 0)])
def test_looks_write_no_more_than_their_unit_has_room_for(table: Table, short: int, left: int) -> None:
    """Each look may write a row and a document of about that size."""
    for n in range(3):
        table.deliver(record(2 * n, "created", f"o-{n}", at=n + 1))
        table.deliver(record(2 * n + 1, "opened", f"o-{n}"))
    [size] = {len(row) for key, row in table.rows.items() if key.startswith(b"order/") and row is not None}
    assert table.tick(9 * DAY, room=MARGIN + 2 * size - short)[0] is (left > 0)
    assert len(table.index) == left


@pytest.mark.parametrize("waiting", range(4))
def test_where_all_that_is_due_waits_to_be_joined_nothing_is_to_be_done_at_once(
    table: Table, monkeypatch: pytest.MonkeyPatch, waiting: int
) -> None:
    """Behind an order that need not wait there may be more."""
    monkeypatch.setattr(sweeping, "AT_ONCE", 3)
    for n in range(3):
        table.deliver(record(2 * n, "created", f"o-{n}", at=n))
        table.deliver(record(2 * n + 1, "opened", f"o-{n}"))
    table.rows |= {pending_key(b"o-%d" % n): bytes(8) for n in range(waiting)}
    assert table.tick(9 * DAY)[0] is (waiting < 3)
    assert len(table.index) == waiting


def test_a_look_writes_a_document_that_is_another_one_by_the_rules_of_now(table: Table) -> None:
    table.deliver(record(0, "created", at=0))
    since = History.before(datetime(2025, 1, 1, tzinfo=UTC), timedelta(days=1))
    table.rules = OrderRules(late_after_ms=LATE_AFTER, history=since)
    table.restart()
    [state] = table.tick(DAY)[1].states()
    assert (state["partial_history"], state["revision"], state["stalled"]) == (True, 2, [])
    assert (table.totals["partial_history"], table.index, table.raw.asked) == (1, [], [])


def test_one_that_cannot_be_looked_at_keeps_no_other_waiting(table: Table, monkeypatch: pytest.MonkeyPatch) -> None:
    table.deliver(record(0, "opened", at=1_000), record(1, "opened", "b", at=2_000))
    whole = table.rows[row_key(b"a")]
    table.rows[row_key(b"a")] = b"broken"
    with capture_logs() as lines:
        assert said(table.sweep(9_000)) == {"b": True}
    assert {(line["event"], line["order_id"]) for line in lines} == {("an order cannot be looked at", "a")}
    assert (table.tick(9_000)[0], table.index) == (False, [Due(6_000, b"a")])
    table.rows[row_key(b"a")] = whole
    table.restart()
    assert said(table.sweep(9_000)) == {"a": True}


@pytest.mark.parametrize("order", ["a", "a/b\x00", "\x00", "ü"])
def test_the_index_is_in_the_order_of_time_whatever_orders_are_called(table: Table, order: str) -> None:
    for n, at in enumerate((3 << 38, 2 << 32, 0xFF, 0x100, 1 << 40)):
        table.deliver(record(n, "opened", f"{order}{n}", at))
    index = table.index
    assert [due.at - LATE_AFTER for due in index] == [0xFF, 0x100, 2 << 32, 3 << 38, 1 << 40]
    assert {due.id.decode() for due in index} == {f"{order}{n}" for n in range(5)}


def test_before_its_deadline_nobody_is_asked(table: Table) -> None:
    table.deliver(record(0, "opened"))
    assert table.tick(5_999)[0] is False
    assert table.raw.asked == []


def test_an_index_that_an_older_version_did_not_keep_up_mends_itself(table: Table) -> None:
    """An older version writes rows without deadlines."""
    table.deliver(record(0, "opened"), record(1, "opened", "b"))
    stale = table.index
    table.deliver(record(2, "created", "b"))
    for due in stale:
        row = load(table.rows[row_key(due.id)] or b"")
        row.due = 0
        table.rows |= {row_key(due.id): dump(row), due.key: b"1"}
    assert said(table.sweep(6_000)) == {"a": True}
    assert table.index == []


def test_one_that_no_record_holds_any_more_keeps_no_other_waiting(table: Table) -> None:
    """This happens once messages must be smaller than before."""
    table.deliver(record(0, "opened", "a", 1_000, [{"id": f"item-{n}"} for n in range(100)]))
    table.deliver(record(1, "created", "a", 1_001), record(2, "opened", "b", 1_002))
    with capture_logs() as lines:
        for now_ms in (9_000, 9_001):
            unit = table.tick(now_ms, max_value_bytes=3_000)[1]
            table.raw.asked[0].end = 0
    assert said(unit) == {"b": True}
    assert table.index == [Due(6_000, b"a")]
    assert [(line["event"], line["order_id"]) for line in lines] == [("an order cannot be looked at", "a")]


@pytest.mark.parametrize("of", ["looked_at", "mark_late"])
def test_that_memory_was_short_says_nothing_about_an_order(
    table: Table, monkeypatch: pytest.MonkeyPatch, of: str
) -> None:
    table.deliver(record(0, "opened"))
    with monkeypatch.context() as patch:
        patch.setattr(sweeping, of, short_of_memory)
        with pytest.raises(MemoryError):
            table.sweep(9_000)
    states = []
    for _ in range(2):
        for asked in table.raw.asked:
            asked.end = 0
        states += table.tick(9_000)[1].states()
    assert [state["incomplete"] for state in states] == [True]
