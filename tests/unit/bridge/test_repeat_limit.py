import logging

from bridge.repeat_limit import RepeatFilter, RepeatLimit


def record(text: object, *args: object, level: int = logging.WARNING) -> logging.LogRecord:
    return logging.LogRecord("aiokafka.conn", level, __file__, 1, text, args, None)


def test_the_first_lines_of_a_kind_pass_and_the_rest_of_the_window_does_not() -> None:
    limit = RepeatLimit(repeats=2, window_s=10)
    assert [limit.admit("kind", now) for now in (0, 1, 2, 9.9)] == [0, 0, None, None]


def test_the_next_window_says_how_many_were_left_out() -> None:
    limit = RepeatLimit(repeats=2, window_s=10)
    for now in (0, 1, 2, 3, 4):
        limit.admit("kind", now)
    assert limit.admit("kind", 10) == 3
    assert limit.admit("kind", 11) == 0


def test_kinds_do_not_count_against_each_other() -> None:
    limit = RepeatLimit(repeats=1, window_s=10)
    assert limit.admit("one", 0) == 0
    assert limit.admit("other", 0) == 0


def test_texts_that_never_repeat_do_not_fill_the_memory() -> None:
    limit = RepeatLimit(repeats=1, window_s=1)
    for moment in range(5000):
        limit.admit(f"text {moment}", float(moment))
    assert len(limit._windows) < 1100


def test_lines_are_of_one_kind_before_their_values_are_filled_in() -> None:
    lines = RepeatFilter(RepeatLimit(repeats=1), clock=lambda: 0.0)
    assert lines.filter(record("no connection to %s", "a"))
    assert not lines.filter(record("no connection to %s", "b"))
    assert lines.filter(record("no connection to %s", "b", level=logging.ERROR))


def test_structured_lines_are_of_one_kind_by_their_event() -> None:
    lines = RepeatFilter(RepeatLimit(repeats=1), clock=lambda: 0.0)
    assert lines.filter(record({"event": "not stored", "reason": "a"}))
    assert not lines.filter(record({"event": "not stored", "reason": "b"}))
