"""Room for what is large while it becomes an answer: all of it together is within a bound. Who has none waits."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final

from processors.worker.queries.owners import AwayError

PATIENCE_S: Final = 4.0
"""So long somebody waits for room; another worker that asks waits no longer for the answer than `peers` has it."""
SMALL_BYTES: Final = 8 * 1024
"""Nearly all rows and answers are no larger: they do not wait, and do not count."""


class Room:
    """`most_bytes`: of all together. What has more than that comes in alone."""

    def __init__(self, most_bytes: int) -> None:
        self._most, self._used, self._freed = most_bytes, 0, asyncio.Event()

    @asynccontextmanager
    async def of(self, size: int) -> AsyncIterator[None]:
        """For so many bytes, until the block ends. AwayError: there is none in time."""
        if size <= SMALL_BYTES:
            yield
            return
        try:
            async with asyncio.timeout(PATIENCE_S):
                while self._used and self._used + size > self._most:
                    await self._freed.wait()
        except TimeoutError:
            raise AwayError(f"others have had large answers made for {PATIENCE_S:g} s") from None
        self._used += size
        try:
            yield
        finally:
            self._used -= size
            self._freed.set()  # for all who wait: each looks whether it is enough
            self._freed = asyncio.Event()
