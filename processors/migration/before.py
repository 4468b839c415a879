"""What the changelogs hold before anything is changed: which rows are where, and how far the lanes have come."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from aiokafka import AIOKafkaConsumer, ConsumerRecord, TopicPartition

from bridge.ledger.reading import bounds, read_range
from processors.dedupe import agent as dedupe
from processors.engine.position import Position
from processors.engine.store import POSITION, RESERVED
from processors.migration.changes import digest
from processors.migration.home import timed
from processors.migration.kept_facts import kept_facts
from processors.migration.scratch import Kind, Scratch, placed
from processors.orders import table as orders

OnProgress = Callable[[int], None]
"""Told how many records more have been read or written."""

BEFORE: Final[Mapping[str, Kind]] = {dedupe.TABLE: Kind.SEEN_BEFORE, orders.TABLE: Kind.ORDERS_BEFORE}


@dataclass(slots=True)
class Before:
    """Notes rows in `scratch`. `raw_starts`: first offsets of raw by partition, for the facts that it no longer has."""

    scratch: Scratch
    raw_starts: Mapping[int, int]
    positions: dict[tuple[str, int], int] = field(default_factory=dict)
    """The lanes' own source positions, by table and partition."""

    async def read(
        self, consumer: AIOKafkaConsumer, table: str, changelog: str, partitions: int, on_read: OnProgress
    ) -> None:
        """Note all rows of a table. KafkaError: the broker cannot be asked."""
        starts, ends = await bounds(consumer, [TopicPartition(changelog, number) for number in range(partitions)])
        async for records in read_range(consumer, starts, ends):
            self.note(table, records)
            on_read(len(records))

    def note(self, table: str, records: Sequence[ConsumerRecord]) -> None:
        """Note rows of one partition; later ones replace earlier ones."""
        rows = [record for record in records if not record.key.startswith(RESERVED)]
        self.scratch.put_many(BEFORE[table], ((_place(row), row.value and digest(row.value)) for row in rows))
        if table == orders.TABLE and any(self.raw_starts.values()):
            self.scratch.put_many(Kind.KEPT, ((_place(row), self._with_kept_facts(row)) for row in rows))
        for record in records:
            if record.key == POSITION:
                self.positions[table, record.partition] = Position.decode(record.value).next

    def _with_kept_facts(self, row: ConsumerRecord) -> bytes | None:
        if row.value is None or orders.order_id_of(row.key) is None or not kept_facts(row.value, self.raw_starts):
            return None
        return timed(row.value, row.timestamp)


def _place(row: ConsumerRecord) -> bytes:
    return placed(row.key, row.partition)
