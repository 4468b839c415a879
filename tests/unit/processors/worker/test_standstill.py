"""When a lane counts as stuck: it is opened anew first, then the process ends for something else to restart it."""

from collections.abc import Collection
from math import inf

from faust.types import TP

from processors.engine.observer import LaneState
from processors.worker.standstill import STANDSTILL_S, LaneProgress, Standstill, Stuck

LANE, OTHER = TP("raw", 0), TP("raw", 1)
LATER = STANDSTILL_S + 1
NONE, RESTART, GIVE_UP = Stuck([], []), Stuck([LANE], []), Stuck([], [LANE])


def standing(state: LaneState, next_offset: int, end: int | None, unread: int = 0) -> LaneProgress:
    """The progress of a lane whose log has this end. None: nobody can tell."""
    return LaneProgress(state, next_offset, unread, None if end is None else end - next_offset)


def stuck(*samples: tuple[float, LaneProgress], outages: Collection[float] = ()) -> Stuck:
    """What the last of these samples leads to, with a part of Kafka out of reach at the times of ``outages``."""
    standstill = Standstill()
    last = {at: max((each for each in outages if each <= at), default=-inf) for at, _ in samples}
    return [standstill.stuck({LANE: lane}, at, last[at]) for at, lane in samples][-1]


def test_a_lane_that_fails_at_the_same_record_again_and_again_is_stuck() -> None:
    failed, ready = standing(LaneState.FAILED, 5, 9), standing(LaneState.READY, 5, 9)
    assert stuck((0, ready), (30, failed), (LATER, ready)) == RESTART


def test_one_that_a_restart_does_not_help_ends_the_process() -> None:
    ready, opening = standing(LaneState.READY, 5, 9), standing(LaneState.OPENING, 5, 9)
    assert stuck((0, ready), (LATER, ready), (LATER + 1, opening), (LATER + 2, ready)) == NONE
    assert stuck((0, ready), (LATER, ready), (LATER + 1, opening), (2 * LATER + 1, ready)) == GIVE_UP


def test_one_that_reads_its_tables_after_the_restart_is_not_helped_by_that() -> None:
    """Each opening reads a barrier, at least."""
    ready, opening = standing(LaneState.READY, 5, 9), standing(LaneState.OPENING, 5, 9, unread=1)
    opened = ((0, ready), (LATER, ready), (LATER + 1, opening), (LATER + 2, ready))
    assert stuck(*opened, (2 * LATER + 1, ready)) == GIVE_UP


def test_while_it_reads_them_after_the_restart_it_is_not_given_up() -> None:
    ready = standing(LaneState.READY, 5, 9)
    reading = [(LATER + at, standing(LaneState.OPENING, 5, 9, unread=301 - at)) for at in range(1, 301, 50)]
    for so_far in range(1, len(reading) + 1):
        assert stuck((0, ready), (LATER, ready), *reading[:so_far]) == NONE
    (read, _), moved = reading[-1], standing(LaneState.READY, 6, 9)
    assert stuck((0, ready), (LATER, ready), *reading, (read + 60, ready), (read + LATER, moved)) == NONE


def test_what_was_tried_while_kafka_was_away_is_no_try() -> None:
    ready, reading = standing(LaneState.READY, 5, 9), standing(LaneState.OPENING, 5, 9, unread=100)
    looks = ((0, ready), (LATER, ready), (LATER + 10, reading), (LATER + 12, ready))
    assert stuck(*looks, (2 * LATER + 12, ready), outages=[LATER]) == RESTART
    assert stuck(*looks, (2 * LATER + 12, ready), (3 * LATER + 12, ready), outages=[LATER]) == GIVE_UP


def test_nor_is_what_was_tried_while_it_was_being_opened() -> None:
    """A lane that is being opened is not opened anew."""
    opening, ready = standing(LaneState.OPENING, 0, 9), standing(LaneState.READY, 0, 9)
    reading = [(LATER + at, standing(LaneState.OPENING, 0, 9, unread=301 - at)) for at in range(1, 301, 50)]
    assert stuck((0, opening), (LATER, opening), *reading, (LATER + 299, ready), (2 * LATER + 299, ready)) == RESTART
    assert stuck((0, opening), (LATER, opening), (LATER + 9, ready), (2 * LATER + 9, ready)) == RESTART


def test_one_that_moves_after_the_restart_starts_anew() -> None:
    ready, moved = standing(LaneState.READY, 5, 9), standing(LaneState.READY, 6, 9)
    assert stuck((0, ready), (LATER, ready), (LATER + 1, moved), (2 * LATER, moved)) == NONE
    assert stuck((0, ready), (LATER, ready), (LATER + 1, moved), (3 * LATER, moved)) == RESTART


def test_a_lane_that_moves_is_not() -> None:
    assert stuck((0, standing(LaneState.READY, 5, 9)), (LATER, standing(LaneState.READY, 6, 9))) == NONE


def test_a_lane_without_work_is_not() -> None:
    assert stuck((0, standing(LaneState.READY, 5, 5)), (LATER, standing(LaneState.READY, 5, 5))) == NONE


