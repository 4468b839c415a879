"""Chunks of one partition are processed in their order, those of other partitions beside them."""

import asyncio
from collections.abc import AsyncIterator, Callable
from functools import partial

import pytest
from faust.types import TP

from processors.engine.chunk import Chunk
from processors.engine.in_turn import in_turn
from tests.unit.processors.engine.records import record


def chunk(partition: int, start: int, release: Callable[[], None] = lambda: None) -> Chunk:
    return Chunk(TP("source", partition), start, start + 1, [record(start)], release)


async def at_once(tp: TP) -> None:
    """Every partition is free."""


async def stream(*chunks: Chunk) -> AsyncIterator[Chunk]:
    for each in chunks:
        yield each


async def test_a_partition_that_waits_holds_up_no_other_one() -> None:
    done, other_ready = list[tuple[int, int | None]](), asyncio.Event()

    async def work(each: Chunk) -> None:
        if each.tp.partition == 0 and each.start == 0:
            await other_ready.wait()
        done.append((each.tp.partition, each.start))
        if each.tp.partition == 1:
            other_ready.set()

    await in_turn(stream(chunk(0, 0), chunk(0, 2), chunk(1, 0)), at_once, work)
    assert done == [(1, 0), (0, 0), (0, 2)]


async def test_what_comes_until_its_partition_is_free_is_one_chunk_as_far_as_one_transaction_takes_it() -> None:
    """Only what follows in the log is joined. All its places are given back together."""
    released, done, all_came = list[int](), list[Chunk](), asyncio.Event()

    async def chunks() -> AsyncIterator[Chunk]:
        for start in (0, 1, 2, 3, 5):
            yield chunk(0, start, partial(released.append, start))
        all_came.set()

    async def free(tp: TP) -> None:
        assert tp == TP("source", 0)
        await all_came.wait()

    async def work(each: Chunk) -> None:
        done.append(each)

    await in_turn(chunks(), free, work, most_records=3)
    assert [(each.start, each.end, [one.offset for one in each.records]) for each in done] == [
        (0, 3, [0, 1, 2]),
        (3, 4, [3]),
        (5, 6, [5]),
    ]
    done[0].release()
    assert released == [0, 1, 2]


async def test_a_partition_that_has_come_to_its_end_goes_on_with_what_comes_later() -> None:
    done, idle = list[int | None](), asyncio.Event()

    async def chunks() -> AsyncIterator[Chunk]:
        yield chunk(0, 0)
        await idle.wait()
        yield chunk(0, 1)

    async def work(each: Chunk) -> None:
        done.append(each.start)
        idle.set()

    await in_turn(chunks(), at_once, work)
    assert done == [0, 1]


async def test_what_the_work_raises_ends_all() -> None:
    async def work(each: Chunk) -> None:
        if each.tp.partition == 0:
            raise ValueError("a bug")
        await asyncio.Event().wait()

    with pytest.raises(ExceptionGroup) as raised:
        await in_turn(stream(chunk(1, 0), chunk(0, 0)), at_once, work)
    assert [type(error) for error in raised.value.exceptions] == [ValueError]


async def test_the_places_of_chunks_that_nobody_works_on_any_more_are_given_back_once() -> None:
    """The places of the chunk that failed (though its work gave that back), of the chunks behind it, and of those that
    nobody had begun."""
    released = list[tuple[int, int]]()

    async def chunks() -> AsyncIterator[Chunk]:
        for partition, start in ((0, 0), (0, 2), (1, 0), (1, 2)):
            yield chunk(partition, start, partial(released.append, (partition, start)))
        await begun.wait()
        yield chunk(2, 0, partial(released.append, (2, 0)))  # its task is cancelled before it begins

    begun = asyncio.Event()

    async def work(each: Chunk) -> None:
        if each.tp.partition == 0:
            each.release()
            begun.set()
            raise ValueError("a bug")
        await asyncio.Event().wait()

    with pytest.raises(ExceptionGroup):
        await in_turn(chunks(), at_once, work)
    assert sorted(released) == [(0, 0), (0, 2), (1, 0), (1, 2), (2, 0)]


async def test_work_that_is_cancelled_from_below_does_not_end_its_partition() -> None:
    done, released, cancelled = list[int | None](), list[int](), asyncio.Event()

    async def chunks() -> AsyncIterator[Chunk]:
        yield chunk(0, 0, partial(released.append, 0))
        await cancelled.wait()
        while not released:
            await asyncio.sleep(0)
        yield chunk(0, 2)

    async def work(each: Chunk) -> None:
        if each.start == 0:
            cancelled.set()
            raise asyncio.CancelledError
        done.append(each.start)

    async with asyncio.timeout(30):
        await in_turn(chunks(), at_once, work)
    assert (done, released) == ([2], [0])
