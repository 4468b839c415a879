"""Processing of raw records that no worker has processed when everything stands still, as a worker would have done it.

There are none if ingress and workers were stopped in order. But an ingress that was cut off may have stored something
last. It chose the partition by the old rules, while the row belongs where the new rules put it.
"""

from collections.abc import Mapping

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition

from bridge.kafka.reading import bounds, read_range
from bridge.settings import Settings
from commands.terminal.sending import send
from commands.topics.migration.rebuild import Rebuild
from commands.topics.migration.writing import position_write


async def process_late(
    settings: Settings,
    consumer: AIOKafkaConsumer,
    producer: AIOKafkaProducer,
    rebuild: Rebuild,
    positions: Mapping[int, int],
) -> dict[int, int]:
    """Process raw from `positions`, by partition, to its end; return the positions after that.

    Each transaction has outputs, rows and the position, so a run after a crash finds them processed.
    """
    topics = settings.topics
    starts = {TopicPartition(topics.raw, partition): offset for partition, offset in positions.items()}
    _, ends = await bounds(consumer, list(starts))
    async for records in read_range(consumer, starts, ends):
        last = records[-1]
        position = position_write(topics.dedupe_changelog, last.partition, last.offset + 1, last.timestamp)
        async with producer.transaction():
            await send(producer, [*rebuild.take_late(records), position])
            offsets = {TopicPartition(topics.raw, last.partition): last.offset + 1}
            await producer.send_offsets_to_transaction(offsets, settings.group_id)
    return {partition.partition: end for partition, end in ends.items()}
