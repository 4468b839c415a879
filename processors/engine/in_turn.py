"""Works on the chunks of one partition one after the other, and on several partitions side by side."""

import asyncio
from collections import deque
from collections.abc import AsyncIterable, Awaitable, Callable
from dataclasses import replace

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
    """Await ``work`` for each chunk, so that a partition which waits for its broker holds up no other. Small chunks
    that have come by when their partition is ``free`` are joined, within the limits: a record that comes while a unit
    runs goes into the next one.

    The sender bounds how many chunks wait. What ``work`` raises ends everything. If what ``work`` waits for is
    cancelled, only the waiting chunks of its partition end. Chunks that end so give back their places.
    """
    waiting: dict[TP, deque[Chunk]] = {}

    async def work_off(tp: TP, queue: deque[Chunk]) -> None:
        try:
            while queue:
                await free(tp)
                chunk = queue.popleft()
                while queue and (joined := chunk.joined(queue[0], most_records, most_bytes)) is not None:
                    chunk = joined
                    queue.popleft()
                try:
                    await work(chunk)
                except BaseException:
                    chunk.release()
                    raise
        finally:
            give_up(tp)

    def give_up(tp: TP) -> None:
        for chunk in waiting.pop(tp):
            chunk.release()

    try:
        async with asyncio.TaskGroup() as group:
            async for each in chunks:
                chunk = replace(each, release=_once(each.release))
                if chunk.tp in waiting:
                    waiting[chunk.tp].append(chunk)
                else:
                    queue = waiting[chunk.tp] = deque([chunk])
                    group.create_task(work_off(chunk.tp, queue))
    finally:
        for tp in list(waiting):  # their tasks were cancelled before they began
            give_up(tp)


def _once(release: Callable[[], None]) -> Callable[[], None]:
    """Make ``release`` work once only. Work that raised may have called it, or a part of its chunk that is still being
    committed will."""
    releases = [release]

    def given_back() -> None:
        if releases:
            releases.pop()()

    return given_back
