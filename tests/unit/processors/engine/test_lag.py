"""Lag: what is left to process, whatever transaction markers follow the last record."""

import pytest

from processors.engine.lag import Reading, lag


@pytest.mark.parametrize(
    ("next_offset", "stable_end", "reading", "expected"),
    [
        (1, 2, Reading(delivered=1, position=2), 0),  # a record, then its marker in a fetch of its own
        (1, 9, Reading(delivered=1, position=9), 0),  # and seven offsets of aborted transactions
        (2, 2, Reading(delivered=2, position=2), 0),  # both in one fetch
        (9, 9, Reading(delivered=1, position=9), 0),  # the lane has passed over the markers
        (9, 12, Reading(delivered=1, position=12), 0),  # and more markers follow
        (1, 2, Reading(delivered=1, position=1), 1),  # not known yet whether a record follows
        (1, 7, Reading(delivered=7, position=7), 6),  # read, and not processed yet
        (5, 9, Reading(delivered=5, position=5), 4),  # nothing is fetched, or from a broker that knows nothing new
        (5, 5, Reading(delivered=9, position=9, stable_end=20), 15),  # more was heard of since the end was asked
        (5, 9, None, 4),  # nobody has placed the consumer yet
        (9, 7, Reading(delivered=9, position=9), 0),  # the lane has moved on since
        (None, 9, None, None),  # a lane that has not found its start: not the whole log
    ],
)
def test_lag(next_offset: int | None, stable_end: int, reading: Reading | None, expected: int | None) -> None:
    assert lag(next_offset, stable_end, reading) == expected
