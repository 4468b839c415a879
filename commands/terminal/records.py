"""One record by its position."""

from typing import Final, NamedTuple

from aiokafka import AIOKafkaConsumer, TopicPartition

from bridge.kafka.reading import Record, Source, bounds, read_range, reader
from bridge.settings import Settings
from bridge.topics.spec import TopicSpec
from commands.terminal.damage import AroundDamage, Unreadable
from commands.terminal.running import require_topics

_FETCH_BYTES: Final = 64 << 10
"""Records behind it are not needed; a larger record comes whole anyway."""


class Nothing(NamedTuple):
    """There is no record at a place, because `why`."""

    why: str


async def find_record(settings: Settings, spec: TopicSpec, place: Source) -> Record | Nothing:
    """The record at a place of a topic; exits 2 unless all topics exist. Unreadable: it is in a damaged batch.
    KafkaError: no answer."""
    await require_topics(settings)
    if (nothing := no_partition(spec, place)) is not None:  # before a consumer starts: an unused one cannot be stopped
        return nothing
    async with reader(settings, _FETCH_BYTES) as consumer:
        return await record_at(consumer, spec.name, place)


def no_partition(spec: TopicSpec, place: Source) -> Nothing | None:
    """Why there is nothing if the topic lacks the partition, whose end no broker would tell; None: it has it."""
    if 0 <= place.partition < spec.partitions:
        return None
    return Nothing(f"{spec.name} has {spec.partitions} partitions, the last one is {spec.partitions - 1}")


async def record_at(consumer: AIOKafkaConsumer, topic: str, place: Source) -> Record | Nothing:
    """The same with a given consumer, for a partition that exists."""
    partition, around = TopicPartition(topic, place.partition), AroundDamage(consumer)
    begins, ends = await bounds(consumer, [partition])
    begin, end = begins[partition], ends[partition]
    if begin == end:
        return Nothing(f"partition {place.partition} of {topic} has no records{_deleted(begin)}")
    if place.offset < begin:
        return Nothing(f"retention has deleted it: partition {place.partition} of {topic} begins at {begin}")
    if place.offset >= end:
        return Nothing(f"partition {place.partition} of {topic} ends at {end}, as far as it is committed")
    async for records in read_range(around, {partition: place.offset}, {partition: place.offset + 1}):
        for record in records:
            found: Record = record
            return found
    if around.damage:
        raise Unreadable(around.damage[0])
    return Nothing("there is a mark of a transaction, an aborted record, or one that compaction has removed")


def _deleted(begin: int) -> str:
    return f" any more: retention has deleted all before {begin}" if begin else ""
