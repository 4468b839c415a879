"""Bytes that the units in flight of all lanes hold together."""

import asyncio
from collections.abc import Callable


class Share:
    """``max_bytes`` may be exceeded by one unit, and one of a tick: what they come to is known only once their handler
    has run.

    Those who wait get room in the order in which they came. A unit gives its share back when it has ended, however that
    was, so one that waits for a silent broker keeps it for the transaction's timeout at most.
    """

    def __init__(self, max_bytes: int) -> None:
        self._max_bytes, self._held = max_bytes, 0
        self._turn, self._freed = asyncio.Lock(), asyncio.Event()

    async def room(self) -> None:
        """Wait until there is some; it is the caller's until its next await."""
        async with self._turn:
            while self._held >= self._max_bytes:
                self._freed.clear()
                await self._freed.wait()

    def take(self, size: int) -> Callable[[], None]:
        """Hold so many bytes; returns what gives them back."""
        self._held += size

        def give_back() -> None:
            self._held -= size
            self._freed.set()

        return give_back
