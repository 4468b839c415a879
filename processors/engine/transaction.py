"""One Kafka transaction: batches of records, and the group's offset with them."""

import asyncio
from collections.abc import Awaitable, Iterable, Mapping, Sequence
from typing import Any, NamedTuple, Self

from aiokafka import AIOKafkaProducer
from aiokafka.producer.message_accumulator import BatchBuilder
from aiokafka.structs import OffsetAndMetadata, TopicPartition

from processors.engine.crash import crash_point
from processors.engine.overrides.producer import add_partitions


def transactional_id(group_id: str, topic: str, partition: int) -> str:
    """Id of the producer of a source partition's lane: whoever starts one fences the lane's previous owner."""
    return f"{group_id}-{topic}-{partition}"


class GroupOffsets(NamedTuple):
    """Source offsets that a consumer group goes on from."""

    offsets: Mapping[TopicPartition, OffsetAndMetadata]
    group_id: str

    @classmethod
    def of(cls, group_id: str, tp: tuple[str, int], offset: int, mark: str) -> Self:
        """The offset of one partition; ``mark`` stands beside it."""
        return cls({TopicPartition(*tp): OffsetAndMetadata(offset, mark)}, group_id)


async def transact(
    producer: AIOKafkaProducer,
    batches: Mapping[tuple[str, int], Sequence[BatchBuilder]],
    offsets: GroupOffsets | None = None,
    crash: str = "before-commit",
) -> dict[tuple[str, int], int]:
    """Commit ``batches``, by topic and partition, with ``offsets``; return the last offset written to each partition.

    Any exception: only the next fence knows what became of the transaction. ``crash`` names the point before the
    commit.
    """
    await producer.begin_transaction()
    add_partitions(producer, list(batches))
    work: list[Awaitable[Any]] = [_send(producer, *tp, each) for tp, each in batches.items()]
    if offsets is not None:
        work.append(producer.send_offsets_to_transaction(*offsets))
    lasts = await _all(*work)  # commit_transaction() does not notice a failed batch, so every send is awaited here
    crash_point(crash)
    await producer.commit_transaction()
    return dict(zip(batches, lasts, strict=False))


async def _send(producer: AIOKafkaProducer, topic: str, partition: int, batches: Iterable[BatchBuilder]) -> int:
    """Send the batches in order; returns the last record's offset."""
    futures, records = [], 0
    for batch in batches:
        batch.close()
        records = batch.record_count()
        futures.append(await producer.send_batch(batch, topic, partition=partition))
    *_, last = await _all(*futures)
    return int(last.offset) + records - 1  # the answer has the batch's first offset


async def _all(*work: Awaitable[Any]) -> list[Any]:
    """As ``gather``, but wait for all of them, leave no exception unseen, and raise the one that came first: others may
    only say that the transaction had failed by then."""
    failed: list[BaseException] = []

    def told(each: asyncio.Future[Any]) -> None:
        error = asyncio.CancelledError() if each.cancelled() else each.exception()
        if error is not None:
            failed.append(error)

    tasks = list(map(asyncio.ensure_future, work))
    for task in tasks:
        task.add_done_callback(told)
    results = await asyncio.gather(*tasks, return_exceptions=True)
    if failed:
        raise failed[0]
    return results
