"""How far the workers have come, and waiting until they have processed what is there now."""

import asyncio
from collections.abc import Sequence
from contextlib import aclosing
from typing import Final

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.errors import KafkaError

from bridge.kafka.admin import admin_client
from bridge.kafka.reading import Offsets, read_range
from bridge.settings import Settings

_POLL_S: Final = 0.2


async def processed_up_to(
    settings: Settings, consumer: AIOKafkaConsumer, starts: Offsets, ends: Offsets, deadline: float
) -> Offsets:
    """Wait until the workers' group has processed everything below `ends`, or the loop's clock is at `deadline`.

    Returns how far it has come in each partition: `ends` itself if nothing is pending.
    """
    clock = asyncio.get_running_loop().time
    group = settings.group_id
    done = {partition: min(starts[partition], end) for partition, end in ends.items()}
    async with admin_client(settings) as admin:
        while done != ends:
            before, done = done, await further(admin, group, consumer, done, ends)
            if done == before:
                if clock() >= deadline:
                    break
                await asyncio.sleep(_POLL_S)
    return done


async def further(
    admin: AIOKafkaAdminClient, group: str, consumer: AIOKafkaConsumer, done: Offsets, ends: Offsets
) -> Offsets:
    """How far the group has processed what lies below `ends`, asked once. `done`: how far it was known to be.

    If nothing has moved, `consumer` looks whether records are left: behind the last one lie transaction markers.
    """
    behind = [partition for partition, end in ends.items() if done[partition] < end]
    committed = await committed_offsets(admin, group, behind)
    if progress := {p: min(offset, ends[p]) for p, offset in committed.items() if offset > done[p]}:
        return done | progress
    return done | {p: ends[p] for p in behind if not await _holds_records(consumer, p, done[p], ends[p])}


async def missed_before(settings: Settings, starts: Offsets, deadline: float) -> int:
    """How many offsets retention has deleted before the workers' group came to them: no lane goes on by itself then.
    `starts`: where the logs begin.

    If the group has no offset for a partition, or nobody tells it until the loop's clock is at `deadline`, it counts as
    0: Kafka forgets the offsets of a group that was empty for a week, and a running lane commits its own within
    seconds.
    """
    clock = asyncio.get_running_loop().time
    async with admin_client(settings) as admin:
        while True:
            committed = await committed_offsets(admin, settings.group_id, list(starts))
            missed = sum(max(0, start - max(0, committed.get(partition, 0))) for partition, start in starts.items())
            if not missed or clock() >= deadline:
                return missed
            await asyncio.sleep(_POLL_S)


async def committed_offsets(admin: AIOKafkaAdminClient, group: str, of: Sequence[TopicPartition]) -> Offsets:
    """The group's offset of each of these partitions, -1 without a commit; empty while nobody can tell."""
    try:
        found = await admin.list_consumer_group_offsets(group, partitions=list(of))
    except KafkaError as error:
        if not error.retriable:
            raise
        return {}  # a coordinator that moves or loads: a later question gets an answer
    # No commit is -1 here; while the coordinator loads, aiokafka leaves the partition out instead.
    return {partition: committed.offset for partition, committed in found.items()}


async def _holds_records(consumer: AIOKafkaConsumer, partition: TopicPartition, start: int, end: int) -> bool:
    """Whether there is more than transaction markers and aborted records in this range."""
    async with aclosing(read_range(consumer, {partition: start}, {partition: end})) as batches:
        return await anext(batches, None) is not None
