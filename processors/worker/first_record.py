"""Asks Kafka in the background when the first record of raw was received."""

import asyncio
from collections.abc import Iterable
from typing import Final, NoReturn

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.errors import KafkaError

from bridge.ending import raise_if_cancelled
from bridge.kafka.reading import partitions, reader
from bridge.kafka.words import in_words
from bridge.log import get_logger
from bridge.settings import Settings

log = get_logger(__name__)

_PAUSE_S: Final = 1.0
_LONGEST_PAUSE_S: Final = 10.0
"""While raw is empty, and after failures."""


class FirstRecord:
    """Answers `processors.orders.beginning`. It asks Kafka from the first question on, until raw has a record."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._received_ms: int | None = None
        self._asked = asyncio.Event()

    def first_received(self) -> int | None:
        """See `processors.orders.beginning.FirstRecord`."""
        if not self._received_ms:
            self._asked.set()
        return self._received_ms

    async def run(self) -> NoReturn:
        """Ask until cancelled, while somebody wants to know. After a failure it asks again later."""
        pause = _PAUSE_S
        while True:
            await self._asked.wait()
            self._asked.clear()
            try:
                self._received_ms = await self._ask()
            except (KafkaError, OSError) as error:
                log.warning("it is not known since when raw has records", error=in_words(error, self._settings))
                self._asked.set()
            except Exception:
                log.exception("it is not known since when raw has records")
                self._asked.set()
            raise_if_cancelled()
            await asyncio.sleep(pause)
            pause = min(2 * pause, _LONGEST_PAUSE_S)

    async def _ask(self) -> int:
        async with reader(self._settings) as consumer:
            return await first_received(consumer, partitions(self._settings, [self._settings.topics.raw]))


async def first_received(consumer: AIOKafkaConsumer, raw: Iterable[TopicPartition]) -> int:
    """When the earliest first record of these partitions was received (ms since 1970); 0: there is none. KafkaError:
    Kafka does not say."""
    found = await consumer.offsets_for_times(dict.fromkeys(raw, 0))
    return min((each.timestamp for each in found.values() if each is not None), default=0)
