"""Which kept records were published again: raw itself is asked, for nothing else knows what became of a killed run."""

from collections.abc import Collection
from dataclasses import dataclass, field

from aiokafka import AIOKafkaConsumer, TopicPartition

from bridge.kafka.reading import Offsets, Source, at_time, bounds, read_range, reader
from bridge.settings import Settings
from commands.evidence.reading import unheard
from commands.terminal.progress import OnProgress


class Published:
    """Places named by `header` in raw, as far as it was read: from `starts` on."""

    def __init__(self, header: str, starts: Offsets) -> None:
        self.places: set[Source] = set()
        self._header, self._next = header, starts

    async def read_up_to(self, ends: Offsets, consumer: AIOKafkaConsumer, on_read: OnProgress) -> None:
        """Read on. Where a transaction is open before an end, that is only reached once the transaction has ended."""
        async for records in read_range(consumer, self._next, ends):
            on_read(len(records))
            for record in records:
                for name, value in record.headers:
                    if name == self._header:
                        self._note(value or b"")
        self._next = ends

    async def complete(self, settings: Settings, consumer: AIOKafkaConsumer) -> None:
        """Read all that is in raw now, also what lies behind somebody's open transaction."""
        await self.read_up_to(await _written(settings, list(self._next)), consumer, unheard)

    def _note(self, value: bytes) -> None:
        try:
            self.places.add(Source.parse(value))
        except ValueError:
            return  # no command has written that


@dataclass(slots=True)
class Search:
    """Where copies of some kept records can be: `homes` are partitions of raw, `since_ms` is the oldest one's time."""

    homes: set[TopicPartition] = field(default_factory=set)
    since_ms: int = 0

    def add(self, homes: Collection[TopicPartition], kept_at_ms: int) -> None:
        """Enter a kept record of that time (ms), whose copy is or would be in one of these partitions; none: it has
        none."""
        if homes:
            self.since_ms = min(self.since_ms, kept_at_ms) if self.homes else kept_at_ms
            self.homes.update(homes)

    async def published(self, consumer: AIOKafkaConsumer, header: str, on_read: OnProgress) -> Published:
        """The copies that are in raw now, as far as nobody's open transaction hides them."""
        starts, ends = await bounds(consumer, list(self.homes))
        published = Published(header, await at_time(consumer, self.since_ms, starts, ends))
        await published.read_up_to(ends, consumer, on_read)
        return published


async def _written(settings: Settings, partitions: list[TopicPartition]) -> Offsets:
    """The ends of these partitions, open transactions included."""
    async with reader(settings, committed=False) as consumer:
        return dict(await consumer.end_offsets(partitions))
