"""Directories that lack files, or hold damaged ones: rows are never missing without a word."""

import random
import shutil
from collections.abc import Collection, Iterator
from pathlib import Path

import pytest

from processors.engine.changelog import check_table, lacking
from processors.engine.errors import LaneHaltedError
from processors.engine.expiry import Expiry
from processors.engine.lane_tables import LaneTables
from processors.engine.store import TablePartition
from tests.unit.processors.engine.test_lane import options_in

_ROWS = [b"k/%05d" % number for number in range(1100)]
_LINEAGE = "cluster/topic"
_NEW_MS = 2_000_000_000_000
_EXPIRY = Expiry(1000, time_of=lambda row: _NEW_MS if row == b"new" else 0)


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """As a killed process leaves it: a thousand rows in a table's file, the others in the log."""
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
    """As a lane that tries again; None: it halts."""
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
    """Rows up to its offset that it does not have; None: a lane halts over it."""
    if (table := _opened(path)) is None:
        return None
    try:
        rows = table.get_many(_ROWS)[: 0 if table.offset is None else table.offset + 1]
        return [key for key, row in zip(_ROWS, rows, strict=False) if row is None]
    finally:
        table.close()


def _kept(whole: Path) -> Iterator[set[str]]:
    """What a copy or a removal that did not end leaves, in whatever order it goes."""
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
    """RocksDB writes the list of files first; a kill behind that needs nobody."""
    path = _part(whole, tmp_path / "0", [each.name for each in whole.glob("MANIFEST-*")])
    table = _opened(path)
    assert table is not None
    assert (table.offset, table.get(_ROWS[0])) == (None, None)
    table.close()


def test_rows_of_which_nobody_knows_the_changelog_halt_the_lane(tmp_path: Path) -> None:
    """The version before this one opened a directory without CURRENT at its second attempt, and may have ended then."""
    table = TablePartition(tmp_path / "0")
    check_table(table, _LINEAGE, 1)
    assert table.lineage == _LINEAGE
    part = TablePartition(tmp_path / "1")
    part.apply([(b"key", b"row")], 0)
    with pytest.raises(LaneHaltedError, match=r"1 cannot be opened: it has rows, and not of which changelog"):
        check_table(part, _LINEAGE, 1)
    assert part.lineage is None
    assert lacking(part, _LINEAGE, 1)
