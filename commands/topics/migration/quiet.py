"""Making sure that nobody writes any more, before anything is changed.

`counts`: how many partitions each topic has. The rules in force may have fewer.
"""

import asyncio
from collections.abc import Collection, Iterable, Mapping
from typing import Final

from bridge.kafka.group import missed_before, processed_up_to
from bridge.kafka.open_transactions import wait_for_their_ends
from bridge.kafka.partitioner import partition_for
from bridge.kafka.reading import bounds, reader
from bridge.kafka.transactional_ids import backfill_id, replay_id
from bridge.refusals import MigrationRefused
from bridge.rules.watch import LEASE_S
from bridge.settings import Settings
from commands.terminal.remedies import OF_OPEN_TRANSACTIONS
from commands.topics.migration.group import wait_until_empty
from commands.topics.migration.lane_positions import processed_by_lanes
from commands.topics.migration.plan import all_of
from commands.topics.migration.processable import concerned
from processors.engine.overrides.producer import discard, fence, new_producer
from processors.engine.transaction import transactional_id
from processors.worker.app import engine_options

_END_S: Final = 5.0
_FENCED_S: Final = 15.0
"""Kafka ends a fenced transaction at once; a busy broker needs less than this."""


async def workers_are_done(settings: Settings, counts: Mapping[str, int]) -> None:
    """Return if no worker runs and all of raw is processed, according to the group or to the lanes' changelog. Either
    of them may have forgotten it.

    MigrationRefused: a worker runs, or raw is not known to be processed.
    """
    await wait_until_empty(settings)
    clock = asyncio.get_running_loop().time
    async with reader(settings) as consumer:
        starts, ends = await bounds(consumer, all_of(settings.topics.raw, counts))
        done = await processed_up_to(settings, consumer, starts, ends, clock())
        missed = await missed_before(settings, starts, clock() + _END_S)
        if missed or done != ends:
            by_lanes = await processed_by_lanes(settings, consumer, counts, starts, ends)
            known = {partition: max(start, by_lanes.get(partition, 0)) for partition, start in starts.items()}
            done = await processed_up_to(settings, consumer, known, ends, clock())
            unknown = {partition: start for partition, start in starts.items() if by_lanes.get(partition, 0) < start}
            missed = await missed_before(settings, unknown, clock() + _END_S)
    if pending := sum(ends.values()) - sum(done.values()):
        raise MigrationRefused(
            f"{pending:,} raw records are not processed: stop the ingress, let a worker finish, stop it, and run this"
            " again."
        )
    if missed:
        raise MigrationRefused(
            f"Of raw {missed:,} offsets are deleted of which Kafka does not say that workers came to them: start a"
            " worker, which says so within seconds or halts over what is lost, stop it, and run this again."
        )


async def nothing_is_hidden(settings: Settings, counts: Mapping[str, int]) -> None:
    """Return once no transaction hides records that have to move. The bridge's own transactions were fenced before.

    MigrationRefused: somebody else's transaction hides records. In raw, they would be processed later under the new
    rules but in the old rules' partitions, where no lane knows their keys. Hidden rows and orders would not move.
    """
    deadline = asyncio.get_running_loop().time() + _FENCED_S
    if hidden := await wait_for_their_ends(settings, concerned(settings, counts), deadline):
        raise MigrationRefused(f"{hidden[0]}: {OF_OPEN_TRANSACTIONS}; then run this again.")


async def wait_for_quiet(settings: Settings) -> None:
    """Return when every ingress knows, or has to assume, that a migration was announced, and no worker runs.

    MigrationRefused: a worker still runs.
    """
    await asyncio.sleep(LEASE_S + settings.ingress_ack_timeout.total_seconds())
    await wait_until_empty(settings)


async def fence_others(settings: Settings, counts: Mapping[str, int]) -> None:
    """End the transactions that workers and commands left open, and prevent new ones of theirs."""
    sources = (settings.topics.raw, settings.topics.orders)
    lanes = [transactional_id(settings.group_id, topic, n) for topic in sources for n in range(counts[topic])]
    await _fence(settings, (*lanes, replay_id(settings), backfill_id(settings)))


async def fence_raw_lanes(settings: Settings, names: Collection[str]) -> None:
    """Do the same for the lanes of raw that decide on events of these names."""
    numbers = {partition_for(name.encode(), settings.partitions) for name in names}
    await _fence(settings, [transactional_id(settings.group_id, settings.topics.raw, n) for n in sorted(numbers)])


async def _fence(settings: Settings, writers: Iterable[str]) -> None:
    for writer in writers:
        producer = new_producer(engine_options(settings), writer)
        try:
            await fence(producer)
        finally:
            await discard(producer, _END_S)
