"""Wrong keys at the login: answered one at a time and slowly, and only so many wait."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Final

PAUSE_S: Final = 0.5
MOST_WAITING: Final = 20


class Attempts:
    """For all callers together: behind a proxy they have one address. `pause` waits for so many seconds."""

    def __init__(self, pause: Callable[[float], Awaitable[None]] = asyncio.sleep) -> None:
        self._pause = pause
        self._turn = asyncio.Lock()
        self._waiting = 0

    @property
    def are_too_many(self) -> bool:
        """Whether no further key is looked at now, right or wrong: else refusals would sort the guesses."""
        return self._waiting >= MOST_WAITING

    async def failed(self) -> None:
        """Wait before a wrong key is answered."""
        self._waiting += 1
        try:
            async with self._turn:
                await self._pause(PAUSE_S)
        finally:
            self._waiting -= 1
