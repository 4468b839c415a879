"""Makes the ledger of a deployment from its topics alone."""

import asyncio
from collections.abc import AsyncIterator, Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Final

from aiokafka import ConsumerRecord, TopicPartition

from bridge.kafka.group import missed_before, processed_up_to
from bridge.kafka.open_transactions import COMMITTED_S, OpenTransaction, wait_for_their_ends
from bridge.kafka.reading import Offsets, Record, Source, at_time, bounds, partitions, read_range, reader
from bridge.rules.epochs import Span, spans
from bridge.rules.topic import check_rules
from bridge.settings import Settings
from bridge.topics.spec import specs
from commands.terminal.damage import AroundDamage
from commands.terminal.progress import OnProgress
from commands.verify.balance import Ledger, unexpected
from commands.verify.expected import LedgerRules, RawPartition
from commands.verify.outputs import Output, Outputs
from commands.verify.sources import Sources
from commands.verify.states import States, see_states
from schemas.keytable import KeyTable

_MS: Final = timedelta(milliseconds=1)
_ALWAYS: Final = 0
"""A time (ms) before all records."""


async def verify(
    settings: Settings, wait_s: float, now_ms: int, on_read: OnProgress, since_ms: int | None = None
) -> Ledger:
    """Wait at most `wait_s` seconds until all that raw and orders hold now is processed, then balance it.

    All topics must exist with the partitions of the settings. `now_ms`: milliseconds since 1970; it tells what
    retention may have deleted. `since_ms`: earlier records are not read, as if retention had deleted them.

    KafkaError: the broker cannot be asked. OtherTenant: raw is another tenant's. Exceptions of `bridge.rules.rules`:
    other rules are in force, under which everything would look wrong.
    """
    clock = asyncio.get_running_loop().time
    began = clock()
    recorded = await check_rules(settings)
    deadline = clock() + wait_s
    raw, orders = (partitions(settings, [topic]) for topic in (settings.topics.raw, settings.topics.orders))
    async with reader(settings) as client:
        consumer = AroundDamage(client)
        hidden = await _hidden(settings, raw, deadline)
        starts, ends = await bounds(consumer, raw)
        done = await processed_up_to(settings, consumer, starts, ends, deadline)
        hidden += await _hidden(settings, partitions(settings, settings.topics.outputs), deadline)
        order_starts, order_ends = await bounds(consumer, orders)
        orders_done = await processed_up_to(settings, consumer, order_starts, order_ends, deadline)
        missed, orders_missed = [await missed_before(settings, of, deadline) for of in (starts, order_starts)]
        hidden_documents = await _hidden(settings, partitions(settings, [settings.topics.order_state]), deadline)
        if since_ms is not None:
            starts = await at_time(client, since_ms, starts, done)
        raw_starts = _by_number(starts)
        ledger = Ledger(since_ms=since_ms)
        states = States(settings.topics, orders_done, now_ms - settings.order_retention // _MS)
        outputs = Outputs(settings.topics)
        audit = _Audit(settings, recorded.key_table, consumer, outputs, states, ledger, raw_starts, on_read)
        complete_from = await audit.collect_outputs(lambda: now_ms + int((clock() - began) * 1000))
        await see_states(settings, consumer, states, since_ms, on_read)
        epochs = _of_this_raw(recorded.epochs, _by_number(ends))
        past, present = spans(epochs, raw_starts, _by_number(done))
        # Events from before `since_ms` may have been in another partition than those after a migration.
        memory = audit.memory(since_ms)
        for span in past:
            await audit.remember(memory, span)
        # Retention may have deleted everything from before the migration; a new partition does not show that.
        for span in present:
            await audit.go_through(memory if epochs else audit.memory(None), span, complete_from)
    ledger.orders_without_document = len(states.missing)
    ledger.note(states.findings())
    if ledger.faults:
        audit.sources.require(settings.tenant)
    audit.ledger.unreadable = sorted(consumer.damage)
    audit.ledger.open_transactions = hidden + hidden_documents
    audit.ledger.hides_documents = bool(hidden_documents)
    audit.book_the_rest({p.partition: range(starts[p], done[p]) for p in done})
    audit.ledger.pending = sum(ends.values()) - sum(done.values()) + missed
    audit.ledger.orders_pending = sum(order_ends.values()) - sum(orders_done.values()) + orders_missed
    return audit.ledger


async def _hidden(settings: Settings, of: list[TopicPartition], deadline: float) -> list[OpenTransaction]:
    """Open transactions that still hide records when the time is up."""
    shown_by = asyncio.get_running_loop().time() + COMMITTED_S
    return await wait_for_their_ends(settings, of, max(deadline, shown_by))


def _of_this_raw(epochs: Sequence[Sequence[int]], ends: Mapping[int, int]) -> list[Sequence[int]]:
    """Epochs of this raw topic. An epoch that begins behind a partition's end is of an earlier raw, deleted since."""
    return [begins for begins in epochs if all(begin <= ends[number] for number, begin in enumerate(begins))]


def _by_number(offsets: Offsets) -> dict[int, int]:
    return {partition.partition: offset for partition, offset in offsets.items()}


@dataclass(frozen=True, slots=True)
class _Audit:
    settings: Settings
    key_table: KeyTable
    consumer: AroundDamage
    outputs: Outputs
    states: States
    ledger: Ledger
    raw_starts: Mapping[int, int]
    on_read: OnProgress
    deleted: list[tuple[int, range]] = field(default_factory=list)
    """Partitions and offsets of raw that retention deleted before they were read."""
    sources: Sources = field(default_factory=Sources)

    async def collect_outputs(self, now_ms: Callable[[], int]) -> Mapping[str, int]:
        """Collect all outputs; return by topic the time (ms) from which on retention has deleted none.

        Retention deletes by time, but it may have been shorter earlier than the settings say: so the first record of a
        partition counts. Not in quarantine, where records are rare: one late first record would exclude everything
        before it.
        """
        oldest, ends = await bounds(self.consumer, partitions(self.settings, self.settings.topics.outputs))
        since_ms = self.ledger.since_ms
        starts = oldest if since_ms is None else await at_time(self.consumer, since_ms, oldest, ends)
        cut = {partition for partition, start in starts.items() if 0 < start == oldest[partition]}
        forgetful = {partition.topic for partition in cut}
        complete_from = dict.fromkeys(self.settings.topics.outputs, since_ms or _ALWAYS)
        self._believe_settings(forgetful, now_ms(), complete_from)
        aside = {
            partition: end for partition, end in ends.items() if partition.topic == self.settings.topics.quarantine
        }
        others = {partition: end for partition, end in ends.items() if partition not in aside}
        for behind in (aside, others):  # quarantine first: it tells about records of the others
            async for records in read_range(self.consumer, starts, behind):
                self._collect(records, cut, complete_from)
        # A partition that has lost all its records meanwhile has no first record to tell the time.
        emptied = {partition.topic for partition in self.consumer.cut} - {self.settings.topics.quarantine}
        self._believe_settings(emptied, now_ms(), complete_from)
        return complete_from

    def _believe_settings(self, cut: Collection[str], now_ms: int, complete_from: dict[str, int]) -> None:
        """Take as deleted, in the topics that retention has cut, all that the settings allow it to delete."""
        for each in specs(self.settings):
            if each.name in cut:
                kept_ms = int(each.config["retention.ms"])
                complete_from[each.name] = max(complete_from[each.name], now_ms - kept_ms)

    def _collect(self, records: Sequence[Record], cut: set[TopicPartition], complete_from: dict[str, int]) -> None:
        self.on_read(len(records))
        topic, partition = records[0].topic, TopicPartition(records[0].topic, records[0].partition)
        if partition in cut | self.consumer.cut:
            cut.discard(partition)
            self.consumer.cut.discard(partition)
            if topic != self.settings.topics.quarantine:
                complete_from[topic] = max(complete_from[topic], records[0].timestamp)
        for record in records:
            self.outputs.add(record)
            self.states.add(record)

    def memory(self, history_from: int | None) -> RawPartition:
        """The state of a raw partition before its first record."""
        settings = self.settings
        retention_ms = settings.dedupe_retention // _MS
        return RawPartition(LedgerRules(settings.topics, settings.tenant, self.key_table, retention_ms), history_from)

    async def remember(self, state: RawPartition, span: Span) -> None:
        """Go through records that were processed under other rules, to know their keys by the present rules."""
        async for records in self._read(state, span):
            for record in records:
                _remember(state, record, self.outputs.take(Source(record.partition, record.offset)))
            self.ledger.before_migration += len(records)

    async def go_through(self, state: RawPartition, span: Span, complete_from: Mapping[str, int]) -> None:
        """Compare each record, in offset order, with its outputs."""
        async for records in self._read(state, span):
            for record in records:
                self._enter(state, record, complete_from)

    def book_the_rest(self, compared: dict[int, range]) -> None:
        """Book outputs that no raw record took. `compared`: the offsets of raw that were gone through, by partition."""
        for source, outputs in self.outputs.left.items():
            # Sources before these offsets may be deleted from raw, sources behind them came later. Neither is a fault.
            own = range(source.offset, source.offset + 1)
            is_compared = source.offset in compared.get(source.partition, own)
            if is_compared and not self._is_unread(source.partition, own):
                self.ledger.note(unexpected(source, outputs))
        self.ledger.note(unexpected(None, self.outputs.without_source))
        self.ledger.quarantined_by_ingress += self.outputs.by_ingress
        self.ledger.quarantined_by_backfill += self.outputs.by_backfill
        self.ledger.quarantined_later += self.outputs.by_others

    def _enter(self, state: RawPartition, record: Record, complete_from: Mapping[str, int]) -> None:
        source = Source(record.partition, record.offset)
        likely, found = state.possible(record), self.outputs.take(source)
        possible = (*likely, state.refused(record))
        if record.timestamp < max(complete_from[output.topic] for each in possible for output in each.outputs):
            self.ledger.before_watermark += 1
            _remember(state, record, found)
        else:
            state.settle(record, self.ledger.enter(source, possible, found))

    async def _read(self, state: RawPartition, span: Span) -> AsyncIterator[Sequence[ConsumerRecord]]:
        partition = TopicPartition(self.settings.topics.raw, span.partition)
        is_cut, behind = 0 < span.start == self.raw_starts[span.partition], span.start
        async for records in read_range(self.consumer, {partition: span.start}, {partition: span.end}):
            self.on_read(len(records))
            self.sources.add(records)
            passed_over = range(behind, records[0].offset)
            self._note_deleted(partition, passed_over)
            # Unreadable records may have been the first of their keys, like deleted ones.
            if is_cut or self._is_unread(span.partition, passed_over):
                state.cut_before(records[0].timestamp)
            is_cut, behind = False, records[-1].offset + 1
            yield records
        self._note_deleted(partition, range(behind, span.end))

    def _note_deleted(self, partition: TopicPartition, passed_over: range) -> None:
        """Note these offsets of raw, which were next to read, if retention deleted them meanwhile."""
        if partition in self.consumer.cut:
            self.consumer.cut.remove(partition)
            self.deleted.append((partition.partition, passed_over))

    def _is_unread(self, partition: int, offsets: range) -> bool:
        """Whether some of these offsets of raw were not read, because they are damaged or were deleted before."""
        raw = self.settings.topics.raw
        damaged = (
            (d.partition.partition, range(d.first, d.behind)) for d in self.consumer.damage if d.partition.topic == raw
        )
        return any(
            number == partition and unread.start < offsets.stop and offsets.start < unread.stop
            for number, unread in (*damaged, *self.deleted)
        )


def _remember(state: RawPartition, record: Record, found: Sequence[Output]) -> None:
    """Remember a record that is not compared. If a handler failed on it, its key is not remembered."""
    if not {*state.refused(record).outputs}.intersection(found):
        state.remember(record)
