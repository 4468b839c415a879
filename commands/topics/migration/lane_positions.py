"""How far the lanes of raw have processed it, according to their own changelog.

Kafka forgets the group's offsets after a week without a worker. If no service can start any more, none can commit them
again.
"""

from collections.abc import Mapping
from contextlib import aclosing

from aiokafka import AIOKafkaConsumer, TopicPartition

from bridge.kafka.reading import Offsets, bounds, read_range
from bridge.settings import Settings
from commands.topics.migration.plan import all_of
from processors.engine.continuity import Last
from processors.engine.position import Position
from processors.engine.store import POSITION


async def processed_by_lanes(
    settings: Settings, consumer: AIOKafkaConsumer, counts: Mapping[str, int], starts: Offsets, ends: Offsets
) -> Offsets:
    """Return for each partition of raw the offset up to which its lane has processed it.

    A partition is left out if raw, which now lies between these offsets, is not the log that the lane read. KafkaError:
    the broker cannot be asked.
    """
    found = Offsets()
    for partition, position in (await _positions(settings, consumer, counts)).items():
        start, end = starts.get(partition, 0), ends.get(partition, 0)
        last = position.last_within(start, end)
        if last is None:  # no record to compare: if this is another log, its records were never processed
            is_known = position.next <= start
        else:
            is_known = position.next <= end and await _is_there(consumer, partition, last, end)
        if is_known:
            found[partition] = position.next
    return found


async def _positions(
    settings: Settings, consumer: AIOKafkaConsumer, counts: Mapping[str, int]
) -> dict[TopicPartition, Position]:
    found = dict[TopicPartition, Position]()
    starts, ends = await bounds(consumer, all_of(settings.topics.dedupe_changelog, counts))
    async for records in read_range(consumer, starts, ends):
        for record in records:
            if record.key == POSITION:
                found[TopicPartition(settings.topics.raw, record.partition)] = Position.decode(record.value)
    return found


async def _is_there(consumer: AIOKafkaConsumer, partition: TopicPartition, last: Last, end: int) -> bool:
    """Whether `last` is the first record from its offset on. A raw that was made anew has another record there."""
    async with aclosing(read_range(consumer, {partition: last.offset}, {partition: end})) as batches:
        records = await anext(batches, None)
    return records is not None and Last(records[0].offset, records[0].timestamp) == last
