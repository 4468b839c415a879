"""Reading topics from their low watermark to their end, without joining a group."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Iterable, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import Any, Final, NamedTuple, Protocol

from aiokafka import AIOKafkaConsumer, ConsumerRecord, TopicPartition

from bridge.kafka.client import client_options
from bridge.settings import Settings


class Record(Protocol):
    """A consumed record, as aiokafka gives it; `timestamp` in milliseconds."""

    topic: str
    partition: int
    offset: int
    timestamp: int
    key: bytes | None
    value: bytes | None
    headers: Sequence[tuple[str, bytes]]


class Source(NamedTuple):
    """Where a raw record lies."""

    partition: int
    offset: int

    def __str__(self) -> str:
        return f"{self.partition}:{self.offset}"

    @classmethod
    def parse(cls, text: bytes) -> "Source":
        """From a `bridge_source` header. ValueError: it is none."""
        partition, _, offset = text.partition(b":")
        return cls(int(partition), int(offset))


Offsets = dict[TopicPartition, int]
"""An offset for each of some partitions."""

_FETCH_WAIT_MS: Final = 50
_BACKOFF_MS: Final = 10
"""aiokafka waits this long for every topic that it has not asked about before; its default is 100."""

_BATCH: Final = 2000
_SILENCE_S: Final = 20.0
"""If no position moves for this long, ask whether Kafka is still there."""


@asynccontextmanager
async def reader(
    settings: Settings, fetch_bytes: int | None = None, *, committed: bool = True
) -> AsyncIterator[AIOKafkaConsumer]:
    """A consumer for `read_range`. Only ask it about topics that exist.

    `fetch_bytes`: most bytes of one partition at once, unless a single record is larger; the default suits reading all
    of it. `committed`: read up to the first open transaction, without aborted ones; else all that there is.
    """
    consumer = AIOKafkaConsumer(
        isolation_level="read_committed" if committed else "read_uncommitted",
        enable_auto_commit=False,
        auto_offset_reset="none",
        fetch_max_wait_ms=_FETCH_WAIT_MS,
        request_timeout_ms=10_000,
        retry_backoff_ms=_BACKOFF_MS,
        max_partition_fetch_bytes=fetch_bytes or settings.max_message_bytes,
        **client_options(settings),
    )
    try:
        await consumer.start()
        yield consumer
    finally:
        await consumer.stop()


def partitions(settings: Settings, topics: Iterable[str]) -> list[TopicPartition]:
    """All partitions of these topics."""
    return [TopicPartition(topic, number) for topic in topics for number in range(settings.partitions)]


async def bounds(consumer: AIOKafkaConsumer, of: list[TopicPartition]) -> tuple[Offsets, Offsets]:
    """The low watermark and the end of each of these partitions."""
    return await consumer.beginning_offsets(of), await consumer.end_offsets(of)


async def at_time(consumer: AIOKafkaConsumer, time_ms: int, starts: Offsets, ends: Offsets) -> Offsets:
    """The offset of each partition's first record of that time (ms) or later; its end if there is none yet."""
    found = await consumer.offsets_for_times(dict.fromkeys(starts, max(time_ms, 0)))
    return {p: ends[p] if found[p] is None else max(start, found[p].offset) for p, start in starts.items()}


class SilentRead:
    """Tells a slow Kafka from one that has gone away, for which a consumer by itself waits for ever."""

    def __init__(self) -> None:
        self._clock = asyncio.get_running_loop().time
        self._left: Offsets | None = None
        self._moved_at = 0.0

    async def check(self, consumer: AIOKafkaConsumer, left: Offsets) -> None:
        """`left`: the positions of partitions that are still to be read. KafkaTimeoutError: none of them has moved for
        long, and some leader does not answer."""
        if left != self._left:
            self._left, self._moved_at = left, self._clock()
        elif left and self._clock() - self._moved_at > _SILENCE_S:
            await consumer.end_offsets([*left])
            self._moved_at = self._clock()


async def read_range(
    consumer: AIOKafkaConsumer, starts: Offsets, ends: Offsets
) -> AsyncGenerator[Sequence[ConsumerRecord], None]:
    """The records from `starts` up to `ends` (exclusive) in batches of one partition, each in offset order.

    A partition is read to its end when the *position* is there: the last offsets may be transaction markers.
    KafkaTimeoutError: Kafka has gone away meanwhile; a consumer by itself would wait for ever.
    """
    left = {partition: starts[partition] for partition, end in ends.items() if starts[partition] < end}
    if not left:
        return  # stopped right after an assignment, aiokafka 0.14.0 swallows the stop and never ends
    consumer.assign([*left])
    for partition, start in left.items():
        consumer.seek(partition, start)
    silence = SilentRead()
    while left:
        batches: Mapping[Any, list[ConsumerRecord]] = await consumer.getmany(
            *left, timeout_ms=_FETCH_WAIT_MS, max_records=_BATCH
        )
        for partition, records in batches.items():
            if inside := [record for record in records if record.offset < ends[partition]]:
                yield inside
        left = {p: position for p in left if (position := await consumer.position(p)) < ends[p]}
        await silence.check(consumer, left)
