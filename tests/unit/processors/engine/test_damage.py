"""Directories that lack files or have damaged ones: rows are never missing without an error."""

import os
import random
import shutil
from collections.abc import Callable, Collection, Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest

from processors.engine.changelog import check_table, lacking
from processors.engine.errors import LaneHaltedError, TableDamagedError
from processors.engine.expiry import INDEX, Expiry
from processors.engine.lane_tables import LaneTables
from processors.engine.leftovers import Directory, Leftovers
from processors.engine.purge import _purge as _purge_lane
from processors.engine.store import TablePartition
from tests.unit.processors.engine.options import options_in
from tests.unit.processors.engine.test_lane import Silent

pytestmark = pytest.mark.thorough  # its tables are on a disk

_ROWS = [b"k/%05d" % number for number in range(1100)]
_LINEAGE = "cluster/topic"
_NEW_MS = 2_000_000_000_000
_EXPIRY = Expiry(1000, time_of=lambda row: _NEW_MS if row == b"new" else 0)


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A directory as a killed process leaves it: a thousand rows in a table's file, the others in the log."""
    path = tmp_path_factory.mktemp("whole") / "0"
    table = TablePartition(path)
    table.lineage = _LINEAGE
    for offset, key in enumerate(_ROWS):
        table.apply([(key, b"row")], offset)
        if offset == 1000:
            table.flush(wait=True)
    copy = path.with_name("copy")
    shutil.copytree(path, copy)
    table.close()
    return copy


def _part(whole: Path, directory: Path, names: Collection[str]) -> Path:
    directory.mkdir(parents=True)
    for name in names:
        shutil.copy2(whole / name, directory / name)
    return directory


def _opened(path: Path) -> TablePartition | None:
    """Opens the table like a lane, trying three times. None: the lane halts."""
    for _ in range(3):
        try:
            table = TablePartition(path)
        except Exception:  # noqa: BLE001 - as `LaneTables` has it
            continue
        try:
            check_table(table, _LINEAGE, len(_ROWS))
        except LaneHaltedError:
            table.close()
            continue
        return table
    return None


def _missing(path: Path) -> list[bytes] | None:
    """The rows up to its offset that the table lacks. None: a lane halts over it."""
    if (table := _opened(path)) is None:
        return None
    try:
        rows = table.get_many(_ROWS)[: 0 if table.offset is None else table.offset + 1]
        return [key for key, row in zip(_ROWS, rows, strict=False) if row is None]
    finally:
        table.close()


def _kept(whole: Path) -> Iterator[set[str]]:
    """The files that an unfinished copy or removal leaves, in various orders."""
    rng, names = random.Random(1), sorted(each.name for each in whole.iterdir())
    orders = [names, [each.name for each in whole.iterdir()], *(rng.sample(names, len(names)) for _ in range(12))]
    for order in orders:
        yield from (set(order[:place]) for place in range(1, len(order)))
        yield from (set(order[place:]) for place in range(1, len(order)))


def test_a_part_of_a_directory_is_not_opened_or_has_all_rows_up_to_its_offset(whole: Path, tmp_path: Path) -> None:
    found = [_missing(_part(whole, tmp_path / str(n) / "0", names)) for n, names in enumerate(_kept(whole))]
    assert not any(found)
    assert None in found
    assert [] in found
    assert _missing(_part(whole, tmp_path / "whole" / "0", {each.name for each in whole.iterdir()})) == []


@pytest.mark.parametrize("gone", [("CURRENT",), ("CURRENT", "MANIFEST-*"), ("CURRENT", "*.sst"), ("CURRENT", "*.log")])
def test_a_directory_without_current_halts_its_lane_each_time_and_stays_as_it_is(
    whole: Path, tmp_path: Path, gone: Collection[str]
) -> None:
    path = tmp_path / "seen" / "0"
    shutil.copytree(whole, path)
    for each in [each for pattern in gone for each in path.glob(pattern)]:
        each.unlink()
    left = sorted(each.name for each in path.iterdir())
    tables = LaneTables(0, {"seen": "seen-changelog"}, options_in(tmp_path))
    for _ in range(3):
        with pytest.raises(LaneHaltedError, match=rf"^{path} cannot be opened: CURRENT is missing"):
            tables.open()
    assert sorted(each.name for each in path.iterdir()) == left


def test_a_directory_that_was_being_made_when_the_process_ended_is_made(whole: Path, tmp_path: Path) -> None:
    """RocksDB writes the manifest first. After a kill right behind that, nobody has to act."""
    path = _part(whole, tmp_path / "0", [each.name for each in whole.glob("MANIFEST-*")])
    table = _opened(path)
    assert table is not None
    assert (table.offset, table.get(_ROWS[0])) == (None, None)
    table.close()


def test_rows_of_which_nobody_knows_the_changelog_halt_the_lane(tmp_path: Path) -> None:
    """An earlier version opened a directory without CURRENT at its second attempt, and may have ended right then."""
    table = TablePartition(tmp_path / "0")
    check_table(table, _LINEAGE, 1)
    assert table.lineage == _LINEAGE
    part = TablePartition(tmp_path / "1")
    part.apply([(b"key", b"row")], 0)
    with pytest.raises(LaneHaltedError, match=r"1 cannot be opened: it has rows, and not of which changelog"):
        check_table(part, _LINEAGE, 1)
    assert part.lineage is None
    assert lacking(part, _LINEAGE, 1)
    part.close()
    table.close()


