"""Many rows at once take several writes. If a process ends between two of them, the rest is completed later."""

from pathlib import Path
from typing import Any

import pytest

from processors.engine.changelog import Changelog
from processors.engine.expiry import MARGIN_MS, Expiry
from processors.engine.position import Position
from processors.engine.store import POSITION, WRITE_BYTES, TablePartition
from tests.unit.processors.engine.records import record

pytestmark = pytest.mark.thorough  # its tables are on a disk

_RETENTION = 1000
_EXPIRY = Expiry(_RETENTION, lambda row: int(row[:8]))
_LATER = 3 + _RETENTION + MARGIN_MS
_KEYS = [b"%03d" % number for number in range(300)]


def _row(time: int) -> bytes:
    return b"%08d" % time + bytes(WRITE_BYTES // 100)


class _EndError(Exception):
    """Raised where the process would end."""


class _Breaking:
    """A database that fails after ``after`` writes."""

    def __init__(self, database: Any, after: int) -> None:
        self._database, self._left = database, after

    def __getattr__(self, name: str) -> Any:
        return getattr(self._database, name)

    def write(self, batch: Any) -> None:
        if not self._left:
            raise _EndError
        self._left -= 1
        self._database.write(batch)


def _broken_off(path: Path, after: int) -> TablePartition:
    """A table at offset 10 with only the first ``after`` writes of 300 rows up to offset 310, opened again."""
    table = TablePartition(path, _EXPIRY)
    table.apply([(b"first", _row(1)), (POSITION, b"5")], offset=10)
    table._db = _Breaking(table._db, after)
    with pytest.raises(_EndError):
        table.apply([(POSITION, b"7"), *((key, _row(2)) for key in _KEYS), (POSITION, b"9")], offset=310)
    table.close()
    return TablePartition(path, _EXPIRY)


@pytest.mark.parametrize("after", [0, 1, 2])
def test_offset_and_position_come_with_the_last_rows_only(tmp_path: Path, after: int) -> None:
    table = _broken_off(tmp_path / "0", after)
    assert (table.offset, table.position) == (10, Position(5))
    assert (table.get(_KEYS[0]) is not None) == (after > 0)
    assert table.get(_KEYS[-1]) is None


@pytest.mark.parametrize("after", [1, 2])
def test_rows_that_are_ahead_come_again_and_expire_like_the_others(tmp_path: Path, after: int) -> None:
    """The changelog gives the rows behind the offset again, in batches that end elsewhere. Each row is indexed once
    more."""
    table = _broken_off(tmp_path / "0", after)
    for start in range(0, 300, 70):
        part = _KEYS[start : start + 70]
        table.apply([(key, _row(2)) for key in part], offset=10 + start + len(part))
    table.apply([(b"newest", _row(_LATER)), (POSITION, b"9")], offset=311)
    assert (table.offset, table.position) == (311, Position(9))

    while table.purge(now_ms=_LATER) is not None:
        pass
    assert [key for key, _ in table.scan(b"", b"", 1000) if not key.startswith(b"\x00")] == [b"newest"]


@pytest.mark.parametrize("after", [1, 2])
def test_a_row_is_not_gone_before_the_offset_is_behind_its_deletion(tmp_path: Path, after: int) -> None:
    """A table looks for its last record when it is opened. Without that row it would take the changelog for another
    one, and its lane would halt."""
    table = TablePartition(tmp_path / "0")
    table.apply([(b"last", b"1")], offset=10)
    table._db = _Breaking(table._db, after)
    with pytest.raises(_EndError):
        table.apply([(b"last", None), *((key, _row(2)) for key in _KEYS)], offset=311)
    table.close()
    table = TablePartition(tmp_path / "0")
    known, new = record(10, b"1", b"last"), record(11, None, b"last")
    assert Changelog(table, 0, 400).unknown([known, new]) == [new]


def test_each_row_of_several_writes_is_found_when_it_is_due(tmp_path: Path) -> None:
    """Index entries of one offset have keys of their own, so none overwrites another."""
    table = TablePartition(tmp_path / "0", _EXPIRY)
    table.apply([(key, _row(2)) for key in _KEYS], offset=300)
    table.apply([(b"newest", _row(_LATER))], offset=301)
    purged = 0
    while (rows := table.purge(now_ms=_LATER)) is not None:
        purged += rows
    assert purged == len(_KEYS)


def test_a_row_larger_than_a_write_is_written(tmp_path: Path) -> None:
    table = TablePartition(tmp_path / "0")
    table.apply([(b"a", b"1"), (b"b", bytes(2 * WRITE_BYTES)), (b"c", None)], offset=3)
    assert table.get_many([b"a", b"b"]) == [b"1", bytes(2 * WRITE_BYTES)]
    assert table.offset == 3


def test_no_rows_still_move_the_offset(tmp_path: Path) -> None:
    table = TablePartition(tmp_path / "0")
    table.apply([(POSITION, b"9")], offset=3)
    table.apply([], offset=4)
    assert (table.offset, table.position) == (4, Position(9))
