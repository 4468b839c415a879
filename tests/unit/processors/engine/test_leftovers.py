"""Which directory of a partition that this worker no longer runs is removed."""

import os
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest
from faust.types import TP

from processors.engine.changelog import lacking, lacking_before
from processors.engine.expiry import Expiry
from processors.engine.halts import HaltMarks, has_halted
from processors.engine.leftovers import UNUSED_S, Directory, Leftovers, to_remove
from processors.engine.observer import LaneState
from processors.engine.outdated import LONGEST_S, is_outdated
from processors.engine.store import TablePartition
from tests.unit.processors.engine.test_lane import Silent

pytestmark = pytest.mark.thorough  # its tables are on a disk

_NOW = 2_000_000_000.0
_SOURCE = TP("source", 3)
_EXPIRY = Expiry(1000, time_of=int)


def _directory(partition: int, unused: float, *, halted: bool = False) -> Directory:
    return Directory("seen", partition, Path(f"seen/{partition}"), _NOW - unused, halted)


def test_nothing_is_removed_within_a_day() -> None:
    assert to_remove([_directory(0, UNUSED_S)], _NOW) is None


def test_the_one_that_was_not_used_for_longest_goes_first() -> None:
    found = [_directory(number, UNUSED_S + unused) for number, unused in enumerate((1, 30, 20))]
    assert to_remove(found, _NOW) == found[1]


def test_one_over_which_a_lane_halted_stays() -> None:
    assert to_remove([_directory(0, 100 * UNUSED_S, halted=True)], _NOW) is None


@pytest.mark.parametrize(
    ("lineage", "end", "lacks"),
    [
        ("cluster/topic", 8, None),
        ("cluster/topic", 7, "it reaches offset 7, and the changelog ends at 7"),
        (
            "cluster/another",
            8,
            "its rows are of another cluster or topic (cluster/topic) than the changelog is now (cluster/another)",
        ),
    ],
)
def test_rows_that_the_changelog_may_not_have_stay(tmp_path: Path, lineage: str, end: int, lacks: str | None) -> None:
    table = TablePartition(tmp_path / "0")
    table.lineage = "cluster/topic"
    table.apply([(b"key", b"row")], offset=7)
    assert lacking(table, lineage, end) == lacks


@pytest.mark.parametrize(
    ("begin", "expiry", "offset", "kept"),
    [(0, None, 7, False), (3, None, 7, True), (9, None, 7, True), (3, None, None, False), (3, _EXPIRY, 7, False)],
    ids=["all is there", "its beginning is gone", "all is gone", "it has no rows", "rows have their time"],
)
def test_rows_that_the_changelog_has_lost_stay_where_it_may_forget_none(
    tmp_path: Path, begin: int, expiry: Expiry | None, offset: int | None, kept: bool
) -> None:
    table = TablePartition(tmp_path / "0", expiry)
    if offset is not None:
        table.apply([(b"key", b"1")], offset)
    assert bool(lacking_before(table, begin)) is kept


def test_a_table_without_rows_lacks_nothing(tmp_path: Path) -> None:
    assert lacking(TablePartition(tmp_path / "0"), "cluster/topic", 0) is None


def test_a_directory_that_lacks_files_stays(tmp_path: Path) -> None:
    """A look must not turn the directory into a new table, which a lane would open."""
    path = tmp_path / "seen" / "3"
    table = TablePartition(path)
    table.apply([(b"key", b"row")], offset=7)
    table.close()
    (path / "CURRENT").unlink()
    left = sorted(path.iterdir())
    options: Any = SimpleNamespace(data_dir=tmp_path, expiry={})
    leftovers = Leftovers(options, {}, cast("Any", None), lambda: True)
    for _ in range(2):
        reason = leftovers._looked_into(_directory(3, UNUSED_S)._replace(path=path), None) or ""
        assert reason.startswith("it cannot be opened: CURRENT is missing")
    assert sorted(path.iterdir()) == left


def test_a_lane_that_halts_is_known_until_it_runs_again(tmp_path: Path) -> None:
    marks = HaltMarks(Silent(), tmp_path, {"source": ("seen", "other")})
    directories = [tmp_path / name / "3" for name in ("seen", "other")]
    for state, halted in (
        (LaneState.OPENING, False),
        (LaneState.HALTED, True),
        (LaneState.OPENING, True),
        (LaneState.CLOSED, True),
        (LaneState.READY, False),
    ):
        marks.lane_state(_SOURCE, state)
        assert [has_halted(each) for each in directories] == [halted, halted], state


@pytest.mark.parametrize(
    ("runs", "member", "away", "used_at", "outdated"),
    [
        (True, True, LONGEST_S - 1, _NOW, False),
        (True, True, LONGEST_S + 1, _NOW, True),  # the process was frozen: others have gone on
        (False, True, LONGEST_S - 1, _NOW - LONGEST_S + 1, False),  # its lane waits for Kafka, and has read nothing yet
        (True, False, LONGEST_S - 1, _NOW - LONGEST_S + 1, False),  # cut off: others may go on already
    ],
)
async def test_a_look_does_not_hide_that_a_directory_was_away(
    tmp_path: Path, runs: bool, member: bool, away: float, used_at: float, outdated: bool
) -> None:
    lane = SimpleNamespace(changelogs={"seen": "seen-changelog"}, runs=runs)
    lanes: Any = SimpleNamespace(assigned=lambda: {_SOURCE: lane})
    options: Any = SimpleNamespace(data_dir=tmp_path)
    directory = tmp_path / "seen" / "3"
    directory.mkdir(parents=True)
    os.utime(directory, (_NOW - away, _NOW - away))
    await Leftovers(options, {}, lanes, lambda: member).look(_NOW)
    assert directory.stat().st_mtime == used_at
    assert is_outdated(directory, _NOW) is outdated
