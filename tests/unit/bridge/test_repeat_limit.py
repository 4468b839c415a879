import logging
from functools import partial

from bridge.repeat_limit import RepeatFilter, RepeatLimit


def record(text: object, *args: object, level: int = logging.WARNING) -> logging.LogRecord:
    return logging.LogRecord("aiokafka.conn", level, __file__, 1, text, args, None)


def test_the_first_lines_of_a_kind_pass_and_the_rest_of_the_window_does_not() -> None:
    limit = RepeatLimit(repeats=2)
    assert [limit.admit("kind", now) for now in (0, 1, 2, 9.9)] == [0, 0, None, None]


def test_what_goes_on_is_said_ever_more_rarely_with_how_many_were_left_out() -> None:
    limit = RepeatLimit(repeats=2)
    written = {now: left_out for now in range(100) if (left_out := limit.admit("kind", now)) is not None}
    assert written == {0: 0, 1: 0, 10: 8, 30: 19, 70: 39}


def test_what_comes_again_after_a_while_is_new() -> None:
    limit = RepeatLimit(repeats=2)
    for now in (0, 1, 2):
        limit.admit("kind", now)
    assert [limit.admit("kind", now) for now in (20, 21, 22)] == [1, 0, None]


def test_kinds_do_not_count_against_each_other() -> None:
    limit = RepeatLimit(repeats=1)
    assert limit.admit("one", 0) == 0
    assert limit.admit("other", 0) == 0


def test_all_kinds_together_are_a_line_a_second_after_the_first_few() -> None:
    """This holds for any kinds: some libraries make each line a kind of its own."""
    limit = RepeatLimit(burst=20)
    lines = [limit.admit((text, now), now) for now in range(60) for text in range(50)]
    assert len(lines) - lines.count(None) == 20 + 59


def test_the_repeats_of_some_kinds_leave_room_for_a_new_one() -> None:
    limit = RepeatLimit(burst=10)
    for attempt in range(100):
        limit.admit(attempt % 5, 0)
    assert limit.admit("what nobody has said yet", 0) == 0


def test_texts_that_never_repeat_do_not_fill_the_memory() -> None:
    limit = RepeatLimit(repeats=1)
    for text in range(5000):
        limit.admit(f"text {text}", 0.0)
    assert len(limit._windows) == 1000


def test_a_kind_that_comes_again_is_not_forgotten_before_those_that_do_not() -> None:
    limit = RepeatLimit(repeats=1)
    for text in range(1000):
        limit.admit(text, 0.0)
    limit.admit(0, 20.0)
    limit.admit("one more", 20.0)
    assert limit.admit(0, 20.0) is None


def test_lines_are_of_one_kind_before_their_values_are_filled_in() -> None:
    lines = RepeatFilter(partial(RepeatLimit, repeats=1), clock=lambda: 0.0)
    assert lines.filter(record("no connection to %s", "a"))
    assert not lines.filter(record("no connection to %s", "b"))
    assert lines.filter(record("no connection to %s", "b", level=logging.ERROR))


def test_structured_lines_are_of_one_kind_by_their_event() -> None:
    lines = RepeatFilter(partial(RepeatLimit, repeats=1), clock=lambda: 0.0)
    assert lines.filter(record({"event": "not stored", "reason": "a"}))
    assert not lines.filter(record({"event": "not stored", "reason": "b"}))


def test_who_gives_up_is_always_heard() -> None:
    lines = RepeatFilter(partial(RepeatLimit, burst=1), clock=lambda: 0.0)
    assert lines.filter(record("one"))
    assert not lines.filter(record("another"))
    assert lines.filter(record("lane %s is halted", level=logging.CRITICAL))


def test_what_libraries_say_to_who_debugs_hides_no_line_of_the_bridge() -> None:
    lines = RepeatFilter(partial(RepeatLimit, burst=20), clock=lambda: 0.0)
    told = [lines.filter(record(f"step {number}", level=logging.DEBUG)) for number in range(40)]
    assert told.count(True) == 20
    assert lines.filter(record("lane raw/3 runs from 17", level=logging.INFO))
    assert lines.filter(record("raw/3@17: the handler failed", level=logging.ERROR))


def test_what_goes_well_hides_no_warning() -> None:
    """A worker that gets 64 lanes logs each."""
    lines = RepeatFilter(partial(RepeatLimit, burst=20), clock=lambda: 0.0)
    told = [lines.filter(record(f"lane raw/{number} runs", level=logging.INFO)) for number in range(64)]
    assert told.count(True) == 20
    assert lines.filter(record("raw/3@17: the handler failed"))
