"""Room for large rows and answers while they are in memory: together they stay within a limit, the others wait."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final

from processors.worker.queries.owners import AwayError

PATIENCE_S: Final = 4.0
"""How long to wait for room: less than another worker waits for the answer (`peers`)."""
SMALL_BYTES: Final = 8 * 1024
"""Nearly all rows and answers are no larger: they do not wait, and do not count."""


class Room:
    """`most_bytes` is for all together. A larger one gets room only alone."""

    def __init__(self, most_bytes: int) -> None:
        self._most, self._used, self._freed = most_bytes, 0, asyncio.Event()

    @asynccontextmanager
    async def of(self, size: int) -> AsyncIterator[None]:
        """Take room for so many bytes until the block ends. AwayError: there is none within `PATIENCE_S`."""
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
            self._freed.set()  # all that wait look whether it is enough
            self._freed = asyncio.Event()
