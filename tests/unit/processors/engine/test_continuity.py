"""Whether a source is still the log that was processed."""

from dataclasses import replace

import pytest
from faust.types import TP

from processors.engine.chunk import Chunk
from processors.engine.continuity import Continuity, Last
from processors.engine.errors import LaneHaltedError
from tests.unit.processors.engine.records import record

SOURCE = TP("source", 0)
LAST = Last(19, 1_019)


def chunk(*offsets: int, interruptions: int = 1) -> Chunk:
    return Chunk(
        SOURCE, offsets[0], offsets[-1] + 1, [record(offset) for offset in offsets], lambda: None, interruptions
    )


def test_the_last_processed_record_shows_that_the_log_is_the_same() -> None:
    continuity = Continuity(SOURCE, LAST)
    assert continuity.is_shown_by(chunk(19, 20))
    assert not continuity.is_broken_by(chunk(20, 21))


def test_a_chunk_that_begins_elsewhere_shows_nothing() -> None:
    assert not Continuity(SOURCE, LAST).is_shown_by(chunk(20, 21))


def test_an_interruption_breaks_it_until_the_record_was_seen_again() -> None:
    continuity = Continuity(SOURCE, LAST)
    assert continuity.is_shown_by(chunk(19))
    assert continuity.is_broken_by(chunk(20, interruptions=2))
    assert continuity.is_shown_by(chunk(19, 20, interruptions=2))
    assert not continuity.is_broken_by(chunk(21, interruptions=2))


def test_a_log_without_the_record_is_another_one() -> None:
    begins_there = replace(chunk(19, 20), records=[record(20)])
    with pytest.raises(LaneHaltedError, match="record 19 is not the one that was processed"):
        Continuity(SOURCE, LAST).is_shown_by(begins_there)


def test_a_log_with_a_record_of_another_time_in_its_place_is_another_one() -> None:
    with pytest.raises(LaneHaltedError, match="record 19 is not the one that was processed"):
        Continuity(SOURCE, Last(19, 5)).is_shown_by(chunk(19))


def test_where_nothing_was_processed_nothing_can_be_broken() -> None:
    continuity = Continuity(SOURCE)
    assert not continuity.is_broken_by(chunk(0))
    assert not continuity.is_broken_by(chunk(1, interruptions=7))
