"""Reads the body of one raw record again, for somebody who wants to see it."""

import asyncio
from typing import Final

from aiokafka import TopicPartition
from aiokafka.errors import KafkaError

from bridge.kafka.reading import Source, bounds, read_range, reader
from bridge.settings import Settings
from processors.worker.queries.owners import AwayError
from processors.worker.queries.peers import WITHIN_S

_AT_ONCE: Final = 2
"""Each read is a connection to Kafka, and has a body in memory."""
_FETCH_BYTES: Final = 64 << 10
"""Little, as the records behind the wanted one are not needed; a larger record still comes whole."""


class RawRecords:
    """Reads bodies by source. A consumer is made for each: people look at only a few."""

    def __init__(self, settings: Settings) -> None:
        self._settings, self._turn = settings, asyncio.Semaphore(_AT_ONCE)

    async def body(self, source: Source) -> bytes | None:
        """The body; None: raw does not have it. AwayError: Kafka does not give it, or not in time."""
        try:
            async with asyncio.timeout(WITHIN_S), self._turn:
                return await self._read(source)
        except TimeoutError:
            raise AwayError(f"Kafka did not give raw record {source} within {WITHIN_S:g} s") from None
        except (KafkaError, OSError) as error:
            raise AwayError(f"Kafka does not give raw record {source} ({type(error).__name__})") from error

    async def _read(self, source: Source) -> bytes | None:
        tp = TopicPartition(self._settings.topics.raw, source.partition)
        async with reader(self._settings, _FETCH_BYTES) as consumer:
            begins, ends = await bounds(consumer, [tp])
            if not begins[tp] <= source.offset < ends[tp]:
                return None
            async for records in read_range(consumer, {tp: source.offset}, {tp: source.offset + 1}):
                for record in records:
                    if record.offset == source.offset:
                        body: bytes | None = record.value
                        return body
        return None
