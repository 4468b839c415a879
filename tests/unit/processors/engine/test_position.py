"""Where a lane starts."""

import pytest
from faust.types import TP

from processors.engine.continuity import Last
from processors.engine.errors import LaneHaltedError
from processors.engine.position import Committed, Position, start_offset

SOURCE = TP("raw", 0)
LAST = Last(19, 1_000)


def by_lane(offset: int) -> Committed:
    return Committed(offset, by_lane=True, at=1_000)


def by_hand(offset: int) -> Committed:
    return Committed(offset)


def test_a_lane_that_never_ran_starts_at_the_logs_beginning() -> None:
    assert start_offset(SOURCE, None, None, begin=7, end=20) == 7


def test_the_changelogs_position_counts_when_the_groups_offset_is_unknown() -> None:
    """A loading coordinator or an expired group must not make a lane start over."""
    assert start_offset(SOURCE, 15, None, begin=0, end=20) == 15


def test_a_lane_never_starts_below_the_changelogs_position() -> None:
    assert start_offset(SOURCE, 15, by_lane(3), begin=0, end=20) == 15


def test_an_operator_can_skip_records_by_setting_the_groups_offset() -> None:
    assert start_offset(SOURCE, 15, by_hand(18), begin=18, end=20) == 18


@pytest.mark.parametrize("position", [15, None])
def test_a_changelog_without_what_the_lane_has_committed_halts_it(position: int | None) -> None:
    """The changelog's rows are older than the group's offset. The events in between would pass twice."""
    with pytest.raises(LaneHaltedError, match="the changelog knows of none after"):
        start_offset(SOURCE, position, by_lane(18), begin=0, end=20)


@pytest.mark.parametrize("position", [15, None])
def test_a_changelog_that_forgets_may_lack_what_is_as_old(position: int | None) -> None:
    """An idle partition may have lost all rows by retention, and be opened without a directory."""
    assert start_offset(SOURCE, position, by_lane(18), begin=0, end=20, forgotten=1_001) == 18
    with pytest.raises(LaneHaltedError, match="the changelog knows of none after"):
        start_offset(SOURCE, position, by_lane(18), begin=0, end=20, forgotten=1_000)


def test_what_stands_beside_a_lanes_offset_is_read_as_it_was_written() -> None:
    assert Committed.read(18, Committed.mark(1_000)) == by_lane(18)
    assert Committed.read(18, "") == Committed.read(18, "somebody's note") == by_hand(18)


@pytest.mark.parametrize(("position", "committed"), [(3, by_lane(3)), (None, by_hand(3)), (3, None)])
def test_records_deleted_before_they_were_processed_halt_the_lane(
    position: int | None, committed: Committed | None
) -> None:
    with pytest.raises(LaneHaltedError, match=r"records 3 to 6 were deleted .* to 7; .*#when-a-lane-halts"):
        start_offset(SOURCE, position, committed, begin=7, end=20)


def test_a_log_that_ends_before_what_was_processed_halts_the_lane() -> None:
    with pytest.raises(LaneHaltedError, match="ends at 20"):
        start_offset(SOURCE, 21, by_lane(21), begin=0, end=20)


@pytest.mark.parametrize("position", [Position(43, 41, 1_700_000_000_000), Position(43)])
def test_a_position_is_read_as_it_was_written(position: Position) -> None:
    assert Position.decode(position.encode()) == position


@pytest.mark.parametrize(("begin", "end", "last"), [(0, 20, LAST), (19, 20, LAST), (20, 20, None), (0, 19, None)])
def test_the_last_record_is_asked_for_only_where_the_log_may_have_it(begin: int, end: int, last: Last | None) -> None:
    assert Position(20, 19, 1_000).last_within(begin, end) == last
    assert Position(20).last_within(begin, end) is None


def test_a_lane_at_the_logs_end_waits_there() -> None:
    assert start_offset(SOURCE, 20, by_lane(20), begin=0, end=20) == 20
