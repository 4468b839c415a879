"""A search of raw for events of given names. It reads raw where such events can lie, as nothing else tells."""

from collections.abc import Collection
from contextlib import aclosing

from aiokafka import AIOKafkaConsumer, TopicPartition

from bridge.kafka.partitioner import partition_for
from bridge.kafka.reading import Offsets, Source, bounds, read_range
from commands.topics.migration.plan import Progress


class NameSearch:
    """Looks for events of `names`. Raw is partitioned by event name: a name has one partition, and one more for each
    other partition count that there has been."""

    def __init__(self, consumer: AIOKafkaConsumer, raw: str, names: Collection[str], counts: Collection[int]) -> None:
        self._consumer, self._names = consumer, {name.encode(): name for name in names}
        self._partitions = sorted(
            {TopicPartition(raw, partition_for(n, count)) for n in self._names for count in counts}
        )
        self._next: Offsets = {}
        self.found: dict[str, Source] = {}
        """The first event of each name, in what was read of raw."""

    async def read_on(self, step: str, progress: Progress) -> None:
        """Read what is there now and was not read before; stop early once every name was found.

        KafkaError: the broker cannot be asked.
        """
        starts, ends = await bounds(self._consumer, self._partitions)
        starts = {partition: max(start, self._next.get(partition, 0)) for partition, start in starts.items()}
        progress.begin(step, sum(ends.values()) - sum(starts.values()))
        async with aclosing(read_range(self._consumer, starts, ends)) as batches:
            async for records in batches:
                for record in records:
                    if record.key in self._names:
                        self.found.setdefault(self._names[record.key], Source(record.partition, record.offset))
                progress.advance(len(records))
                if len(self.found) == len(self._names):
                    return
        self._next = ends
