"""Which directories may lack deletions, and what becomes of them."""

import os
import shutil
import time
from pathlib import Path

import pytest

from bridge.topics.spec import TOMBSTONE_RETENTION
from processors.engine.expiry import Expiry
from processors.engine.outdated import LONGEST_S, RETIRED, is_outdated, retire, unmark
from processors.engine.position import Position
from processors.engine.store import POSITION, TablePartition

pytestmark = pytest.mark.thorough  # its tables are on a disk

_NOW = 2_000_000_000.0


def _directory(path: Path, used_at: float) -> Path:
    path.mkdir()
    os.utime(path, (used_at, used_at))
    return path


def test_a_directory_is_outdated_once_it_was_away_for_longer_than_deletions_surely_stay(tmp_path: Path) -> None:
    assert not is_outdated(_directory(tmp_path / "0", _NOW - LONGEST_S), _NOW)
    assert is_outdated(_directory(tmp_path / "1", _NOW - LONGEST_S - 1), _NOW)
    assert not is_outdated(_directory(tmp_path / "2", _NOW + LONGEST_S), _NOW)
    assert TOMBSTONE_RETENTION.total_seconds() > LONGEST_S


def test_it_stays_outdated_however_often_it_is_opened_until_it_is_another_one(tmp_path: Path) -> None:
    directory = _directory(tmp_path / "0", _NOW - LONGEST_S - 1)
    assert is_outdated(directory, _NOW)
    os.utime(directory, (_NOW, _NOW))
    assert is_outdated(directory, _NOW)
    unmark(directory)
    assert not is_outdated(directory, _NOW)


def test_what_comes_in_place_of_one_that_is_gone_is_not_outdated(tmp_path: Path) -> None:
    directory = _directory(tmp_path / "0", _NOW - LONGEST_S - 1)
    assert is_outdated(directory, _NOW)
    retire(directory)
    assert not is_outdated(directory, _NOW)
    assert not is_outdated(_directory(directory, _NOW), _NOW)


def test_one_that_is_retired_takes_the_place_of_the_one_before(tmp_path: Path) -> None:
    for name in ("old", "new"):
        (_directory(tmp_path / "0", _NOW) / name).touch()
        assert retire(tmp_path / "0") == tmp_path / f"0{RETIRED}"
    assert [path.name for path in (tmp_path / f"0{RETIRED}").iterdir()] == ["new"]


def test_an_emptied_table_has_nothing_but_its_changelog(tmp_path: Path) -> None:
    path = tmp_path / "0"
    table = TablePartition(path)
    table.lineage = "cluster/topic"
    table.apply([(b"a", b"1"), (POSITION, b"7")], offset=5)
    table.close()
    os.utime(path, (0, 0))
    table = TablePartition(path)
    assert (table.outdated, table.position) == (True, Position(7))
    table.empty()
    assert (table.outdated, table.position, table.offset, table.get(b"a")) == (False, None, None, None)
    assert table.lineage == "cluster/topic"
    table.close()
    assert not TablePartition(path).outdated


def test_a_table_is_as_old_as_when_it_had_all_of_its_changelog_last(tmp_path: Path) -> None:
    """Opening the table and reading into it, however often, is no use of it without reaching the end of its
    changelog."""
    path = tmp_path / "0"
    TablePartition(path).close()
    then = path.stat().st_mtime - LONGEST_S / 2
    os.utime(path, (then, then))
    for offset in range(3):
        table = TablePartition(path)
        table.apply([(b"a", b"1")], offset)
        table.flush(wait=True)
        table.close()
        assert path.stat().st_mtime == then
    table = TablePartition(path)
    table.caught_up()
    assert path.stat().st_mtime > then + LONGEST_S / 3
    table.apply([(b"a", b"1")], 4)
    table.close()
    assert path.stat().st_mtime > then + LONGEST_S / 3


