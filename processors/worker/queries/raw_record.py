"""Reading the body of one raw record again, for somebody who wants to see it."""

import asyncio
from typing import Final

from aiokafka import TopicPartition
from aiokafka.errors import KafkaError

from bridge.kafka.reading import Source, bounds, read_range, reader
from bridge.settings import Settings
from processors.worker.queries.owners import AwayError
from processors.worker.queries.peers import WITHIN_S

_AT_ONCE: Final = 2
"""Each is a connection to Kafka, and has a body in memory."""
_FETCH_BYTES: Final = 64 << 10
"""What lies behind it is not wanted; a record that is larger comes whole."""


class RawRecords:
    """Reads bodies by where they lie. People look at a few: a consumer is made for each."""

    def __init__(self, settings: Settings) -> None:
        self._settings, self._turn = settings, asyncio.Semaphore(_AT_ONCE)

    async def body(self, source: Source) -> bytes | None:
        """The body; None: raw does not have it any more. AwayError: Kafka does not give it."""
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
