"""Moving a deployment to other rules, step by step. Killed at any moment and run again, it comes to the same end.

From the first step to the last, the record in the rules topic keeps every service from writing. The migration never
changes raw, and leaves rows alone that are where they belong. So another run finds what it needs and does the rest.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer
from aiokafka.errors import KafkaError

from bridge.kafka.reading import Offsets, bounds, partitions, reader
from bridge.refusals import MigrationRefused, RulesNotRecorded
from bridge.rules.rules import Recorded, rules_of
from bridge.rules.topic import write_rules
from bridge.settings import Settings
from bridge.topics import add_partitions
from commands.terminal.sending import send
from commands.terminal.typed import now_ms
from commands.topics.migration.late import process_late
from commands.topics.migration.permitted import require_permissions
from commands.topics.migration.plan import MigrationPlan, Progress, require_as_shown
from commands.topics.migration.processable import all_can_be_processed
from commands.topics.migration.quiet import (
    fence_others,
    nothing_is_hidden,
    wait_for_quiet,
    workers_are_done,
)
from commands.topics.migration.rules_writer import put_in_force, record, rules_writer
from commands.topics.migration.scratch import Scratch
from commands.topics.migration.tables import Tables
from commands.topics.migration.writing import position_write
from commands.topics.readable import wait_until_readable
from processors.engine.crash import crash_point


async def migrate(settings: Settings, shown: MigrationPlan, progress: Progress) -> None:
    """Move the deployment to the rules of the settings, as `make_plan` has shown it.

    MigrationRefused: the migration is not done; the message says what to do first. KafkaError: it may be half done and
    has to be run again.
    """
    crash_point("migration-confirmed")
    with Scratch(settings.worker_data_dir / "migration") as scratch:
        async with rules_writer(settings) as producer:
            counts = await require_as_shown(settings, shown)
            await _Migration(settings, producer, scratch, progress, shown.recorded, counts).run()


@dataclass(frozen=True, slots=True)
class _Migration:
    settings: Settings
    producer: AIOKafkaProducer
    scratch: Scratch
    progress: Progress
    recorded: Recorded
    counts: Mapping[str, int]
    """How many partitions each topic has before the migration adds any. The recorded rules may say fewer: a killed run
    may have added some, and an earlier version could record fewer than there were."""

    async def run(self) -> None:
        await self._stop_everybody()
        crash_point("migration-fenced")
        self.progress.begin("Adding partitions")
        await add_partitions(self.settings)
        crash_point("migration-partitions")
        async with reader(self.settings) as consumer:
            await self._move(consumer, Tables(self.settings, consumer, self.scratch, self.progress))

    async def _stop_everybody(self) -> None:
        begins = self.recorded.migrating is None
        if begins:
            self.progress.begin("Looking whether all is processed and can be read")
            await require_permissions(self.settings)
            await workers_are_done(self.settings, self.counts)
            await all_can_be_processed(self.settings, self.counts, self.progress.advance)
        self.progress.begin("Waiting until nobody writes any more")
        announced = self.recorded.announcing(rules_of(self.settings))
        await record(self.producer, self.settings, announced)
        try:
            await wait_until_readable(self.settings, announced)
            crash_point("migration-announced")
            await wait_for_quiet(self.settings)
            self.progress.begin("Fencing others")
            await fence_others(self.settings, self.counts)
            await nothing_is_hidden(self.settings, self.counts)
        except (MigrationRefused, RulesNotRecorded, KafkaError):
            if begins:  # nothing was changed: services that run can go on
                await put_in_force(self.producer, self.settings, self.recorded)
            raise

    async def _move(self, consumer: AIOKafkaConsumer, tables: Tables) -> None:
        topics = self.settings.topics
        starts, _ = await bounds(consumer, partitions(self.settings, [topics.raw]))  # all have so many by now
        # Ask before anything is written: all that the orders topic holds now comes again from raw.
        _, orders_ends = await bounds(consumer, partitions(self.settings, [topics.orders]))
        positions = await tables.rebuild(self.recorded.epochs, {p.partition: start for p, start in starts.items()})
        crash_point("migration-rebuilt")
        await tables.write(self.producer)
        crash_point("migration-written")
        positions = await process_late(self.settings, consumer, self.producer, tables.rebuilt, positions)
        await self._finish(positions, orders_ends)
        crash_point("migration-finished")

    async def _finish(self, positions: Mapping[int, int], orders_ends: Offsets) -> None:
        """Put the new rules in force, so that services with them can start. All of the orders topic counts as
        processed: all of raw is folded."""
        recorded = self.recorded.migrated(rules_of(self.settings), self._begins(positions))
        changelog, written_ms = self.settings.topics.orders_changelog, now_ms()
        async with self.producer.transaction():
            rows = [position_write(changelog, p.partition, end, written_ms) for p, end in orders_ends.items()]
            await send(self.producer, rows)
            await self.producer.send_offsets_to_transaction(orders_ends, self.settings.group_id)
            await write_rules(self.producer, self.settings, recorded)
        await wait_until_readable(self.settings, recorded)

    def _begins(self, positions: Mapping[int, int]) -> tuple[int, ...]:
        """The raw offsets at which the new rules begin, by partition.

        An epoch's length says how many partitions there were before. So a partition beyond those of the former rules is
        in it only if something was ever written to it.
        """
        used = max([self.recorded.rules.partitions, *(number + 1 for number, end in positions.items() if end)])
        return tuple(positions[number] for number in sorted(positions) if number < used)