def _flipped(path: Path, expiry: Expiry | None = None, part: float = 0.5) -> TablePartition:
    """An open table with a wrong bit in the file of its rows, ``part`` of the way through."""
    table = TablePartition(path, expiry)
    rng = random.Random(1)
    table.apply([*((b"k/%05d" % number, rng.randbytes(100)) for number in range(5000)), (b"new", b"new")], 0)
    table.flush(wait=True)
    table.close()
    [file] = path.glob("*.sst")
    raw = bytearray(file.read_bytes())
    raw[int(len(raw) * part)] ^= 1
    file.write_bytes(raw)
    return TablePartition(path, expiry)


def _scan_all(table: TablePartition) -> None:
    after = b""
    while found := table.scan(b"k/", after, 50):
        after = found[-1][0]


_READS: list[Callable[[TablePartition], Any]] = [
    _scan_all,
    lambda table: table.scan(b"k/", b"", 5000),
    lambda table: table.scan(b"", b"", 9999),
    lambda table: table.get_many([b"k/%05d" % number for number in range(5000)]),
    lambda table: [table.get(b"k/%05d" % number) for number in range(5000)],
]


@pytest.mark.parametrize("read", _READS, ids=["portions", "prefix", "all", "get_many", "get"])
def test_damage_is_no_end_of_the_rows_and_halts_whoever_reads_them(
    tmp_path: Path, read: Callable[[TablePartition], Any]
) -> None:
    path = tmp_path / "0"
    table = _flipped(path)
    told = rf"^{path} is damaged \(Corruption: .*with the worker stopped, move it away"
    with pytest.raises(TableDamagedError, match=told) as kept:
        read(table)
    table.close()
    TablePartition(path).close()  # a kept error does not keep the directory's lock
    assert isinstance(kept.value, LaneHaltedError)


@pytest.mark.parametrize("part", [0.005, 0.01])
def test_a_purge_that_cannot_read_its_index_tells_and_deletes_no_more(tmp_path: Path, part: float) -> None:
    """The index comes before the rows."""
    table = _flipped(tmp_path / "0", _EXPIRY, part)
    with pytest.raises(TableDamagedError):
        table.scan(INDEX, b"", 9999)
    purged = list[int]()
    with pytest.raises(TableDamagedError):
        _purge(table, purged)
    rows = table.get_many([b"k/%05d" % number for number in range(5000)])
    assert sum(row is None for row in rows) == sum(purged)
    table.close()


def _purge(table: TablePartition, purged: list[int]) -> None:
    while (rows := table.purge(_NEW_MS)) is not None:
        purged.append(rows)


async def test_a_lane_halts_whose_purge_finds_damage(tmp_path: Path) -> None:
    table, failed = _flipped(tmp_path / "0", _EXPIRY, 0.01), list[BaseException]()
    lane: Any = SimpleNamespace(tp=("raw", 0), tables={"seen": table}, ready=True, fail=failed.append)
    await _purge_lane(lane, "seen", Silent())
    assert [type(error) for error in failed] == [TableDamagedError]
    table.close()


class _Failing:
    """A database, and its iterator, whose disk fails for a while."""

    def iter(self) -> "_Failing":
        return self

    def seek(self, key: bytes) -> None: ...

    def key(self) -> bytes | None:
        return None

    def status(self) -> None:
        raise Exception("IO error: While pread: Input/output error")  # noqa: TRY002 - as rocksdict does

    def get(self, _keys: Any) -> None:
        self.status()


def test_a_disk_that_fails_is_not_taken_for_damage_nor_for_the_end_of_the_rows(tmp_path: Path) -> None:
    """The lane tries again."""
    table = TablePartition(tmp_path / "0")
    database, table._db = table._db, _Failing()
    with pytest.raises(Exception, match="Input/output") as told:
        table.get(b"key")
    assert not isinstance(told.value, TableDamagedError)
    with pytest.raises(Exception, match="Input/output") as told:
        table.scan(b"k/", b"", 10)
    assert not isinstance(told.value, TableDamagedError)
    table._db = database
    table.close()


_MINE = Expiry(1000, time_of=lambda _row: 0, epoch=3)


def _damaged_at(path: Path, name: bytes) -> None:
    """Makes a directory in which the block with the engine's own row ``name`` cannot be read."""
    table = TablePartition(path, _MINE)
    table.lineage = _LINEAGE
    table.apply([(b"k/%05d" % number, b"row") for number in range(500)], 0)
    table.caught_up()
    table.flush(wait=True)
    table.close()
    [file] = path.glob("*.sst")
    raw = bytearray(file.read_bytes())
    raw[raw.index(name)] ^= 1
    file.write_bytes(raw)


def test_a_directory_whose_epoch_cannot_be_read_says_so_each_time(tmp_path: Path) -> None:
    """A kept error kept the lock, and the next attempt said that another one has it."""
    path, kept = tmp_path / "0", list[Exception]()
    _damaged_at(path, b"epoch")
    os.utime(path, (0, 0))  # away for so long that the epoch matters
    for _ in range(3):
        with pytest.raises(Exception, match=r"^Corruption: ") as told:
            TablePartition(path, _MINE)
        kept.append(told.value)


def test_a_directory_that_nobody_uses_and_that_is_damaged_stays_and_the_next_one_has_its_turn(tmp_path: Path) -> None:
    """Each look began with this directory, so no other was ever removed."""
    path = tmp_path / "seen" / "3"
    _damaged_at(path, b"lineage")
    options: Any = SimpleNamespace(data_dir=tmp_path, expiry={})
    leftovers = Leftovers(options, {}, cast("Any", None), lambda: True)
    reason = leftovers._looked_into(Directory("seen", 3, path, 0.0, halted=False), None) or ""
    assert reason.startswith(f"it cannot be read: {path} is damaged")
    TablePartition(path).close()
