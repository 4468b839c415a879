"""Records from a time on, as they are committed."""

from collections.abc import AsyncGenerator, Sequence
from heapq import merge
from typing import Final

from aiokafka import AIOKafkaConsumer, TopicPartition

from bridge.kafka.reading import Offsets, Record, SilentRead, at_time, bounds
from bridge.refusals import Refusal

_WAIT_MS: Final = 200
_BATCH: Final = 500
"""Records in memory at a time, besides those that the client has fetched of each partition."""
FETCH_BYTES: Final = 1 << 20
"""Bytes of each partition in one fetch."""


class PartitionsAdded(Refusal):
    """The topic has partitions that did not exist when reading began. They may have any order or event by now."""

    def __init__(self, topic: str, before: int, now: int) -> None:
        super().__init__(
            f"{topic} has {now} partitions now, not {before}, and nothing of the new ones was shown: begin again with"
            f" BRIDGE_PARTITIONS={now}, and `--since` for what was missed"
        )


async def beginnings(
    consumer: AIOKafkaConsumer, of: Sequence[TopicPartition], since_ms: int | None
) -> tuple[Offsets, Offsets]:
    """Where records of that time (ms) and later begin, None: only new ones; and the present ends."""
    starts, ends = await bounds(consumer, [*of])
    if since_ms is None:
        return ends, ends
    return await at_time(consumer, since_ms, starts, ends), ends


async def follow(
    consumer: AIOKafkaConsumer, starts: Offsets, ends: Offsets | None, count: int
) -> AsyncGenerator[Sequence[Record], None]:
    """Batches of records from `starts` on, ordered within each partition, and by time within a batch. `count`: how many
    partitions the topic has.

    It ends at `ends`; None: it never ends by itself. KafkaError: records cannot be read. With `ends` also: some leader
    was silent for long; without them, silence may only mean that there are no records. PartitionsAdded, only without
    them: the topic has more than `count`, which aiokafka notices within five minutes.
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
        else:
            _require_no_more(consumer, next(iter(starts)).topic, count)


def _require_no_more(consumer: AIOKafkaConsumer, topic: str, count: int) -> None:
    known = len(consumer.partitions_for_topic(topic) or ())
    if known > count:
        raise PartitionsAdded(topic, count, known)
