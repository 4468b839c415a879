"""Asking a worker to erase orders, one after the other: each is done once it says so."""

import asyncio
from collections.abc import AsyncIterator, Iterable
from typing import Final

from bridge.settings import Settings
from commands.terminal.worker import ask, order_path

_TRIES: Final = 20
_PAUSE_S: Final = 1.0
"""Between two: an owner that is away comes back, or another one has its partitions, within a session."""


async def erase(settings: Settings, order_ids: Iterable[str]) -> AsyncIterator[str]:
    """Yields the id of each order that is erased by then. NoAnswer: one is not known to be; those before it are, and to
    erase one again is no harm."""
    for order_id in order_ids:
        path = order_path(order_id, "/erase")
        for _ in range(_TRIES - 1):
            if (await ask(settings, path, body={}, expected=(200, 503))).status == 200:
                break
            await asyncio.sleep(_PAUSE_S)
        else:
            await ask(settings, path, body={}, away=f"Order {order_id} is not known to be erased")
        yield order_id