def test_a_lane_that_reads_its_tables_is_not() -> None:
    reading = [standing(LaneState.OPENING, 0, 9, unread) for unread in (300, 200, 100)]
    assert stuck((0, reading[0]), (LATER, reading[1]), (2 * LATER, reading[2])) == NONE


def attempts(unread: int, pause: int) -> list[LaneProgress]:
    """A lane, every second. It is opened again and again, and fails each time after it has read none of `unread`
    records for 20 s. Until it has fenced, it has its former tables."""
    read = [*[unread] * 3, 0, 0, *[unread] * 20]
    opening = [standing(LaneState.OPENING, 5, 9, each) for each in read]
    return 20 * [*opening, *[standing(LaneState.FAILED, 5, 9, unread)] * pause]


def test_one_that_fails_before_it_has_read_anything_is() -> None:
    found = [stuck(*enumerate(attempts(7, pause=5)[:seconds])) for seconds in range(1, 150)]
    assert [each for each in found if each != NONE] == [RESTART, GIVE_UP]


def test_while_a_part_of_kafka_is_out_of_reach_it_is_told_all_the_same() -> None:
    standstill = Standstill()
    for at, lane in enumerate(attempts(7, pause=5)[:150]):
        standstill.stuck({LANE: lane}, at, outage_at=at)
    assert standstill.seconds(149)[LANE] > 140


def test_so_is_one_that_hangs_beside_it_and_both_are_told() -> None:
    standstill, hangs = Standstill(), standing(LaneState.OPENING, 0, 9)
    found = [standstill.stuck({LANE: hangs, OTHER: each}, at) for at, each in enumerate(attempts(7, pause=40)[:150])]
    assert [each for each in found if each != NONE] == [Stuck([LANE, OTHER], []), Stuck([], [LANE, OTHER])]
    assert min(standstill.seconds(149).values()) > 140


def test_one_that_is_being_opened_and_reads_nothing_is() -> None:
    opening = standing(LaneState.OPENING, 0, 9)
    assert stuck((0, opening), (LATER, opening)) == RESTART
    assert stuck((0, opening), (LATER, opening), (2 * LATER + 1, opening)) == GIVE_UP


def test_the_minute_begins_when_it_has_read_its_tables() -> None:
    ready, opening = standing(LaneState.READY, 5, 9), standing(LaneState.OPENING, 5, 9)
    reading = [(at, standing(LaneState.OPENING, 5, 9, 200 - at)) for at in (30, 60, 90)]
    assert stuck((0, ready), *reading, (91, opening), (92, ready), (90 + STANDSTILL_S, ready)) == NONE
    assert stuck((0, ready), *reading, (91, opening), (92, ready), (90 + LATER, ready)) == RESTART


def test_one_that_cannot_be_opened_is_stuck_whatever_is_known_of_its_log() -> None:
    """Nothing was fetched of its log yet, so the end is not known."""
    failed, opening = standing(LaneState.FAILED, 0, 0), standing(LaneState.OPENING, 0, 0)
    assert stuck((0, opening), (1, failed), (31, failed), (33, opening), (65, failed)) == RESTART
    assert stuck((0, failed), (LATER, failed), (2 * LATER + 1, failed)) == GIVE_UP


def test_a_halted_lane_waits_for_an_operator() -> None:
    assert stuck((0, standing(LaneState.READY, 5, 9)), (LATER, standing(LaneState.HALTED, 5, 9))) == NONE


def test_while_a_part_of_kafka_is_out_of_reach_none_is_given_up() -> None:
    ready = standing(LaneState.READY, 5, 9)
    times = [LATER * number for number in range(5)]
    assert stuck(*((at, ready) for at in times), outages=times) == RESTART


def test_nor_in_the_minute_after_that() -> None:
    ready = standing(LaneState.READY, 5, 9)
    samples = ((0, ready), (LATER, ready), (2 * LATER, ready), (2 * LATER + 30, ready))
    assert stuck(*samples, (3 * LATER, ready), outages=[2 * LATER + 30]) == RESTART
    assert stuck(*samples, (3 * LATER, ready), (4 * LATER, ready), outages=[2 * LATER + 30]) == GIVE_UP


def test_one_whose_log_nobody_can_tell_the_end_of_is_stuck_if_it_had_work_before() -> None:
    known, unknown = standing(LaneState.READY, 5, 9), standing(LaneState.READY, 5, None)
    moved = standing(LaneState.READY, 6, None)
    assert stuck((0, known), (30, unknown), (LATER, unknown)) == RESTART
    assert stuck((0, unknown), (30, unknown), (LATER, unknown)) == NONE
    assert stuck((0, known), (30, moved), (LATER, moved)) == NONE


def test_how_long_a_lane_has_committed_nothing_is_told_whatever_was_tried() -> None:
    standstill, lanes = Standstill(), {LANE: standing(LaneState.READY, 5, 9)}
    for at in (0, 30, LATER, LATER + 30):
        standstill.stuck(lanes, at)
    assert standstill.seconds(LATER + 30) == {LANE: LATER + 30}


