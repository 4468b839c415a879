"""What counts as a stall of a reader, and what is only a queue."""

from collections.abc import Iterator
from contextlib import closing

import pytest

from tests.programs.chaos.stalls import Watcher
from tests.programs.checker.names import Names


@pytest.fixture
def watcher() -> Iterator[Watcher]:
    watcher = Watcher("127.0.0.1:1", Names("t"), 1)
    with closing(watcher._consumer):
        yield watcher


def test_an_event_that_becomes_readable_late_is_a_stall(watcher: Watcher) -> None:
    watcher.saw("t", 0, received=100, now=107)
    assert watcher.longest_delay == 7
    assert watcher.take_longest_stall() == 7
    assert watcher.take_longest_stall() == 0


def test_a_queue_that_moves_is_no_stall(watcher: Watcher) -> None:
    watcher.saw("t", 0, received=100, now=101)
    watcher.saw("t", 0, received=100, now=105)
    watcher.saw("t", 0, received=100, now=108)
    assert (watcher.take_longest_stall(), watcher.longest_delay) == (4, 8)


def test_what_moves_elsewhere_does_not_help(watcher: Watcher) -> None:
    watcher.saw("t", 0, received=100, now=100)
    watcher.saw("t", 1, received=105, now=106)
    watcher.saw("t", 0, received=101, now=107)
    assert watcher.take_longest_stall() == 6


def test_where_nothing_was_received_nobody_waits(watcher: Watcher) -> None:
    watcher.saw("t", 0, received=100, now=100)
    watcher.saw("t", 0, received=199, now=200)
    assert watcher.take_longest_stall() == 1
