"""What one broker tells of all brokers, and of topics with what our user may do there: asked once, for whoever asks."""

import asyncio
from collections.abc import Iterable
from typing import Any

from aiokafka.conn import AIOKafkaConnection

from commands.doctor.wire import AllowedRequest


class Metadata:
    """Of the broker behind `connection`."""

    def __init__(self, connection: AIOKafkaConnection, topics: Iterable[str]) -> None:
        self.connection, self._topics = connection, list(topics)
        self._asking = asyncio.Lock()
        self._answer: Any = None

    async def answer(self) -> Any:
        """KafkaError: the broker does not give one."""
        async with self._asking:
            if self._answer is None:
                self._answer = await self.connection.send(AllowedRequest(self._topics))
            return self._answer
