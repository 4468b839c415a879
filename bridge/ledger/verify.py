"""The ledger of a deployment, from its topics alone."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from aiokafka import AIOKafkaConsumer, TopicPartition

from bridge.ledger.balance import Ledger, unexpected
from bridge.ledger.expected import RawPartition, Rules
from bridge.ledger.lag import processed_up_to
from bridge.ledger.outputs import Outputs
from bridge.ledger.reading import bounds, partitions, read_range, reader
from bridge.ledger.record import Record, Source
from bridge.settings import Settings

OnRead = Callable[[int], None]
"""Told how many more records have been read."""

_MS: Final = timedelta(milliseconds=1)
_ALWAYS: Final = 0
"""A time (ms) before all records."""


async def verify(settings: Settings, wait_s: float, now_ms: int, on_read: OnRead) -> Ledger:
    """Wait at most `wait_s` seconds until what is in raw and orders now is processed, and balance it.

    All topics must exist with the partitions of the settings. `now_ms`: milliseconds since 1970, for what
    retention may have deleted. KafkaError: the broker cannot be asked.
    """
    deadline = asyncio.get_running_loop().time() + wait_s
    async with reader(settings) as consumer:
        starts, ends = await bounds(consumer, partitions(settings, [settings.topics.raw]))
        done = await processed_up_to(settings, consumer, starts, ends, deadline)
        order_starts, order_ends = await bounds(consumer, partitions(settings, [settings.topics.orders]))
        orders_done = await processed_up_to(settings, consumer, order_starts, order_ends, deadline)
        audit = _Audit(settings, consumer, Outputs(settings.topics), Ledger(), on_read)
        complete_from = await audit.collect_outputs(now_ms)
        for partition, end in done.items():
            await audit.go_through(partition, starts[partition], end, complete_from)
    audit.book_the_rest({p.partition: range(starts[p], done[p]) for p in done})
    audit.ledger.pending = sum(ends.values()) - sum(done.values())
    audit.ledger.orders_pending = sum(order_ends.values()) - sum(orders_done.values())
    return audit.ledger


@dataclass(frozen=True, slots=True)
class _Audit:
    settings: Settings
    consumer: AIOKafkaConsumer
    outputs: Outputs
    ledger: Ledger
    on_read: OnRead

    async def collect_outputs(self, now_ms: int) -> int:
        """Collect them; returns the time (ms) from which on retention has deleted none of them."""
        topics = self.settings.topics
        names = [*topics.cleaned.values(), topics.conflicts, topics.quarantine]
        starts, ends = await bounds(self.consumer, partitions(self.settings, names))
        cut = {partition for partition, start in starts.items() if start > 0}
        complete_from = now_ms - self.settings.cleaned_retention // _MS if cut else _ALWAYS
        async for records in read_range(self.consumer, starts, ends):
            self.on_read(len(records))
            partition = TopicPartition(records[0].topic, records[0].partition)
            if partition in cut:
                cut.remove(partition)
                complete_from = max(complete_from, records[0].timestamp)
            for record in records:
                self.outputs.add(record)
        return complete_from

    async def go_through(self, partition: TopicPartition, start: int, end: int, complete_from: int) -> None:
        """Compare each record of one raw partition, in offset order, with its outputs."""
        state: RawPartition | None = None
        async for records in read_range(self.consumer, {partition: start}, {partition: end}):
            self.on_read(len(records))
            state = state or RawPartition(self._rules(), records[0].timestamp if start else None)
            for record in records:
                self._enter(state, record, complete_from)

    def book_the_rest(self, compared: dict[int, range]) -> None:
        """Book what nobody asked for; `compared`: the offsets of raw that were gone through, by partition."""
        for source, outputs in self.outputs.left.items():
            # What lies before them may be gone from raw, what lies behind them came later: both are no faults.
            if source.offset in compared.get(source.partition, range(source.offset, source.offset + 1)):
                self.ledger.note(unexpected(source, outputs))
        self.ledger.note(unexpected(None, self.outputs.without_source))
        self.ledger.quarantined_by_ingress += self.outputs.by_ingress
        self.ledger.quarantined_by_backfill += self.outputs.by_backfill
        self.ledger.quarantined_later += self.outputs.by_others

    def _enter(self, state: RawPartition, record: Record, complete_from: int) -> None:
        source = Source(record.partition, record.offset)
        possible, found = state.possible(record), self.outputs.take(source)
        if record.timestamp < complete_from:
            self.ledger.before_watermark += 1
            state.settle(record, possible[-1])
        else:
            state.settle(record, self.ledger.enter(source, (*possible, state.refused(record)), found))

    def _rules(self) -> Rules:
        settings = self.settings
        retention_ms = settings.dedupe_retention // _MS
        return Rules(settings.topics, settings.tenant, settings.key_table, retention_ms)
