"""A consumer that belongs to no group, for what a lane reads while it is opened."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from aiokafka import AIOKafkaConsumer

from processors.engine.options import EngineOptions
from processors.engine.overrides.connections import ask_first

_FETCH_BYTES = 1 << 20
"""Of one partition, compressed. Several lanes recover side by side, and what they unpack is a multiple of this."""
_METADATA_S = 2.0
"""A broker that is cut off from its peers names old leaders; the next one asked may know better."""


@asynccontextmanager
async def reading(options: EngineOptions) -> AsyncIterator[AIOKafkaConsumer]:
    """A started consumer, assigned nothing yet. KafkaError: Kafka cannot be asked."""
    reader = AIOKafkaConsumer(
        **options.client,
        group_id=None,
        enable_auto_commit=False,
        isolation_level="read_committed",
        auto_offset_reset="none",
        max_partition_fetch_bytes=min(options.chunk_bytes, _FETCH_BYTES),
        metadata_max_age_ms=int(_METADATA_S * 1000),
        check_crcs=True,
    )
    ask_first(reader, options.client["bootstrap_servers"])
    try:
        await reader.start()
        await asyncio.sleep(0)  # lets its tasks begin: stop would raise the cancellation of one that has not
        yield reader
    finally:
        await reader.stop()