def test_one_that_is_opened_again_and_again_has_committed_nothing_although_it_reads_its_tables() -> None:
    standstill, ready = Standstill(), standing(LaneState.READY, 5, 9)
    again = (ready, standing(LaneState.OPENING, 5, 9, 1), ready)  # it finds on its disk what it read before
    found = [standstill.stuck({LANE: lane}, at) for at in range(0, 200, 20) for lane in again]
    assert standstill.seconds(200) == {LANE: 200}
    assert [each for each in found if each != NONE] == [RESTART, GIVE_UP]


def test_who_reads_tables_or_waits_for_others_to_read_theirs_gets_somewhere() -> None:
    standstill, waiting = Standstill(), standing(LaneState.OPENING, 0, 9)
    for at, unread in ((0, 300), (LATER, 200), (2 * LATER, 100)):
        lanes = {LANE: waiting, OTHER: standing(LaneState.OPENING, 0, 9, unread)}
        standstill.stuck(lanes, at)
        assert standstill.seconds(at) == {LANE: 0, OTHER: 0}
    standstill.stuck(lanes, 3 * LATER)
    assert standstill.seconds(3 * LATER) == {LANE: LATER, OTHER: LATER}


def test_so_does_one_that_reads_them_anew() -> None:
    standstill = Standstill()
    for at, lane in enumerate((standing(LaneState.READY, 5, 9), standing(LaneState.OPENING, 5, 9, 300))):
        standstill.stuck({LANE: lane}, at)
    assert standstill.seconds(1) == {LANE: 0}


def test_so_does_one_that_has_to_read_more_than_it_ever_had_and_who_waits_for_it() -> None:
    """Its table was emptied, or another worker's for a while."""
    standstill, waiting = Standstill(), standing(LaneState.OPENING, 0, 9)
    once = [standing(LaneState.OPENING, 0, 9, unread) for unread in (3, 2, 1)]
    anew = [standing(LaneState.OPENING, 0, 9, unread) for unread in range(9_000, 0, -30)]
    for at, lane in enumerate([*once, waiting, *anew]):
        assert standstill.stuck({LANE: lane, OTHER: waiting}, at) == NONE
        assert max(standstill.seconds(at).values()) <= 2


def test_one_that_is_open_does_not_wait_for_others_nor_is_it_told_of_one_that_others_are_opened() -> None:
    standstill, ready, idle = Standstill(), standing(LaneState.READY, 5, 9), standing(LaneState.READY, 5, 5)
    waiting, third = standing(LaneState.OPENING, 0, 9), TP("raw", 2)
    standstill.stuck({LANE: ready, OTHER: standing(LaneState.OPENING, 0, 9, 300), third: waiting}, 0)
    standstill.stuck({LANE: ready, OTHER: standing(LaneState.OPENING, 0, 9, 200), third: waiting}, 30)
    assert standstill.stuck({LANE: ready, OTHER: idle, third: waiting}, LATER) == RESTART
    assert standstill.seconds(LATER) == {LANE: LATER, third: LATER - 30}


def test_a_recovery_that_was_interrupted_gets_somewhere_once_it_reads_again() -> None:
    standstill, failed = Standstill(), standing(LaneState.FAILED, 0, 9)
    told = []
    for at, unread in enumerate((300, 200, None, 0, 250, 200, 199, 0)):
        lane = failed if unread is None else standing(LaneState.OPENING, 0, 9, unread)
        standstill.stuck({LANE: lane}, at)
        told.append(standstill.seconds(at)[LANE])
    assert told == [0, 0, 1, 2, 3, 0, 0, 1]


def test_a_lane_that_is_made_anew_has_got_nowhere_by_that_and_has_its_minutes_again() -> None:
    """The lane finds its start, and reads its barrier at least, each time."""
    standstill, idle, ready = Standstill(), standing(LaneState.READY, 5, 5), standing(LaneState.READY, 5, 9)
    opening = [standing(LaneState.OPENING, 0, 9, unread) for unread in (0, 1)]
    for begins in range(0, 200, 40):
        standstill.opened_anew(begins)
        for at, lane in enumerate((*opening, *[ready] * 38)):
            assert standstill.stuck({LANE: lane, OTHER: idle}, begins + at) == NONE
    assert standstill.seconds(200) == {LANE: 200 - 41}  # its first barrier was further than it had read


def test_what_was_tried_before_it_was_made_anew_is_no_try() -> None:
    standstill, opening = Standstill(), {LANE: standing(LaneState.OPENING, 5, 9)}
    assert [standstill.stuck(opening, at) for at in (0, LATER)] == [NONE, RESTART]
    standstill.opened_anew(LATER + 40)
    assert [standstill.stuck(opening, LATER + 40 + at) for at in (40, LATER)] == [NONE, RESTART]


def test_a_lane_that_was_taken_away_is_forgotten() -> None:
    standstill, lanes = Standstill(), {LANE: standing(LaneState.READY, 5, 9)}
    standstill.stuck(lanes, 0)
    standstill.stuck({}, 1)
    assert standstill.stuck(lanes, LATER) == NONE
