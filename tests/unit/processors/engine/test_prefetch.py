"""How chunks are cut and how many are read ahead."""

from itertools import pairwise
from typing import Any

from faust.types import TP
from hypothesis import given
from hypothesis import strategies as st

from processors.engine.chunk import SMALL_BYTES, SMALL_RECORDS, size_of
from processors.engine.prefetch import Fetched, Free, Most, PrefetchLimit, split
from tests.unit.processors.engine.records import record

A, A1, B = TP("a", 0), TP("a", 1), TP("b", 0)


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
    """Whatever the sizes and gaps (markers, compaction): each record comes once, chunks keep their bounds, and cover
    the log exactly."""
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


def free(limit: PrefetchLimit, partitions: set[TP], now: float = 0) -> set[TP]:
    """The partitions that may be read at all."""
    return {tp for each in limit.free(partitions, now) for tp in each.partitions}


def test_a_partition_is_read_two_chunks_ahead() -> None:
    limit = PrefetchLimit(20_000, 32 << 20)
    chunk = [record(n) for n in range(SMALL_RECORDS)]
    first = limit.take(A, fetched(chunk))
    limit.take(A, fetched(chunk))
    assert free(limit, {A, B}) == {B}
    first()
    assert free(limit, {A, B}) == {A, B}


def test_a_partition_is_read_on_while_what_waits_is_small() -> None:
    """Small means few records and few bytes, in whatever pieces. They are processed together."""
    for most, piece in ((SMALL_RECORDS, [record(0)]), (4, [record(0, b"x" * (SMALL_BYTES // 4))])):
        limit = PrefetchLimit(20_000, 32 << 20)
        for _ in range(most):
            assert free(limit, {A}) == {A}
            limit.take(A, fetched(piece))
        assert free(limit, {A}) == set()


def test_all_partitions_of_a_topic_together_hold_a_bounded_number_of_records() -> None:
    limit = PrefetchLimit(2, 1000)
    release = limit.take(A, fetched([record(0), record(1)]))
    limit.take(A1, fetched([record(0)]))
    assert free(limit, {A, A1}) == set()
    release()
    assert free(limit, {A, A1}) == {A, A1}


def test_all_partitions_of_a_topic_together_hold_a_bounded_number_of_bytes() -> None:
    """Orders of a hundred lines have tens of kilobytes each."""
    limit = PrefetchLimit(1000, 20)
    release = limit.take(A, fetched([record(0, b"x" * 20)]))
    limit.take(A1, fetched([record(0, b"x")]))
    assert free(limit, {A, A1}) == set()
    release()
    assert free(limit, {A, A1}) == {A, A1}


def test_a_topic_that_is_full_leaves_the_other_one_whole_chunks() -> None:
    """The first stage gets ahead of the second one, whose chunks would stay small otherwise."""
    limit = PrefetchLimit(20, 1000)
    assert limit.free({A, B}, now=0) == [Free({A, B}, None)]
    limit.take(A, fetched([record(n) for n in range(10)]))
    assert limit.free({A, A1, B}, now=0) == [Free({B}, None)]
    assert limit.free({A, A1, B}, now=2.1) == [Free({B}, None), Free({A1}, Most(6, 333))]
    assert free(limit, {A, A1}) == {A, A1}  # the other topic wants nothing


def test_lanes_that_wait_for_a_broker_leave_the_others_room() -> None:
    """Nobody gives back the places of two full chunks. Each other partition may still have a small chunk."""
    limit = PrefetchLimit(20_000, 32 << 20)
    chunk = [record(n) for n in range(5_000)]
    waiting, others = ({TP("orders", number) for number in numbers} for numbers in (range(2), range(2, 38)))
    releases = [limit.take(tp, fetched(chunk)) for tp in waiting]
    raw = {TP("raw", 0), TP("raw", 1)}
    for tp in raw:
        limit.take(tp, fetched(chunk))
    partitions = waiting | others | raw
    assert limit.free(partitions, now=0) == []
    assert limit.free(partitions, now=2) == []  # as in any backlog: places come and go
    assert limit.free(partitions, now=2.1) == [Free(others, Most(500, (32 << 20) // 40))]
    small = limit.take(TP("orders", 7), fetched([record(0)]), is_whole=False)
    assert free(limit, partitions, now=2.2) == others - {TP("orders", 7)}
    small()
    assert free(limit, partitions, now=2.3) == others
    releases[0]()
    assert limit.free(partitions, now=2.4) == [Free(waiting | others, None)]


def test_in_a_backlog_only_who_has_had_nothing_for_long_has_a_small_chunk() -> None:
    """A record in a small chunk costs more, but a partition that gets none for a minute seems to stand still."""
    limit = PrefetchLimit(10_000, 32 << 20)
    chunk, orders = [record(n) for n in range(2_500)], [TP("orders", number) for number in range(8)]
    small = Most(500, 4 << 20)
    first, *_ = [limit.take(tp, fetched(chunk)) for tp in orders[:5]]
    assert limit.free({*orders}, now=0) == []
    first()  # returns only what was fetched beyond the limit
    assert limit.free({*orders}, now=1.9) == []
    assert limit.free({*orders}, now=3.8) == []
    assert limit.free({*orders}, now=4) == [Free({orders[0], *orders[5:]}, small)]  # nothing came through since
    limit.take(orders[0], fetched(chunk))()
    assert limit.free({*orders}, now=10) == []
    assert limit.free({*orders}, now=10.1) == [Free({*orders[5:]}, small)]


def test_what_they_may_have_beyond_the_limit_is_as_much_again_at_most() -> None:
    limit, many = PrefetchLimit(20_000, 32 << 20), {TP("a", number) for number in range(1_000)}
    limit.take(A, fetched([record(n) for n in range(20_000)]))
    assert limit.free(many, now=0) == []
    [(partitions, most)] = limit.free(many, now=2.1)
    assert most is not None
    assert (most.records * len(partitions), most.bytes * len(partitions)) <= (20_000, 32 << 20)
