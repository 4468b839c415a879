"""Bytes that the units in flight of all lanes hold together."""

import asyncio
from collections.abc import Callable


class Share:
    """One unit of records and one of a tick may exceed ``max_bytes``: their size is known only once their handler has
    run.

    Those who wait get room in the order in which they came. A unit gives its share back however it ends, so a unit that
    waits for a silent broker keeps it for the transaction timeout at most.
    """

    def __init__(self, max_bytes: int) -> None:
        self._max_bytes, self._held = max_bytes, 0
        self._turn, self._freed = asyncio.Lock(), asyncio.Event()

    async def room(self) -> None:
        """Wait until there is room; it is the caller's until its next await."""
        async with self._turn:
            while self._held >= self._max_bytes:
                self._freed.clear()
                await self._freed.wait()

    def take(self, size: int) -> Callable[[], None]:
        """Hold ``size`` bytes; return what gives them back."""
        self._held += size

        def give_back() -> None:
            self._held -= size
            self._freed.set()

        return give_back
