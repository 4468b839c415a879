"""Which chunks are joined into one."""

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


@pytest.mark.parametrize(
    ("offset", "continues"),
    [(4, False), (5, True), (6, True), (7, False)],
    ids=[
        "something lies between",
        "where it starts",
        "behind markers that were passed over",
        "behind its first record",
    ],
)
def test_a_chunk_continues_where_no_record_lies_before_its_first_one(offset: int, *, continues: bool) -> None:
    first = replace(chunk(6, 8), start=5)
    assert first.continues(offset) is continues
    assert not replace(first, start=None).continues(offset)
    assert not replace(first, records=()).continues(offset)
