"""What one broker tells of all brokers, and of topics with what our user may do there: asked once, for whoever asks."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from typing import Any

from commands.terminal.wire import AllowedRequest

Send = Callable[[Any], Awaitable[Any]]
"""A request of aiokafka's to one broker, whose answer it gives."""


class Metadata:
    """Of the broker that `send` asks."""

    def __init__(self, send: Send, topics: Iterable[str]) -> None:
        self.send, self._topics = send, list(topics)
        self._asking = asyncio.Lock()
        self._answer: Any = None

    async def answer(self) -> Any:
        """KafkaError: the broker does not give one."""
        async with self._asking:
            if self._answer is None:
                self._answer = await self.send(AllowedRequest(self._topics))
            return self._answer
