"""Making sure that nobody writes any more, before anything is changed.

`counts`: how many partitions each topic has. That may be more than those of the rules in force.
"""

import asyncio
from collections.abc import Collection, Iterable, Mapping
from typing import Final

from aiokafka import TopicPartition

from bridge.kafka.group import processed_up_to
from bridge.kafka.open_transactions import wait_for_their_ends
from bridge.kafka.partitioner import partition_for
from bridge.kafka.reading import bounds, read_range, reader
from bridge.kafka.transactional_ids import backfill_id, replay_id
from bridge.refusals import MigrationRefused
from bridge.rules.watch import LEASE_S
from bridge.settings import Settings
from commands.terminal.damage import AroundDamage
from commands.terminal.progress import OnProgress
from commands.terminal.remedies import OF_OPEN_TRANSACTIONS
from commands.topics.migration.group import wait_until_empty
from processors.engine.overrides.producer import discard, fence, new_producer
from processors.engine.transaction import transactional_id
from processors.worker.app import engine_options

MARGIN_S: Final = 5.0
_END_S: Final = 5.0
_FENCED_S: Final = 15.0
"""Kafka ends what it has fenced at once, and a broker that is busy sooner than this."""


async def workers_are_done(settings: Settings, counts: Mapping[str, int]) -> None:
    """Return if no worker runs and all of raw is processed. MigrationRefused: it is not so."""
    await wait_until_empty(settings, settings.longest_session.total_seconds() + MARGIN_S)
    async with reader(settings) as consumer:
        starts, ends = await bounds(consumer, _all_of(settings.topics.raw, counts))
        now = asyncio.get_running_loop().time()
        done = await processed_up_to(settings, consumer, starts, ends, now)
    if pending := sum(ends.values()) - sum(done.values()):
        raise MigrationRefused(
            f"{pending:,} raw records are not processed: stop the ingress, let a worker finish, stop it, and run this"
            " again."
        )


async def nothing_is_hidden(settings: Settings, counts: Mapping[str, int]) -> None:
    """Return once no transaction hides records that are to be moved, after those of the bridge were fenced.

    MigrationRefused: somebody else's does. What it hides in raw would be processed under the new rules in the
    partitions of the old ones, where nobody knows its keys; rows and orders that it hides would stay where they are.
    """
    deadline = asyncio.get_running_loop().time() + _FENCED_S
    if hidden := await wait_for_their_ends(settings, _concerned(settings, counts), deadline):
        raise MigrationRefused(f"{hidden[0]}: {OF_OPEN_TRANSACTIONS}; then run this again.")


async def all_can_be_read(settings: Settings, counts: Mapping[str, int], on_read: OnProgress) -> None:
    """Return if no batch that a migration reads is damaged. MigrationRefused: it would end at it, half way."""
    async with reader(settings) as client:
        consumer = AroundDamage(client)
        # Of orders only the ends are asked. One by one: what aiokafka has fetched of others would wait in memory.
        read = [each for each in _concerned(settings, counts) if each.topic != settings.topics.orders]
        starts, ends = await bounds(consumer, read)
        for each, start in starts.items():
            async for records in read_range(consumer, {each: start}, {each: ends[each]}):
                on_read(len(records))
            if consumer.damage:
                first = consumer.damage[0]
                raise MigrationRefused(f"{first}: {first.remedy}.")


def _concerned(settings: Settings, counts: Mapping[str, int]) -> list[TopicPartition]:
    """What a migration reads, and orders, all of which it takes for folded."""
    topics = settings.topics
    changelogs = topics.dedupe_changelog, topics.orders_changelog
    concerned = (topics.raw, topics.orders, *changelogs, topics.quarantine, topics.conflicts)
    return [each for topic in concerned for each in _all_of(topic, counts)]


def _all_of(topic: str, counts: Mapping[str, int]) -> list[TopicPartition]:
    return [TopicPartition(topic, number) for number in range(counts[topic])]


async def wait_for_quiet(settings: Settings) -> None:
    """Return when every ingress knows, or has to assume, that a migration was announced, and no worker runs.

    MigrationRefused: one still does.
    """
    await asyncio.sleep(LEASE_S + settings.ingress_ack_timeout.total_seconds())
    await wait_until_empty(settings, settings.longest_session.total_seconds() + MARGIN_S)


async def fence_others(settings: Settings, counts: Mapping[str, int]) -> None:
    """End whatever transaction a worker or a command has left open, and let no later one of theirs come."""
    sources = (settings.topics.raw, settings.topics.orders)
    lanes = [transactional_id(settings.group_id, topic, n) for topic in sources for n in range(counts[topic])]
    await _fence(settings, (*lanes, replay_id(settings), backfill_id(settings)))


async def fence_raw_lanes(settings: Settings, names: Collection[str]) -> None:
    """The same for lanes that give verdicts on events of these names."""
    numbers = {partition_for(name.encode(), settings.partitions) for name in names}
    await _fence(settings, [transactional_id(settings.group_id, settings.topics.raw, n) for n in sorted(numbers)])


async def _fence(settings: Settings, writers: Iterable[str]) -> None:
    for writer in writers:
        producer = new_producer(engine_options(settings), writer)
        try:
            await fence(producer)
        finally:
            await discard(producer, _END_S)
