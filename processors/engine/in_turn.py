"""Chunks of one partition one after the other, those of several side by side."""

import asyncio
from collections import deque
from collections.abc import AsyncIterable, Awaitable, Callable

from faust.types import TP

from processors.engine.chunk import SMALL_BYTES, SMALL_RECORDS, Chunk

Work = Callable[[Chunk], Awaitable[None]]


async def in_turn(
    chunks: AsyncIterable[Chunk],
    free: Callable[[TP], Awaitable[None]],
    work: Work,
    most_records: int = SMALL_RECORDS,
    most_bytes: int = SMALL_BYTES,
) -> None:
    """Await ``work`` for each chunk, so that a partition which waits for its broker holds up no other one. Small ones
    that have come by when their partition is ``free`` are one, of at most so many records: a record that comes while a
    unit runs goes into the next one.

    How many wait is bounded by who sends them. What ``work`` raises ends all of them.
    """
    waiting: dict[TP, deque[Chunk]] = {}

    async def work_off(tp: TP, queue: deque[Chunk]) -> None:
        while queue:
            await free(tp)
            chunk = queue.popleft()
            while queue and (joined := chunk.joined(queue[0], most_records, most_bytes)) is not None:
                chunk = joined
                queue.popleft()
            await work(chunk)
        del waiting[tp]

    async with asyncio.TaskGroup() as group:
        async for chunk in chunks:
            if chunk.tp in waiting:
                waiting[chunk.tp].append(chunk)
            else:
                queue = waiting[chunk.tp] = deque([chunk])
                group.create_task(work_off(chunk.tp, queue))