def test_a_directory_of_another_user_is_opened_all_the_same(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Only its owner can set the directory's time."""

    def refuses(*_: object) -> None:
        raise PermissionError("Operation not permitted")

    monkeypatch.setattr(os, "utime", refuses)
    table = TablePartition(tmp_path / "0")
    table.apply([(b"a", b"1")], 0)
    table.caught_up()
    assert table.get(b"a") == b"1"
    table.close()


def test_to_be_closed_by_a_process_that_was_frozen_makes_no_directory_younger(tmp_path: Path) -> None:
    """RocksDB writes files when it is closed. Nobody has looked at the directory since the process woke up."""
    path = tmp_path / "0"
    table = TablePartition(path)
    table.apply([(b"a", b"1")], offset=5)
    table.caught_up()
    then = path.stat().st_mtime - LONGEST_S - 1
    os.utime(path, (then, then))
    table.close()
    assert TablePartition(path).outdated


def _forgetting(epoch: int) -> Expiry:
    return Expiry(retention_ms=1_000, time_of=int, epoch=epoch)


def _opened(path: Path, expiry: Expiry) -> bool:
    """Opens and closes the table: is it outdated? If not, it comes to the end of its changelog."""
    table = TablePartition(path, expiry)
    if not table.outdated:
        table.caught_up()
    table.close()
    return table.outdated


def _away(path: Path, seconds: float) -> None:
    then = path.stat().st_mtime - seconds
    os.utime(path, (then, then))


def test_rows_that_go_by_age_alone_lack_no_deletion_unless_a_migration_lies_between(tmp_path: Path) -> None:
    path = tmp_path / "0"
    assert not _opened(path, _forgetting(epoch=0))
    _away(path, LONGEST_S + 60)
    assert not _opened(path, _forgetting(epoch=0))
    _away(path, LONGEST_S + 60)
    assert _opened(path, _forgetting(epoch=1))
    assert _opened(path, _forgetting(epoch=1))


def test_one_that_has_read_what_a_migration_deleted_lacks_none(tmp_path: Path) -> None:
    """The directory must come to the end of its changelog for that."""
    path = tmp_path / "0"
    assert not _opened(path, _forgetting(epoch=0))
    TablePartition(path, _forgetting(epoch=1)).close()
    copied = shutil.copytree(path, tmp_path / "1")
    assert not _opened(path, _forgetting(epoch=1))
    for each, outdated in ((path, False), (copied, True)):
        _away(each, LONGEST_S + 60)
        assert _opened(each, _forgetting(epoch=1)) is outdated


def test_one_that_was_away_for_long_is_read_anew_once_a_migration_is_known_of(tmp_path: Path) -> None:
    """However young it is then: a process that was frozen may open it before it hears of the migration."""
    path = tmp_path / "0"
    assert not _opened(path, _forgetting(epoch=0))
    _away(path, LONGEST_S + 60)
    assert not _opened(path, _forgetting(epoch=0))
    assert path.stat().st_mtime > time.time() - 60
    assert _opened(path, _forgetting(epoch=1))


def test_one_of_which_no_migration_was_noted_is_outdated(tmp_path: Path) -> None:
    """Older versions noted no migrations."""
    path = tmp_path / "0"
    TablePartition(path).close()
    _away(path, LONGEST_S + 60)
    assert _opened(path, _forgetting(epoch=0))


def test_one_that_its_lane_has_left_alone_has_read_no_deletions(tmp_path: Path) -> None:
    """The directory still comes to the end of its changelog. A lane that has halted looks first whether Kafka has what
    the table has, and may halt again, or end, before it reads the table anew."""
    path = tmp_path / "0"
    assert not _opened(path, _forgetting(epoch=0))
    _away(path, LONGEST_S + 60)
    table = TablePartition(path, _forgetting(epoch=1))
    assert table.outdated
    table.caught_up()
    table.close()
    assert TablePartition(path, _forgetting(epoch=1)).outdated
