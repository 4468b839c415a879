"""When a lane counts as stuck, so that the process ends and something else restarts it."""

from faust.types import TP

from processors.engine.observer import LaneState
from processors.standstill import STANDSTILL_SECONDS, Standing, Standstill

LANE = TP("raw", 0)
LATER = STANDSTILL_SECONDS + 1


def stuck(*samples: tuple[float, Standing]) -> list[TP]:
    """What the last of these samples leads to."""
    standstill = Standstill()
    return [standstill.stuck({LANE: standing}, at) for at, standing in samples][-1]


def test_a_lane_that_fails_at_the_same_record_again_and_again_is_stuck() -> None:
    failed, ready = Standing(LaneState.FAILED, 5, 9), Standing(LaneState.READY, 5, 9)
    assert stuck((0, ready), (30, failed), (LATER, ready)) == [LANE]


def test_a_lane_that_moves_is_not() -> None:
    assert stuck((0, Standing(LaneState.READY, 5, 9)), (LATER, Standing(LaneState.READY, 6, 9))) == []


def test_a_lane_without_work_is_not() -> None:
    assert stuck((0, Standing(LaneState.READY, 5, 5)), (LATER, Standing(LaneState.READY, 5, 5))) == []


def test_a_lane_that_reads_its_tables_is_not() -> None:
    assert stuck((0, Standing(LaneState.OPENING, 0, 9)), (LATER, Standing(LaneState.OPENING, 0, 9))) == []


def test_a_halted_lane_waits_for_an_operator() -> None:
    assert stuck((0, Standing(LaneState.READY, 5, 9)), (LATER, Standing(LaneState.HALTED, 5, 9))) == []


def test_an_outage_of_kafka_counts_for_nobody() -> None:
    standstill, standing = Standstill(), {LANE: Standing(LaneState.READY, 5, 9)}
    standstill.stuck(standing, 0)
    standstill.reset()
    assert standstill.stuck(standing, LATER) == []
    assert standstill.stuck(standing, 2 * LATER) == [LANE]


def test_a_lane_that_was_taken_away_is_forgotten() -> None:
    standstill, standing = Standstill(), {LANE: Standing(LaneState.READY, 5, 9)}
    standstill.stuck(standing, 0)
    standstill.stuck({}, 1)
    assert standstill.stuck(standing, LATER) == []
