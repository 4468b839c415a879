"""When a lane counts as stuck: it is opened anew first, then the process ends for something else to restart it."""

from faust.types import TP

from processors.engine.observer import LaneState
from processors.standstill import STANDSTILL_SECONDS, Standing, Standstill, Stuck

LANE = TP("raw", 0)
LATER = STANDSTILL_SECONDS + 1
NONE, RESTART, GIVE_UP = Stuck([], []), Stuck([LANE], []), Stuck([], [LANE])


def stuck(*samples: tuple[float, Standing]) -> Stuck:
    """What the last of these samples leads to."""
    standstill = Standstill()
    return [standstill.stuck({LANE: standing}, at) for at, standing in samples][-1]


def test_a_lane_that_fails_at_the_same_record_again_and_again_is_stuck() -> None:
    failed, ready = Standing(LaneState.FAILED, 5, 9), Standing(LaneState.READY, 5, 9)
    assert stuck((0, ready), (30, failed), (LATER, ready)) == RESTART


def test_one_that_a_restart_does_not_help_ends_the_process() -> None:
    ready, opening = Standing(LaneState.READY, 5, 9), Standing(LaneState.OPENING, 5, 9)
    assert stuck((0, ready), (LATER, ready), (LATER + 1, opening), (LATER + 2, ready)) == NONE
    assert stuck((0, ready), (LATER, ready), (LATER + 1, opening), (2 * LATER + 1, ready)) == GIVE_UP


def test_one_that_moves_after_the_restart_starts_anew() -> None:
    ready, moved = Standing(LaneState.READY, 5, 9), Standing(LaneState.READY, 6, 9)
    assert stuck((0, ready), (LATER, ready), (LATER + 1, moved), (2 * LATER, moved)) == NONE
    assert stuck((0, ready), (LATER, ready), (LATER + 1, moved), (3 * LATER, moved)) == RESTART


def test_a_lane_that_moves_is_not() -> None:
    assert stuck((0, Standing(LaneState.READY, 5, 9)), (LATER, Standing(LaneState.READY, 6, 9))) == NONE


def test_a_lane_without_work_is_not() -> None:
    assert stuck((0, Standing(LaneState.READY, 5, 5)), (LATER, Standing(LaneState.READY, 5, 5))) == NONE


def test_a_lane_that_reads_its_tables_is_not() -> None:
    assert stuck((0, Standing(LaneState.OPENING, 0, 9)), (LATER, Standing(LaneState.OPENING, 0, 9))) == NONE


def test_time_in_which_a_lane_reads_its_tables_does_not_count() -> None:
    ready, opening = Standing(LaneState.READY, 5, 9), Standing(LaneState.OPENING, 5, 9)
    assert stuck((0, ready), (30, ready), (LATER, opening), (3 * LATER, opening), (3 * LATER + 20, ready)) == NONE
    assert stuck((0, ready), (30, ready), (LATER, opening), (3 * LATER, opening), (3 * LATER + 31, ready)) == RESTART


def test_one_that_cannot_be_opened_is_stuck_whatever_is_known_of_its_log() -> None:
    """Nothing was fetched of it yet: its end is not known."""
    failed, opening = Standing(LaneState.FAILED, 0, 0), Standing(LaneState.OPENING, 0, 0)
    assert stuck((0, opening), (1, failed), (31, failed), (33, opening), (65, failed)) == RESTART
    assert stuck((0, failed), (LATER, failed), (2 * LATER + 1, failed)) == GIVE_UP


def test_a_halted_lane_waits_for_an_operator() -> None:
    assert stuck((0, Standing(LaneState.READY, 5, 9)), (LATER, Standing(LaneState.HALTED, 5, 9))) == NONE


def test_an_outage_of_kafka_counts_for_nobody() -> None:
    standstill, standing = Standstill(), {LANE: Standing(LaneState.READY, 5, 9)}
    standstill.stuck(standing, 0)
    standstill.reset()
    assert standstill.stuck(standing, LATER) == NONE
    assert standstill.stuck(standing, 2 * LATER) == RESTART


def test_a_lane_that_was_taken_away_is_forgotten() -> None:
    standstill, standing = Standstill(), {LANE: Standing(LaneState.READY, 5, 9)}
    standstill.stuck(standing, 0)
    standstill.stuck({}, 1)
    assert standstill.stuck(standing, LATER) == NONE
