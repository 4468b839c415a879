"""Both tables: read from their changelogs, rebuilt from raw, and the difference written."""

import asyncio
from collections.abc import Mapping, Sequence
from functools import partial
from itertools import chain

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition

from bridge.kafka.reading import partitions, read_range
from bridge.refusals import MigrationRefused
from bridge.rules.epochs import spans
from bridge.settings import Settings
from commands.terminal.typed import now_ms
from commands.topics.migration.before import Before, find_failed_places, gone_firsts, lines_before
from commands.topics.migration.changes import changes
from commands.topics.migration.group import committed
from commands.topics.migration.plan import Progress
from commands.topics.migration.rebuild import Place, Rebuild
from commands.topics.migration.scratch import Kind, Scratch
from commands.topics.migration.writing import by_row, order_writes, seen_writes, write_all
from processors.dedupe import agent as dedupe
from processors.orders import table as orders
from processors.orders.beginning import Beginning
from processors.worker.app import order_rules
from processors.worker.first_record import first_received


class Tables:
    """Call `rebuild`, then `write`."""

    rebuilt: Rebuild
    """The rebuilt tables, set by `rebuild`."""

    def __init__(self, settings: Settings, consumer: AIOKafkaConsumer, scratch: Scratch, progress: Progress) -> None:
        self._settings, self._consumer, self._scratch, self._progress = settings, consumer, scratch, progress
        self._beginning = Beginning(settings.history_window)
        self._rules = order_rules(settings, self._beginning)

    async def rebuild(self, epochs: Sequence[Sequence[int]], starts: Mapping[int, int]) -> dict[int, int]:
        """Rebuild the tables from raw; return the offsets up to which raw is processed, by partition.

        `starts`: raw's first offsets. MigrationRefused: records were deleted before they were processed, or a handler
        fails.
        """
        failed = await find_failed_places(self._consumer, self._settings)
        positions = await self._read_before(starts, failed)
        self.rebuilt = Rebuild(self._settings, self._scratch, failed, self._rules)
        if firsts := await gone_firsts(self._consumer, self._settings, starts):
            self.rebuilt.begin_with(firsts, starts)
        past, present = spans(epochs, starts, positions)
        self._progress.begin("Reading raw", sum(positions.values()) - sum(starts.values()))
        for partition, start, end in chain(past, present):
            source = TopicPartition(self._settings.topics.raw, partition)
            async for records in read_range(self._consumer, {source: start}, {source: end}):
                self.rebuilt.take(records)
                self._progress.advance(len(records))
        self.rebuilt.take_waiting(starts)
        self._progress.begin("Folding orders", self.rebuilt.cleaned)
        self.rebuilt.keep_gone()
        self.rebuilt.keep_blind()
        self.rebuilt.keep_unprocessed()
        self.rebuilt.fold_kept(starts)
        for count in self.rebuilt.fold():
            self._progress.advance(count)
            await asyncio.sleep(0)
        self.rebuilt.keep_late()
        self.rebuilt.keep_revisions()
        if self._beginning.received_ms is not None:
            self.rebuilt.keep_beginning(self._beginning.received_ms, now_ms())
        return positions

    async def write(self, producer: AIOKafkaProducer) -> None:
        """Write the rows that differ. KafkaError: some of them may be written."""
        topics, rules, written_ms = self._settings.topics, self._rules, now_ms()
        seen = changes(self._scratch, Kind.SEEN, Kind.SEEN_BEFORE, written_ms)
        folded = changes(self._scratch, Kind.ORDERS, Kind.ORDERS_BEFORE, written_ms)
        self._progress.begin("Writing rows")
        writes = chain(
            by_row(seen, partial(seen_writes, topics)),
            by_row(folded, partial(order_writes, topics, rules, partial(lines_before, self._scratch))),
        )
        async for count in write_all(producer, writes, self._settings.chunk_records, self._settings.chunk_bytes):
            self._progress.advance(count)

    async def _read_before(self, starts: Mapping[int, int], failed: set[Place]) -> dict[int, int]:
        """Read the changelogs and return raw's positions; remove from `failed` what a worker has processed."""
        topics, before = self._settings.topics, Before(self._scratch, starts, failed)
        self._progress.begin("Reading changelogs")
        for table, changelog in ((dedupe.TABLE, topics.dedupe_changelog), (orders.TABLE, topics.orders_changelog)):
            await before.read(self._consumer, table, partitions(self._settings, [changelog]), self._progress.advance)
        raw = [TopicPartition(topics.raw, number) for number in starts]
        began_ms = before.began_ms or await first_received(self._consumer, raw)  # perhaps no lane has noted it
        if began_ms:
            self._beginning.learn(began_ms)
        offsets = await committed(self._settings, raw)
        positions = {}
        for number, start in starts.items():
            known = (before.positions.get((dedupe.TABLE, number)), offsets.get(TopicPartition(topics.raw, number)))
            positions[number] = max((position for position in known if position is not None), default=start)
            if positions[number] < start:
                raise MigrationRefused(
                    f"{topics.raw}/{number}: records {positions[number]} to {start - 1} were deleted before they were"
                    " processed. Let a worker say so, and set the group's offset if that is to be accepted."
                )
        return positions
