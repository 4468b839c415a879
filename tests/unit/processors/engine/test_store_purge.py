"""A table's partition forgets rows whose time is over, and nothing else."""

import shutil
from collections.abc import Iterable
from pathlib import Path

import pytest

from processors.engine.expiry import INDEX, MARGIN_MS, Expiry, entry_keys
from processors.engine.position import Position
from processors.engine.store import POSITION, TablePartition

pytestmark = pytest.mark.thorough  # its tables are on a disk

RETENTION_MS = 1_000
NEW = 10 * MARGIN_MS
DUE = NEW - MARGIN_MS - RETENTION_MS
"""Older rows are due while the newest one is from ``NEW``."""
LATER = NEW * 100


def opened(path: Path) -> TablePartition:
    return TablePartition(path, Expiry(RETENTION_MS, time_of=int, rewritten=(b"count/",)))


def named(table: TablePartition) -> list[bytes]:
    """The keys in all index entries."""
    return [key for _, value in table.scan(INDEX, after=b"", limit=10_000) for key in entry_keys(value)]


@pytest.fixture
def table(tmp_path: Path) -> TablePartition:
    return opened(tmp_path / "0")


def purge(table: TablePartition, now_ms: int = LATER) -> list[int]:
    """Rows deleted by each step."""
    return list(iter(lambda: table.purge(now_ms), None))


def rows(keys: Iterable[bytes], time: int) -> list[tuple[bytes, bytes | None]]:
    return [(key, b"%d" % time) for key in keys]


def test_rows_that_are_due_go_and_the_others_stay(table: TablePartition) -> None:
    table.apply(rows([b"old", b"older"], DUE - 1), offset=1)
    table.apply(rows([b"young"], DUE), offset=2)
    table.apply(rows([b"new"], NEW), offset=3)
    assert purge(table) == [2]
    assert [value is None for value in table.get_many([b"old", b"older", b"young", b"new"])] == [
        True,
        True,
        False,
        False,
    ]


def test_the_newest_row_tells_what_is_old_not_the_clock(table: TablePartition) -> None:
    """An idle partition forgets nothing: no record needs it, and raw may be read late."""
    table.apply(rows([b"a"], DUE - 1), offset=1)
    assert purge(table) == []
    table.apply(rows([b"new"], NEW), offset=2)
    assert purge(table, now_ms=DUE) == []
    assert purge(table) == [1]


def test_a_row_that_was_written_again_stays(table: TablePartition) -> None:
    """A forgotten key may have started anew. Its first index entry must not delete the new row."""
    table.apply(rows([b"again", b"old"], DUE - 1), offset=1)
    table.apply(rows([b"again"], NEW), offset=2)
    assert purge(table) == [1]
    assert table.get(b"again") == b"%d" % NEW


def test_rows_of_one_write_go_in_small_steps(table: TablePartition) -> None:
    """Each step blocks the event loop."""
    table.apply(rows([b"%d" % number for number in range(600)], DUE - 1), offset=1)
    table.apply(rows([b"new"], NEW), offset=2)
    assert purge(table) == [256, 256, 88]


def test_rows_of_many_small_writes_go_in_few_steps(table: TablePartition) -> None:
    """Quiet traffic writes a row or two at a time. With a step for each write, purging would be slower than writing."""
    for number in range(600):
        table.apply(rows([b"%d" % number], DUE - 1), offset=number)
    table.apply(rows([b"7", b"new"], NEW), offset=600)
    assert purge(table) == [255, 256, 88]
    assert [key for key, _ in table.scan(b"", after=b"\x01", limit=10)] == [b"7", b"new"]


def test_a_step_takes_whole_writes_while_they_fit(table: TablePartition) -> None:
    for offset, count in enumerate([100, 156, 1, 256]):
        table.apply(rows([b"%d-%d" % (offset, number) for number in range(count)], DUE - 1), offset)
    table.apply(rows([b"new"], NEW), offset=4)
    assert purge(table) == [256, 1, 256]


def test_a_row_that_was_written_twice_counts_once(table: TablePartition) -> None:
    """Both of its index entries are due at the same step."""
    table.apply(rows([b"twice"], DUE - 2), offset=1)
    table.apply(rows([b"twice", b"once"], DUE - 1), offset=2)
    table.apply(rows([b"new"], NEW), offset=3)
    assert purge(table) == [2]


