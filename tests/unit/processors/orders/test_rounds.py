"""The rounds: what they keep for how long, what is left of an order that goes, and what brings it back."""

from typing import Any

import pytest
from structlog.testing import capture_logs

from processors.orders import rounds as going
from processors.orders.apply import OrderRules
from processors.orders.gone import Gone, gone_key
from processors.orders.row import RULES_VERSION
from processors.orders.table import MARGIN, TABLE, UNPROCESSED, OrderWriter, row_key
from processors.orders.waiting import WaitingRoom
from schemas.instant import rfc3339_millis
from tests.unit.processors.orders.kept import RETENTION, RULES, Table, states, went
from tests.unit.processors.orders.sweeps import record
from tests.unit.processors.orders.units import TOPICS, FakeUnit, event_record


@pytest.fixture
def table() -> Table:
    return Table()


def test_an_order_is_forgotten_once_nothing_came_of_it_for_so_long(table: Table) -> None:
    table.deliver(record(0, "created", "a", at=1_000), record(1, "created", "b", at=1_000))
    table.deliver(record(2, "completed", "b", at=2_000))
    assert went(table.go_round(1_000 + RETENTION)) == []
    assert went(table.go_round(1_001 + RETENTION + RETENTION // 10)) == [b"a", b"b"]  # in the next round


def test_a_round_is_over_when_there_are_no_rows_any_more_however_few_come_together(
    table: Table, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Large rows come one by one."""
    scan = FakeUnit.scan
    monkeypatch.setattr(FakeUnit, "scan", lambda unit, table, prefix, after, _: scan(unit, table, prefix, after, 1))
    table.deliver(*(record(number, "created", f"order-{number}", at=1_000) for number in range(3)))
    assert len(went(table.go_round(2_000 + RETENTION))) == 3


def test_what_goes_is_row_index_kept_records_and_its_part_of_the_totals(table: Table) -> None:
    table.deliver(record(0, "opened", "a", at=1_000), record(1, "created", "b", at=RETENTION))
    broken = FakeUnit([record(2, "completed", "a", at=1_500)], table.rows)
    table.orders.refuse(broken, ValueError("a bug"))  # type: ignore[arg-type]  # takes the unit's place
    assert any(key.startswith(b"due/") for key in table.left())
    assert any(key.startswith(UNPROCESSED) for key in table.left())
    assert table.totals["status:open"] == 1
    table.go_round(2_000 + RETENTION)
    assert {key for key in table.left() if not key.endswith(b"b")} == {gone_key("a")}
    assert table.totals == {"status:created": 1, f"rules:{RULES_VERSION}": 1}


def test_rows_by_which_an_order_is_found_go_with_it(table: Table) -> None:
    """Rows of another order under the same ids stay."""
    said: dict[str, Any] = {"external_id": "00E-1", "items": [], "exchanges": [{"order_id": "o-0", "return_id": "r-0"}]}
    for number, order_id in enumerate(("order-a", "order-b")):
        table.deliver(event_record(number, "order.created", id=order_id, **said))
        table.deliver(event_record(9 + number, "return.processed", order_id=order_id, id="r-1", items=[]))
    assert len(table.left_of(b"order-a")) == len(table.left_of(b"order-b")) > 5
    table.deliver(record(20, "completed", "order-b", at=RETENTION))
    table.go_round(20_000 + RETENTION)
    assert table.left_of(b"order-a") == set()
    assert len(table.left_of(b"order-b")) >= 5


def test_returns_that_belong_to_no_order_go_after_as_long(table: Table) -> None:
    table.deliver(event_record(1, "return.processed", id="r-1", external_order_id="e-1", items=[]))
    assert len(table.left()) == 3
    table.go_round(1_000 + RETENTION)
    assert len(table.left()) == 3
    table.go_round(2_000 + RETENTION + RETENTION // 10)
    assert table.left() == set()


def test_that_an_order_was_full_is_forgotten_with_it(table: Table) -> None:
    table.deliver(record(0, "created", "a", at=1_000))
    unit = FakeUnit([], table.rows, now_ms=1_000)
    OrderWriter(unit, TOPICS).fill("a", 1_000, listed=True)  # type: ignore[arg-type]  # takes the unit's place
    table.go_round(2_000 + RETENTION)
    assert table.left() == {gone_key("a")}


def test_nothing_is_forgotten_while_events_may_be_on_their_way(table: Table) -> None:
    """After an outage, orders look old while events of theirs wait."""
    table.deliver(record(0, "created", "a", at=1_000))
    for _ in range(5):
        assert states(table.tick(9 * RETENTION)) == []
    table.deliver(record(1, "completed", "a", at=9 * RETENTION))
    assert went(table.go_round(9 * RETENTION + 1)) == []


def test_nor_is_an_order_for_which_one_waits_to_be_joined(table: Table) -> None:
    """The order's row does not know of the waiting event."""
    table.deliver(record(0, "created", "a", at=1_000))
    late = record(1, "completed", "a", at=RETENTION)
    unit: Any = FakeUnit([late], table.rows)
    WaitingRoom(unit, TABLE, 0).add("a", [late], table.rows[row_key(b"a")])
    assert went(table.go_round(2_000 + RETENTION)) == []


def test_a_round_is_made_once_a_day_or_ten_times_within_a_short_retention(table: Table) -> None:
    table.go_round(0)
    assert len(table.raw.asked) == 1
    table.go_round(RETENTION // 10 - 1)
    assert len(table.raw.asked) == 1
    table.go_round(RETENTION // 10)
    assert len(table.raw.asked) == 2
    table.restart(OrderRules(retention_ms=400 * going.LONGEST_PAUSE_MS))
    table.go_round(0)
    table.go_round(going.LONGEST_PAUSE_MS - 1)
    assert len(table.raw.asked) == 1
    table.go_round(going.LONGEST_PAUSE_MS)
    assert len(table.raw.asked) == 2


@pytest.mark.parametrize("room", [10_000_000, 70_000])
def test_a_tick_does_a_part_and_the_next_one_goes_on(table: Table, monkeypatch: pytest.MonkeyPatch, room: int) -> None:
    monkeypatch.setattr(going, "ROWS", 10)
    monkeypatch.setattr(going, "_PORTION", 5)
    table.deliver(*(record(n, "created", f"o-{n:02d}", at=1_000) for n in range(35)))
    each = [len(went([unit])) for unit in table.go_round(2_000 + RETENTION, room=room)]
    assert sum(each) == 35
    assert max(each) <= 10
    assert table.totals == {}


def test_partitions_share_what_a_worker_looks_at(table: Table, monkeypatch: pytest.MonkeyPatch) -> None:
    """Otherwise sixty partitions would take a third of a worker's time. One that went elsewhere soon takes no share."""
    monkeypatch.setattr(going, "ROWS", 12)
    table.deliver(*(record(n, "created", f"o-{n:03d}", at=1_000) for n in range(200)))
    now = 2_000 + RETENTION

    def went_of(partition: int, now_ms: int) -> int:
        return len(went([table.tick(now_ms, partition=partition)]))

    assert [went_of(partition, now) for partition in range(4)] == [0, 0, 0, 0]
    for asked in table.raw.asked:
        asked.end = 0
    assert [went_of(partition, now + 1) for partition in range(4)] == [12, 6, 4, 3]
    assert [went_of(partition, now + 2) for partition in range(4)] == [3, 3, 3, 3]
    assert [went_of(0, now + 10_000), went_of(0, now + 10_002)] == [3, 12]
    monkeypatch.setattr(going, "ROWS", 1)
    assert [went_of(partition, now + 10_003) for partition in range(4)] == [1] * 4  # else no round would be over


def test_an_order_that_the_sweep_marks_in_the_same_tick_leaves_nothing_in_the_index(table: Table) -> None:
    table.deliver(record(0, "opened", "a", at=1_000))
    table.go_round(2_000 + 2 * RETENTION)
    assert table.left() == {gone_key("a")}


def test_an_event_that_comes_later_begins_the_order_anew_with_a_partial_history(table: Table) -> None:
    table.deliver(record(0, "created", "a", at=1_000))
    table.go_round(2_000 + RETENTION)
    with capture_logs() as lines:
        [(_, state)] = states(table.deliver(record(1, "completed", "a", at=3_000 + RETENTION)))
    assert lines == []
    assert state is not None
    assert (state["partial_history"], state["version"], state["revision"]) == (True, 1, 1)
    assert table.totals["partial_history"] == 1
    table.go_round(9 * RETENTION)
    assert table.left() == {gone_key("a")}


def test_an_event_from_before_it_was_forgotten_brings_nothing_back(table: Table) -> None:
    """A migration reads the event once more from raw."""
    table.deliver(record(0, "created", "a", at=1_000))
    table.go_round(2_000 + RETENTION)
    with capture_logs() as lines:
        assert states(table.deliver(record(0, "created", "a", at=1_000))) == []
    assert table.left() == {gone_key("a")}
    told = [(line["event"], line["row"], line["events"]) for line in lines]
    assert told == [("events of an order that is gone change nothing", gone_key("a"), 1)]


def test_what_only_old_records_said_is_left_out_of_what_begins_anew(table: Table) -> None:
    table.deliver(record(0, "created", "a", at=1_000))
    table.go_round(2_000 + RETENTION)
    unit = table.deliver(record(0, "created", "a", at=1_000), record(1, "completed", "a", at=9 * RETENTION))
    [(_, state)] = states(unit)
    assert state is not None
    assert [entry["event"] for entry in state["timeline"]] == ["order.completed"]


def test_that_an_order_was_forgotten_is_forgotten_after_as_long_again(table: Table) -> None:
    table.deliver(record(0, "created", "a", at=1_000))
    table.go_round(2_000 + RETENTION)
    table.go_round(2_000 + 2 * RETENTION)
    assert table.left() == {gone_key("a")}
    table.go_round(3_000 + 2 * RETENTION + RETENTION // 10)
    assert table.left() == set()


def test_a_kept_record_that_no_order_lists_goes_after_as_long(table: Table) -> None:
    broken = FakeUnit([record(0, "completed", "a", at=1_500)], table.rows)
    table.orders.refuse(broken, ValueError("a bug"))  # type: ignore[arg-type]  # takes the unit's place
    kept = {key for key in table.left() if key.startswith(UNPROCESSED)}
    table.rows = {key: table.rows[key] for key in kept}
    table.go_round(1_500 + RETENTION)
    assert table.left() == kept
    table.go_round(1_501 + RETENTION + RETENTION // 10)
    assert table.left() == set()


def test_a_kept_record_stays_for_as_long_as_its_order(table: Table) -> None:
    table.deliver(record(0, "created", "a", at=1_000))
    broken = FakeUnit([record(1, "completed", "a", at=1_500)], table.rows)
    table.orders.refuse(broken, ValueError("a bug"))  # type: ignore[arg-type]  # takes the unit's place
    table.deliver(record(2, "opened", "a", at=RETENTION))
    table.go_round(RETENTION + 3_000)
    table.restart(RULES)  # with the code mended
    [(_, state)] = states(table.deliver(record(3, "note", "a", at=RETENTION + 4_000)))[-1:]
    assert state is not None
    assert state["unprocessed"] == []
    assert "order.completed" in [entry["event"] for entry in state["timeline"]]


def test_a_kept_record_from_before_its_order_was_forgotten_goes_and_holds_up_none_behind_it(table: Table) -> None:
    for n, order_id in enumerate("ab"):
        broken = FakeUnit([record(n, "completed", order_id, at=1_500)], table.rows)
        table.orders.refuse(broken, ValueError("a bug"))  # type: ignore[arg-type]  # takes the unit's place
    table.rows = {key: row for key, row in table.rows.items() if key.startswith(UNPROCESSED)}
    unit: Any = FakeUnit([], table.rows, now_ms=2_000)
    OrderWriter(unit, TOPICS).leave("a", Gone.of("a", rfc3339_millis(2_000), erased=False), 2_000)
    table.restart(RULES)
    assert [key for key, _ in states(table.deliver(record(2, "created", "c", at=3_000)))] == [b"c", b"b"]
    assert not [key for key in table.left() if key.startswith(UNPROCESSED)]


def test_a_tick_reads_no_more_than_keeps_the_event_loop_for_a_moment_but_one_portion(
    table: Table, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(going, "MOST_BYTES", 1)
    monkeypatch.setattr(going, "_PORTION", 5)
    table.deliver(*(record(n, "created", f"o-{n:02d}", at=1_000) for n in range(20)))
    each = [len(went([unit])) for unit in table.go_round(2_000 + RETENTION)]
    assert [number for number in each if number] == [5, 5, 5, 5]


def test_a_round_is_never_in_a_hurry_and_asks_for_its_own_partition(table: Table) -> None:
    """Otherwise a round would block the event loop until all rows were looked at."""
    table.deliver(*(record(n, "created", f"o-{n}", at=1_000) for n in range(3)))
    rounds = going.Rounds(TOPICS, RULES, table.raw)
    unit: Any = FakeUnit([], table.rows, now_ms=9 * RETENTION, partition=5)
    assert [rounds.go_on(unit, 9 * RETENTION) for _ in range(2)] == [False, False]
    assert [(asked.partition, went([unit])) for asked in table.raw.asked] == [(5, [])]
    table.raw.asked[0].end = 0
    assert rounds.go_on(unit, 9 * RETENTION) is False
    assert went([unit]) == [b"o-0", b"o-1", b"o-2"]


@pytest.mark.parametrize("options", [{}, {"room": 70_000}])
def test_a_round_ends_whose_orders_are_all_kept(
    table: Table, monkeypatch: pytest.MonkeyPatch, options: dict[str, int]
) -> None:
    monkeypatch.setattr(going, "ROWS", 10)
    table.deliver(*(record(n, "created", f"o-{n:02d}", at=RETENTION) for n in range(35)))
    table.go_round(RETENTION, **options)
    table.go_round(RETENTION + RETENTION // 10, **options)
    assert len(table.raw.asked) == 2


@pytest.mark.parametrize(("short", "left"), [(1, [2, 1, 0]), (0, [0, 0, 0])])
def test_a_round_forgets_no_more_than_its_unit_has_room_for(table: Table, short: int, left: list[int]) -> None:
    for n in range(3):
        table.deliver(record(n, "created", f"o-{n}", at=1_000))
    [size] = {len(row) for key, row in table.rows.items() if key.startswith(b"order/") and row is not None}
    table.tick(2_000 + RETENTION)
    table.raw.asked[0].end = 0
    found = []
    for _ in left:
        table.tick(2_000 + RETENTION, room=MARGIN + 2 * size - short)
        found.append(len([key for key in table.left() if key.startswith(b"order/")]))
    assert found == left
