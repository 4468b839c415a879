"""Records as they are committed, from a moment on."""

from collections.abc import AsyncGenerator, Sequence
from heapq import merge
from typing import Final

from aiokafka import AIOKafkaConsumer, TopicPartition

from bridge.kafka.reading import Offsets, Record, SilentRead, at_time, bounds

_WAIT_MS: Final = 200
_BATCH: Final = 500
"""Records that are in hand at a time; besides, the client holds what it has fetched of each partition."""
FETCH_BYTES: Final = 1 << 20
"""Of each partition at once."""


async def beginnings(
    consumer: AIOKafkaConsumer, of: Sequence[TopicPartition], since_ms: int | None
) -> tuple[Offsets, Offsets]:
    """Where the records of that time (ms) and later begin, None: those to come; and the present ends."""
    starts, ends = await bounds(consumer, [*of])
    if since_ms is None:
        return ends, ends
    return await at_time(consumer, since_ms, starts, ends), ends


async def follow(
    consumer: AIOKafkaConsumer, starts: Offsets, ends: Offsets | None
) -> AsyncGenerator[Sequence[Record], None]:
    """Records from `starts` on in batches: each partition's in their order, those of several in a batch by time.

    Up to `ends`, None: until nobody wants more. KafkaError: they cannot be read; with `ends` also where some leader has
    said nothing for long, while without them nothing may be all that there is.
    """
    if ends is not None and all(starts[partition] >= end for partition, end in ends.items()):
        return
    consumer.assign([*starts])
    for partition, start in starts.items():
        consumer.seek(partition, start)
    silence = SilentRead()
    while True:
        batches = await consumer.getmany(timeout_ms=_WAIT_MS, max_records=_BATCH)
        wanted: list[list[Record]] = [
            [record for record in batch if ends is None or record.offset < ends[partition]]
            for partition, batch in batches.items()
        ]
        if any(wanted):
            yield [*merge(*wanted, key=lambda record: record.timestamp)]
        if ends is not None:
            left = {p: position for p, end in ends.items() if (position := await consumer.position(p)) < end}
            if not left:
                return
            await silence.check(consumer, left)