def test_a_purge_that_was_killed_between_two_steps_goes_on(table: TablePartition, tmp_path: Path) -> None:
    for number in range(300):
        table.apply(rows([b"%d" % number], DUE - 1), offset=number)
    table.apply(rows([b"new"], NEW), offset=300)
    assert table.purge(LATER) == 256
    shutil.copytree(table.path, tmp_path / "as killed")
    assert purge(opened(tmp_path / "as killed")) == [44]


def test_what_came_out_of_order_is_found_by_the_next_purge(table: TablePartition) -> None:
    table.apply(rows([b"a"], DUE - 1), offset=1)
    table.apply(rows([b"new"], NEW), offset=2)
    assert purge(table) == [1]
    table.apply(rows([b"late"], DUE - 2), offset=3)
    assert purge(table) == [1]


def test_offset_position_and_deleted_rows_are_left_alone(table: TablePartition) -> None:
    table.lineage = "cluster/topic"
    table.apply([*rows([b"old", b"gone"], DUE - 1), (POSITION, b"42")], offset=1)
    table.apply([(b"gone", None), *rows([b"new"], NEW)], offset=2)
    assert purge(table) == [1]
    assert (table.offset, table.position, table.lineage) == (2, Position(42), "cluster/topic")


def test_the_index_survives_a_restart(tmp_path: Path) -> None:
    table = opened(tmp_path / "0")
    table.apply(rows([b"old"], DUE - 1), offset=1)
    table.apply(rows([b"new"], NEW), offset=2)
    table.close()
    again = opened(tmp_path / "0")
    assert purge(again) == [1]
    assert again.get(b"old") is None


def test_without_a_retention_rows_stay_for_ever(tmp_path: Path) -> None:
    table = TablePartition(tmp_path / "0")
    table.apply(rows([b"old"], 0), offset=1)
    table.apply(rows([b"new"], NEW), offset=2)
    assert table.purge(LATER) is None
    assert table.get(b"old") == b"0"


def test_a_row_that_is_written_again_with_its_time_costs_no_further_entry(table: TablePartition) -> None:
    for number in range(500):
        table.apply([(b"count/a", b"%03d" % 7), *rows([b"%d" % number], 8)], offset=number)
    assert named(table).count(b"count/a") == 1
    assert len(named(table)) == 501


def test_writing_a_row_again_with_its_time_does_not_keep_it_longer(table: TablePartition) -> None:
    table.apply(rows([b"count/a"], DUE - 1), offset=1)
    table.apply([*rows([b"count/a"], DUE - 1), *rows([b"new"], NEW)], offset=2)
    assert purge(table) == [1]
    assert table.get(b"count/a") is None


def test_a_row_of_which_only_the_last_write_is_left_in_the_changelog_is_found_all_the_same(
    table: TablePartition,
) -> None:
    """Compaction removes the first write, and the last one has the same time."""
    table.apply([*rows([b"count/a"], DUE - 1), *rows([b"new"], NEW)], offset=900)
    assert purge(table) == [1]
    assert table.get_many([b"count/a", b"new"]) == [None, b"%d" % NEW]


def test_a_row_that_gets_a_new_time_gets_a_new_entry(table: TablePartition) -> None:
    table.apply(rows([b"count/a"], DUE - 1), offset=1)
    table.apply(rows([b"count/a", b"new"], NEW), offset=2)
    assert purge(table) == [0]
    assert named(table) == [b"count/a", b"new"]


def test_a_row_that_is_written_again_beside_new_ones_goes_at_its_own_time(table: TablePartition) -> None:
    hour = 3_600_000
    table.apply(rows([b"key", b"count/of-another"], DUE - 1), offset=1)
    table.apply([*rows([b"new"], NEW - 1), *rows([b"count/of-key", b"count/of-late"], DUE - 1 - hour)], offset=2)
    table.apply(rows([b"newest"], NEW), offset=3)
    purge(table)
    assert named(table) == [b"new", b"newest"]
    assert table.get_many([b"count/of-key", b"count/of-late", b"count/of-another", b"new"]) == [
        None,
        None,
        None,
        b"%d" % (NEW - 1),
    ]
