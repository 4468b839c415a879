"""A check of all that a migration reads, before it is announced, so that it does not end half way.

`counts`: how many partitions each topic has. The rules in force may have fewer.
"""

from collections.abc import Mapping

from aiokafka import ConsumerRecord, TopicPartition

from bridge.kafka.reading import bounds, read_range, reader
from bridge.refusals import MigrationRefused
from bridge.settings import Settings
from commands.terminal.damage import AroundDamage
from commands.terminal.progress import OnProgress
from commands.topics.migration.before import failed_place, processed_place
from commands.topics.migration.plan import all_of
from commands.topics.migration.rebuild import Place
from processors.engine.unit import RECORD_OVERHEAD


def concerned(settings: Settings, counts: Mapping[str, int]) -> list[TopicPartition]:
    """The partitions that a migration reads, and those of orders, all of which it takes for folded.

    The order matters: quarantine tells which raw records were put aside, then the changelog tells which of these were
    processed after all.
    """
    topics = settings.topics
    first = topics.quarantine, topics.dedupe_changelog
    read = (*first, topics.raw, topics.orders, topics.orders_changelog, topics.conflicts)
    return [each for topic in read for each in all_of(topic, counts)]


async def all_can_be_processed(settings: Settings, counts: Mapping[str, int], on_read: OnProgress) -> None:
    """Return if no batch that a migration reads is damaged, and topics still take all raw records not put aside.

    MigrationRefused: a batch is damaged, or a record is too large.
    """
    topics, aside = settings.topics, set[Place | None]()
    raw = topics.raw.encode()
    async with reader(settings) as client:
        consumer = AroundDamage(client)
        # The records of orders are not needed. One partition at a time: aiokafka would keep what it fetched of the
        # others in memory.
        read = [each for each in concerned(settings, counts) if each.topic != topics.orders]
        starts, ends = await bounds(consumer, read)
        for each, start in starts.items():
            async for records in read_range(consumer, {each: start}, {each: ends[each]}):
                on_read(len(records))
                for record in records:
                    if each.topic == topics.quarantine:
                        aside.add(failed_place(record, raw))
                    elif each.topic == topics.dedupe_changelog:
                        aside.discard(processed_place(record))
                    elif each.topic == topics.raw and (record.partition, record.offset) not in aside:
                        _require_room(settings, record)
            if consumer.damage:
                first = consumer.damage[0]
                raise MigrationRefused(f"{first}: {first.remedy}.")


def _require_room(settings: Settings, record: ConsumerRecord) -> None:
    size = len(record.value or b"")
    if size > settings.max_message_bytes - RECORD_OVERHEAD:
        raise MigrationRefused(
            f"{record.topic}/{record.partition}@{record.offset} has {size} bytes, more than topics take by"
            f" BRIDGE_INGRESS_MAX_BODY_BYTES={settings.ingress_max_body_bytes}: what it says would be forgotten. Set"
            f" {size} or more, for as long as raw has it; nothing was announced."
        )
