"""Raw records that no worker has processed when everything stands still: processed here, as a worker would have.

There are none if ingress and workers were stopped in order. But an ingress that was cut off may have stored something
last, in the partition where the old rules want it, while its row belongs where the new ones do.
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
    """Process raw from `positions`, by partition, to its end; returns the positions after that.

    Outputs, rows and position are one transaction each time, so a new beginning finds them processed.
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
