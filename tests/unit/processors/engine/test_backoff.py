"""How soon a transaction's requests are sent again."""

import asyncio
from types import SimpleNamespace
from typing import Any

from processors.engine.overrides.producer import with_growing_backoff


async def test_they_are_soon_at_first_and_rarer_the_longer_a_transaction_takes() -> None:
    producer: Any = SimpleNamespace(_sender=SimpleNamespace(_retry_backoff=0.02))
    seen: list[float] = []

    async def transaction() -> str:
        while not seen or seen[-1] < 0.03:
            if not seen or producer._sender._retry_backoff != seen[-1]:
                seen.append(producer._sender._retry_backoff)
            await asyncio.sleep(0.001)
        return "committed"

    assert await with_growing_backoff(producer, transaction()) == "committed"
    assert seen == [0.004, 0.008, 0.016, 0.032]
    assert producer._sender._retry_backoff == 0.02
