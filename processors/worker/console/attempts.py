"""Limits wrong keys at the login: they are answered slowly, one at a time, and only so many may wait."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Final

PAUSE_S: Final = 0.5
MOST_WAITING: Final = 20


class Attempts:
    """Counts all callers together: behind a proxy they have one address. `pause` waits for so many seconds."""

    def __init__(self, pause: Callable[[float], Awaitable[None]] = asyncio.sleep) -> None:
        self._pause = pause
        self._turn = asyncio.Lock()
        self._waiting = 0

    @property
    def are_too_many(self) -> bool:
        """Whether no further key is looked at now, not even a right one: else a refusal would prove a guess wrong at
        once."""
        return self._waiting >= MOST_WAITING

    async def failed(self) -> None:
        """Wait before a wrong key is answered."""
        self._waiting += 1
        try:
            async with self._turn:
                await self._pause(PAUSE_S)
        finally:
            self._waiting -= 1
