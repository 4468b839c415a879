"""Chunks of one partition in their order, those of others beside them."""

import asyncio
from collections.abc import AsyncIterator

import pytest
from faust.types import TP

from processors.engine.chunk import Chunk
from processors.engine.in_turn import in_turn
from tests.unit.processors.engine.records import record


def chunk(partition: int, start: int) -> Chunk:
    return Chunk(TP("source", partition), start, start + 1, [record(start)], lambda: None)


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

    await in_turn(stream(chunk(0, 0), chunk(0, 1), chunk(1, 0)), work)
    assert done == [(1, 0), (0, 0), (0, 1)]


async def test_what_the_work_raises_ends_all() -> None:
    async def work(each: Chunk) -> None:
        if each.tp.partition == 0:
            raise ValueError("a bug")
        await asyncio.Event().wait()

    with pytest.raises(ExceptionGroup) as raised:
        await in_turn(stream(chunk(1, 0), chunk(0, 0)), work)
    assert [type(error) for error in raised.value.exceptions] == [ValueError]
