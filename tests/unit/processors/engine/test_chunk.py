"""Which chunks are one."""

from dataclasses import replace

import pytest
from faust.types import TP

from processors.engine.chunk import SMALL_BYTES, SMALL_RECORDS, Chunk
from tests.unit.processors.engine.records import record


def chunk(start: int | None, end: int, size: int = 1) -> Chunk:
    first = start or 0
    records = [record(offset, b"x" * size) for offset in range(first, end)]
    return Chunk(TP("source", 0), start, end, records, lambda: None, interruptions=3)


@pytest.mark.parametrize(
    "other",
    [
        chunk(6, 8),
        chunk(None, 8),
        replace(chunk(5, 8), tp=TP("source", 1)),
        replace(chunk(5, 8), interruptions=4),
    ],
    ids=["elsewhere in the log", "nobody knows where", "of another partition", "of a log that may be another"],
)
def test_what_does_not_follow_stays_apart(other: Chunk) -> None:
    assert chunk(0, 5).joined(other, SMALL_RECORDS, SMALL_BYTES) is None


def test_what_follows_is_one_with_it_as_long_as_both_are_small() -> None:
    joined = chunk(0, 4).joined(chunk(4, 5), 5, 5)
    assert joined is not None
    assert [each.offset for each in joined.records] == [*range(5)]
    assert (joined.start, joined.end, joined.interruptions) == (0, 5, 3)
    assert joined.joined(chunk(5, 6), 5, 6) is None
    assert joined.joined(chunk(5, 6), 6, 5) is None
