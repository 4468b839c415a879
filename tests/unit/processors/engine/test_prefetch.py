"""How chunks are cut and how many are read ahead."""

from itertools import pairwise
from typing import Any

from faust.types import TP
from hypothesis import given
from hypothesis import strategies as st

from processors.engine.prefetch import Fetched, Most, PrefetchLimit, size_of, split
from tests.unit.processors.engine.records import record

A, B = TP("a", 0), TP("b", 0)


def fetched(records: list[Any], start: int = 0, end: int = 0) -> Fetched:
    return Fetched(start, end, records, interruptions=3, size=size_of(records))


@given(
    sizes=st.lists(st.integers(0, 30), min_size=1, max_size=30),
    gaps=st.lists(st.integers(1, 3), min_size=30, max_size=30),
    tail=st.integers(0, 2),
    max_records=st.integers(1, 5),
    max_bytes=st.integers(1, 40),
)
def test_chunks_cover_the_interval_without_gap_or_overlap(
    sizes: list[int], gaps: list[int], tail: int, max_records: int, max_bytes: int
) -> None:
    """Whatever the sizes and the gaps (markers, compaction): each record once, bounds kept, log covered exactly."""
    offsets = [sum(gaps[:index]) for index in range(len(sizes))]
    records = [record(offset, b"x" * size) for offset, size in zip(offsets, sizes, strict=True)]
    end = offsets[-1] + 1 + tail
    chunks = list(split(fetched(records, start=0, end=end), max_records, max_bytes))

    assert [one for chunk in chunks for one in chunk.records] == records
    assert chunks[0].start == 0
    assert chunks[-1].end == end
    assert all(before.end == after.start for before, after in pairwise(chunks))
    for chunk in chunks:
        assert len(chunk.records) <= max_records
        assert chunk.size == sum(len(one.value) for one in chunk.records)
        assert len(chunk.records) == 1 or chunk.size <= max_bytes
        assert chunk.start is not None
        assert all(chunk.start <= one.offset < chunk.end for one in chunk.records)
        assert chunk.interruptions == 3


def test_a_partition_is_read_two_chunks_ahead() -> None:
    limit = PrefetchLimit(1000, 1000)
    first = limit.take(A, fetched([record(0)]))
    limit.take(A, fetched([record(1)]))
    assert limit.free({A, B}, now=0) == {B}
    first()
    assert limit.free({A, B}, now=0) == {A, B}


def test_all_partitions_together_hold_a_bounded_number_of_records() -> None:
    limit = PrefetchLimit(2, 1000)
    release = limit.take(A, fetched([record(0), record(1)]))
    limit.take(B, fetched([record(0)]))
    assert limit.free({A, B}, now=0) == set()
    release()
    assert limit.free({A, B}, now=0) == {A, B}


def test_all_partitions_together_hold_a_bounded_number_of_bytes() -> None:
    """Orders of a hundred lines have tens of kilobytes each."""
    limit = PrefetchLimit(1000, 20)
    release = limit.take(A, fetched([record(0, b"x" * 20)]))
    limit.take(B, fetched([record(0, b"x")]))
    assert limit.free({A, B}, now=0) == set()
    release()
    assert limit.free({A, B}, now=0) == {A, B}


def test_lanes_that_wait_for_a_broker_leave_the_others_room() -> None:
    """Four full chunks, and nobody gives their places back: each other partition may have a small one all the same."""
    limit = PrefetchLimit(20_000, 32 << 20)
    chunk = [record(n) for n in range(5_000)]
    releases = [limit.take(TP("orders", partition), fetched(chunk)) for partition in range(4)]
    waiting = {TP("orders", partition) for partition in range(4)}
    others = {TP("raw", partition) for partition in range(36)}
    assert limit.free(waiting | others, now=0) == set()
    assert limit.free(waiting | others, now=1) == set()  # as in any backlog: places come and go
    assert limit.free(waiting | others, now=1.1) == others
    assert limit.share(40) == Most(500, (32 << 20) // 40)
    small = limit.take(TP("raw", 7), fetched([record(0)]))
    assert limit.free(waiting | others, now=1.2) == others - {TP("raw", 7)}
    small()
    releases[0]()
    assert limit.free(waiting | others, now=1.3) == waiting | others


def test_what_they_may_have_beyond_the_limit_is_as_much_again_at_most() -> None:
    limit, partitions = PrefetchLimit(20_000, 32 << 20), 1_000
    limit.take(A, fetched([record(n) for n in range(20_000)]))
    most = limit.share(partitions)
    assert most is not None
    assert (most.records * partitions, most.bytes * partitions) <= (20_000, 32 << 20)


def test_below_the_limit_a_chunk_is_as_large_as_it_may_be() -> None:
    assert PrefetchLimit(20_000, 32 << 20).share(40) is None
