"""A lane that is being opened may wait for others: for which ones, and which of them hide no standstill."""

from math import inf

from faust.types import TP

from processors.engine.observer import LaneState
from processors.worker.standstill import STANDSTILL_S, Standstill, Stuck
from tests.unit.processors.worker.test_standstill import GIVE_UP, LANE, LATER, NONE, OTHER, RESTART, standing


def test_one_that_waits_for_others_to_read_their_tables_is_not_stuck() -> None:
    standstill, waiting = Standstill(), standing(LaneState.OPENING, 0, 9)
    for at, unread in ((0, 300), (LATER, 200), (2 * LATER, 100)):
        lanes = {LANE: waiting, OTHER: standing(LaneState.OPENING, 0, 9, unread)}
        assert standstill.stuck(lanes, at) == NONE


def opened_one_by_one(standstill: Standstill, begins: float, outage_at: float = -inf) -> list[Stuck]:
    """What is said while six lanes are opened, one more at each look. Looks are almost a minute apart."""
    states = [[LaneState.READY] * ready + [LaneState.OPENING] * (6 - ready) for ready in range(7)]
    looks = [{TP("raw", n): standing(each, 5, 5) for n, each in enumerate(look)} for look in states]
    return [standstill.stuck(look, begins + (STANDSTILL_S - 1) * n, outage_at) for n, look in enumerate(looks)]


def test_nor_is_one_that_waits_for_others_to_be_opened() -> None:
    """Only a few are opened at a time, and CPU may be scarce."""
    assert opened_one_by_one(Standstill(), 0) == [NONE] * 7


def test_nor_is_one_that_waits_so_again_because_all_were_made_anew() -> None:
    standstill = Standstill()
    opened_one_by_one(standstill, 0)
    standstill.opened_anew(1000)
    assert opened_one_by_one(standstill, 1000) == [NONE] * 7


def test_nor_does_one_that_waits_so_after_an_outage_end_the_process() -> None:
    standstill = Standstill()
    opened_one_by_one(standstill, 0)
    waiting = {TP("raw", n): standing(LaneState.OPENING, 5, 5) for n in range(6)}
    assert standstill.stuck(waiting, 1000, outage_at=1000) == NONE
    assert opened_one_by_one(standstill, 1001, outage_at=1000) == [NONE] * 7


def test_nor_does_one_that_fails_right_behind_an_outage_and_waits_for_others() -> None:
    """A unit outlives the outage. A lane that waits for its turn to be opened is a failed one meanwhile."""
    standstill, ready = Standstill(), standing(LaneState.READY, 5, 5)
    failed, found = standing(LaneState.FAILED, 5, 5), []
    for at in range(300):
        opened = 30 if at < 12 else max(0, at - 20) // 9
        found.append(
            standstill.stuck({TP("raw", n): ready if n < opened else failed for n in range(30)}, at, min(at, 10))
        )
    assert [each.give_up for each in found] == [[]] * 300


def test_one_that_hangs_while_another_is_opened_again_and_again_is() -> None:
    standstill, hangs = Standstill(), standing(LaneState.OPENING, 5, 9)
    found = []
    for at in range(0, 200, 10):
        other = standing(LaneState.READY if at % 20 else LaneState.OPENING, 5, 5)
        found.append(standstill.stuck({LANE: hangs, OTHER: other}, at))
    assert [each for each in found if each != NONE] == [RESTART, GIVE_UP]


def test_what_opens_while_another_reads_has_been_opened_too() -> None:
    standstill, hangs, found = Standstill(), standing(LaneState.OPENING, 5, 9), []
    for at in range(0, 180, 10):
        reads = standing(LaneState.OPENING, 5, 5, unread=300 - min(at, 30))
        again = standing(LaneState.READY if at % 60 == 30 else LaneState.OPENING, 5, 5)
        found.append((at, standstill.stuck({LANE: hangs, OTHER: reads, TP("raw", 2): again}, at).give_up))
    assert [at for at, given_up in found if LANE in given_up] == [170]
