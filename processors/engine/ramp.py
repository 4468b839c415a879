"""Starts many tasks, a few at a time."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager


class Ramp:
    """Lets ``at_once`` tasks in, and one more for each that has left or has been in for ``patience`` seconds.

    So tasks that cost CPU do not slow each other down until they run out of time, and a task that waits for somebody
    who does not answer keeps nobody out for long.
    """

    def __init__(self, at_once: int, patience: float) -> None:
        self._places, self._patience = asyncio.Semaphore(at_once), patience

    @asynccontextmanager
    async def entered(self) -> AsyncIterator[None]:
        """Wait for a place; it is given back on leaving, or after ``patience``."""
        await self._places.acquire()
        given_back = False

        def give_back() -> None:
            nonlocal given_back
            if not given_back:
                given_back = True
                self._places.release()

        early = asyncio.get_running_loop().call_later(self._patience, give_back)
        try:
            yield
        finally:
            early.cancel()
            give_back()
