"""What is said of a lane that gets nowhere: which partition, why, and who leads it."""

from collections.abc import Mapping

import pytest
from faust.types import TP

from processors.engine.log_ends import LogBounds
from processors.engine.observer import LaneState
from processors.engine.outages import Unanswered
from processors.engine.overrides.metadata import Broker
from processors.worker.lane_health import OPEN_S, STANDING_S, UNANSWERED_S, UNTICKED_S, LaneHealth
from processors.worker.standstill import LaneProgress

LANE, LEADER = TP("newstore.raw.v1", 3), Broker(2, "kafka-2", 9092)
QUIET = LogBounds(0, 9, 9, LEADER, 5)
SILENT = Unanswered("its leader does not answer (no answer in time)", LEADER)


def problems(*samples: tuple[float, LogBounds | Unanswered], lag: int | None = 0, standing: float = 0.0) -> list[str]:
    """What is said at the last of these times. Each comes with what was known of the log then."""
    health, lanes = LaneHealth(), {LANE: LaneProgress(LaneState.READY, 9, 0, lag)}
    return [health.problems(lanes, {LANE: log}, {LANE: standing}, at) for at, log in samples][-1]


def test_a_lane_behind_that_commits_nothing() -> None:
    assert problems((0, QUIET), lag=12, standing=STANDING_S) == []
    assert problems((0, QUIET), lag=12, standing=61.2) == [
        "newstore.raw.v1/3: 12 events behind and nothing committed for 61 s (leader: broker 2, kafka-2:9092)"
    ]


def test_a_log_whose_end_is_not_known() -> None:
    late = UNANSWERED_S + 1
    assert problems((0, SILENT), (late - 1, SILENT), lag=None) == []
    assert problems((0, SILENT), (late - 1, QUIET), (late, SILENT), lag=None) == []
    [said] = problems((0, SILENT), (late, SILENT), lag=None)
    assert said.startswith("newstore.raw.v1/3: its end has not been known for 16 s: its leader does not answer (no ans")
    assert said.endswith(" (leader: broker 2, kafka-2:9092)")


def test_a_transaction_that_does_not_end() -> None:
    open_at_9, open_at_10 = LogBounds(0, 9, 12, LEADER, 5), LogBounds(0, 10, 13, LEADER, 5)
    late = OPEN_S + 1
    assert problems((0, open_at_9), (late - 1, open_at_9)) == []
    assert problems((0, open_at_9), (30, open_at_10), (late, open_at_10)) == []
    [said] = problems((0, open_at_9), (late, open_at_9))
    assert said.startswith("newstore.raw.v1/3: a transaction has been open for 46 s: 3 offsets from 9 on wait for it")
    assert said.endswith(" (leader: broker 2, kafka-2:9092)")


def test_a_question_without_an_answer_says_nothing_of_when_a_transaction_began() -> None:
    open_at_9, open_at_10, late = LogBounds(0, 9, 12, LEADER, 5), LogBounds(0, 10, 13, LEADER, 5), OPEN_S + 1
    assert problems((0, open_at_9), (40, SILENT), (late, open_at_9)) != []
    assert problems((0, open_at_9), (40, SILENT), (late, SILENT)) == []
    assert problems((0, open_at_9), (40, SILENT), (late, open_at_10)) == []
    assert problems((0, open_at_9), (39, QUIET), (40, SILENT), (late, open_at_9)) == []


@pytest.mark.parametrize("log", [SILENT, LogBounds(0, 9, 12, LEADER, 5)])
def test_a_log_that_was_not_asked_for_meanwhile_is_what_it_was(log: LogBounds | Unanswered) -> None:
    """After a rebalance nothing is known of a log until there is an answer."""
    health, lanes = LaneHealth(), {LANE: LaneProgress(LaneState.READY, 9, 0, 0)}
    for at, logs in ((0, {LANE: log}), (30, {}), (OPEN_S + 1, {LANE: log})):
        said = health.problems(lanes, logs, {}, at)
    assert len(said) == 1


@pytest.mark.parametrize("logs", [{}, {LANE: Unanswered("it has no leader", None)}])
def test_a_standstill_is_told_whoever_leads(logs: Mapping[TP, LogBounds | Unanswered]) -> None:
    lanes = {LANE: LaneProgress(LaneState.OPENING, 9, 0, None)}
    assert LaneHealth().problems(lanes, logs, {LANE: 61}, 0) == [
        "newstore.raw.v1/3: nobody knows how far behind and nothing committed for 61 s (leader: not known)"
    ]


def unticked(*samples: tuple[float, LaneState, int, int | None]) -> list[str]:
    """What is said at the last of these times. Each comes with the lane's state, what it has to read, and its ticks."""
    health = LaneHealth()
    lanes = [(at, LaneProgress(state, 9, unread, 0, ticks)) for at, state, unread, ticks in samples]
    return [health.problems({LANE: lane}, {LANE: QUIET}, {}, at) for at, lane in lanes][-1]


def test_ticks_that_do_not_come_through() -> None:
    ready, late = LaneState.READY, UNTICKED_S + 1
    assert unticked((0, ready, 0, 5), (late - 1, ready, 0, 5)) == []
    assert unticked((0, ready, 0, 5), (30, ready, 0, 6), (late, ready, 0, 6)) == []
    assert unticked((0, ready, 0, None), (late, ready, 0, None)) == []
    assert unticked((0, ready, 0, 5), (late, ready, 0, 5)) == [
        "newstore.raw.v1/3: nothing that is due was done for 61 s (leader: broker 2, kafka-2:9092)"
    ]


def test_a_lane_that_is_opened_again_and_again_has_no_ticks_for_that() -> None:
    late = UNTICKED_S + 1
    assert unticked((0, LaneState.READY, 0, 5), (30, LaneState.FAILED, 0, 5), (late, LaneState.READY, 0, 5)) != []
    assert unticked((0, LaneState.OPENING, 9, 5), (30, LaneState.OPENING, 2, 5), (late, LaneState.READY, 0, 5)) == []


def test_nor_has_one_any_that_reads_no_further_each_time() -> None:
    """Each opening reads a barrier, at least."""
    opening, ready, late = LaneState.OPENING, LaneState.READY, 20 + UNTICKED_S + 1
    opened = ((0, ready, 0, 5), (20, opening, 2, 5), (21, ready, 0, 5), (50, opening, 2, 5), (51, ready, 0, 5))
    assert unticked(*opened, (late - 1, opening, 2, 5)) == []
    assert unticked(*opened, (late, ready, 0, 5)) != []
    assert unticked(*opened, (late, opening, 1, 5)) == []
    assert unticked(*opened, (60, ready, 0, 6), (61, opening, 2, 6), (61 + UNTICKED_S, ready, 0, 6)) == []
