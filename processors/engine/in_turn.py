"""Chunks of one partition one after the other, those of several side by side."""

import asyncio
from collections.abc import AsyncIterable, Awaitable, Callable

from faust.types import TP

from processors.engine.chunk import Chunk

Work = Callable[[Chunk], Awaitable[None]]


async def in_turn(chunks: AsyncIterable[Chunk], work: Work) -> None:
    """Await ``work`` for each chunk, so that a partition which waits for its broker holds up no other one.

    How many wait is bounded by who sends them. What ``work`` raises ends all of them.
    """
    last: dict[TP, asyncio.Task[None]] = {}
    async with asyncio.TaskGroup() as group:
        async for chunk in chunks:
            last[chunk.tp] = group.create_task(_after(last.get(chunk.tp), work, chunk))


async def _after(previous: "asyncio.Task[None] | None", work: Work, chunk: Chunk) -> None:
    if previous is not None:
        await asyncio.wait([previous])
    del previous
    await work(chunk)
