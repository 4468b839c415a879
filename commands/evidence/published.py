"""Which kept records were published again. Only raw tells: nothing else knows how far a killed run came."""

from collections.abc import Collection
from dataclasses import dataclass, field

from aiokafka import AIOKafkaConsumer, TopicPartition

from bridge.kafka.reading import Offsets, Source, at_time, bounds, read_range, reader
from bridge.settings import Settings
from commands.evidence.reading import unheard
from commands.terminal.progress import OnProgress


class Published:
    """The places that `header` names in raw, read from `starts` on."""

    def __init__(self, header: str, starts: Offsets) -> None:
        self.places: set[Source] = set()
        self._header, self._next = header, starts

    async def read_up_to(self, ends: Offsets, consumer: AIOKafkaConsumer, on_read: OnProgress) -> None:
        """Read on to these ends. An end behind an open transaction is reached only after that transaction has ended."""
        async for records in read_range(consumer, self._next, ends):
            on_read(len(records))
            for record in records:
                for name, value in record.headers:
                    if name == self._header:
                        self._note(value or b"")
        self._next = ends

    async def complete(self, settings: Settings, consumer: AIOKafkaConsumer) -> None:
        """Read all that is in raw now, even behind open transactions."""
        await self.read_up_to(await _written(settings, list(self._next)), consumer, unheard)

    def _note(self, value: bytes) -> None:
        try:
            self.places.add(Source.parse(value))
        except ValueError:
            return  # no command has written this


@dataclass(slots=True)
class Search:
    """Where to look for copies of kept records: in `homes`, partitions of raw, from `since_ms` on, the time of the
    oldest record."""

    homes: set[TopicPartition] = field(default_factory=set)
    since_ms: int = 0

    def add(self, homes: Collection[TopicPartition], kept_at_ms: int) -> None:
        """Add a kept record by its time (ms) and the partitions that may have its copy; none: it has no copy."""
        if homes:
            self.since_ms = min(self.since_ms, kept_at_ms) if self.homes else kept_at_ms
            self.homes.update(homes)

    async def published(self, consumer: AIOKafkaConsumer, header: str, on_read: OnProgress) -> Published:
        """The copies that are in raw now, except those that an open transaction hides."""
        starts, ends = await bounds(consumer, list(self.homes))
        published = Published(header, await at_time(consumer, self.since_ms, starts, ends))
        await published.read_up_to(ends, consumer, on_read)
        return published


async def _written(settings: Settings, partitions: list[TopicPartition]) -> Offsets:
    """The ends of these partitions, records of open transactions included."""
    async with reader(settings, committed=False) as consumer:
        return dict(await consumer.end_offsets(partitions))
