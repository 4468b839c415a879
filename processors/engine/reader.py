"""A consumer that belongs to no group, for what a lane reads while it is opened."""

from collections.abc import AsyncIterator, Collection
from contextlib import asynccontextmanager

from aiokafka import AIOKafkaConsumer
from aiokafka.structs import TopicPartition

from processors.engine.options import EngineOptions


@asynccontextmanager
async def reading(
    options: EngineOptions, partitions: Collection[TopicPartition], isolation_level: str
) -> AsyncIterator[AIOKafkaConsumer]:
    """Assigned these partitions; each has to be given its offset. KafkaError: Kafka cannot be asked."""
    reader = AIOKafkaConsumer(
        **options.client,
        group_id=None,
        enable_auto_commit=False,
        isolation_level=isolation_level,
        auto_offset_reset="none",
        max_partition_fetch_bytes=options.chunk_bytes,
        check_crcs=True,
    )
    await reader.start()
    try:
        reader.assign(list(partitions))
        yield reader
    finally:
        await reader.stop()
