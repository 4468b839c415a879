"""What the changelogs hold before the migration changes anything: where each row is, and each lane's position."""

import struct
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from operator import attrgetter
from typing import Final

import orjson
from aiokafka import AIOKafkaConsumer, ConsumerRecord, TopicPartition

from bridge.kafka.reading import Source, bounds, partitions, read_range
from bridge.settings import Settings
from commands.terminal.progress import OnProgress
from commands.topics.migration.changes import digest
from commands.topics.migration.home import timed
from commands.topics.migration.kept_facts import is_gone, kept_row
from commands.topics.migration.rebuild import Place
from commands.topics.migration.scratch import Kind, Scratch, placed
from processors.dedupe import agent as dedupe
from processors.dedupe.decision import Seen
from processors.engine.position import Position
from processors.engine.store import POSITION, RESERVED
from processors.orders import table as orders
from processors.orders.apply import Found
from processors.orders.beginning import BEGAN
from processors.orders.blind import BLIND, BlindReturn
from processors.orders.gone import GONE, Gone
from processors.orders.older_rows import load
from processors.orders.table import UNPROCESSED
from processors.orders.waiting import WAITING
from schemas.headers import ERROR_OFFSET, ERROR_PARTITION, ERROR_REASON, ERROR_TOPIC, FIRST_SOURCE
from schemas.outcome import Reason

BEFORE: Final[Mapping[str, Kind]] = {dedupe.TABLE: Kind.SEEN_BEFORE, orders.TABLE: Kind.ORDERS_BEFORE}


async def find_failed_places(consumer: AIOKafkaConsumer, settings: Settings) -> set[Place]:
    """The raw records that are in quarantine because a handler failed on them.

    KafkaError: the broker cannot be asked.
    """
    raw, found = settings.topics.raw.encode(), set()
    starts, ends = await bounds(consumer, partitions(settings, [settings.topics.quarantine]))
    async for records in read_range(consumer, starts, ends):
        found |= {place for record in records if (place := failed_place(record, raw)) is not None}
    return found


def failed_place(record: ConsumerRecord, raw: bytes) -> Place | None:
    """The place in raw of a quarantined record on which a handler failed; else None."""
    headers = dict(record.headers)
    if headers.get(ERROR_TOPIC) != raw or headers.get(ERROR_REASON) != Reason.HANDLER_FAILED.encode():
        return None
    try:
        return int(headers[ERROR_PARTITION]), int(headers[ERROR_OFFSET])
    except (KeyError, TypeError, ValueError):
        return None  # no worker has written this record, and nobody can take it out of the topic again


def processed_place(row: ConsumerRecord) -> Place | None:
    """The raw record that a row of the changelog of "seen" is about. A worker has processed that record, even if
    quarantine names it.

    When the tables or raw are made anew, quarantine stays as it was. So it may name a record that a later version has
    processed, or a place where another record lies now.
    """
    if row.value is None or row.key.startswith(RESERVED):
        return None
    try:
        seen = Seen.unpack(row.value)
    except (ValueError, struct.error):
        return None  # a row of another version: workers report it
    return seen.partition, seen.offset


async def gone_firsts(consumer: AIOKafkaConsumer, settings: Settings, raw_starts: Mapping[int, int]) -> set[Source]:
    """The places in raw of first records that `conflicts` names and raw no longer has.

    `raw_starts`: first offsets of raw by partition. KafkaError: the broker cannot be asked.
    """
    starts, ends = await bounds(consumer, partitions(settings, [settings.topics.conflicts]))
    gone = set()
    async for records in read_range(consumer, starts, ends):
        firsts = {first for record in records if (first := _first(record)) is not None}
        gone |= {first for first in firsts if first.offset < raw_starts.get(first.partition, 0)}
    return gone


def _first(record: ConsumerRecord) -> Source | None:
    try:
        return Source.parse(dict(record.headers)[FIRST_SOURCE])
    except (KeyError, ValueError):
        return None  # no worker has written this


@dataclass(slots=True)
class Before:
    """Notes the rows of the changelogs in `scratch`. `raw_starts`: first offsets of raw by partition. They tell which
    facts raw no longer has. `failed`: raw records on which a handler failed, according to quarantine; `read` removes
    those that a worker has processed."""

    scratch: Scratch
    raw_starts: Mapping[int, int]
    failed: set[Place] = field(default_factory=set)
    positions: dict[tuple[str, int], int] = field(default_factory=dict)
    """The lanes' own source positions, by table and partition."""
    began_ms: int | None = None
    """The earliest beginning that a partition of orders has noted, in ms; see `processors.orders.beginning`."""

    async def read(
        self, consumer: AIOKafkaConsumer, table: str, changelog: list[TopicPartition], on_read: OnProgress
    ) -> None:
        """Note all rows of a table. KafkaError: the broker cannot be asked."""
        starts, ends = await bounds(consumer, changelog)
        async for records in read_range(consumer, starts, ends):
            self.note(table, records)
            on_read(len(records))

    def note(self, table: str, records: Sequence[ConsumerRecord]) -> None:
        """Note rows of one partition; later ones replace earlier ones."""
        rows = [record for record in records if not record.key.startswith(RESERVED)]
        self.scratch.put_many(BEFORE[table], ((_place(row), row.value and digest(row.value)) for row in rows))
        if table == dedupe.TABLE and self.failed:
            self.failed.difference_update(place for row in rows if (place := processed_place(row)) is not None)
        if table == orders.TABLE:
            for kind, prefix, kept in (
                (Kind.KEPT, orders.ORDER, self._with_kept_facts),
                (Kind.LATE, orders.ORDER, _late),
                (Kind.LINES, orders.ORDER, _lines),
                (Kind.REVISION, orders.ORDER, _revision),
                (Kind.GONE, orders.ORDER, _forgotten),
                (Kind.GONE, GONE, _timed),
                (Kind.WAITING, WAITING, attrgetter("value")),
                (Kind.BLIND, BLIND, self._gone_blind),
                (Kind.UNPROCESSED, UNPROCESSED, self._gone_unprocessed),
            ):
                of_kind = [row for row in rows if row.key.startswith(prefix)]
                noted = ((_place(row), None if row.value is None else kept(row)) for row in of_kind)
                self.scratch.put_many(kind, noted)
        for record in records:
            if record.key == BEGAN and record.value is not None and table == orders.TABLE:
                self.began_ms = min(int(record.value), self.began_ms or int(record.value))
            if record.key == POSITION:
                self.positions[table, record.partition] = Position.decode(record.value).next

    def _with_kept_facts(self, row: ConsumerRecord) -> bytes | None:
        has_some = any(self.raw_starts.values()) and kept_row(row.value, self.raw_starts) is not None
        return _timed(row) if has_some else None

    def _gone_blind(self, row: ConsumerRecord) -> bytes | None:
        return _timed(row) if is_gone(BlindReturn.read(row.key, row.value).source, self.raw_starts) else None

    def _gone_unprocessed(self, row: ConsumerRecord) -> bytes | None:
        return _timed(row) if is_gone(row.key.removeprefix(UNPROCESSED).decode(), self.raw_starts) else None


def _timed(row: ConsumerRecord) -> bytes | None:
    return timed(row.value, row.timestamp)


def _forgotten(row: ConsumerRecord) -> bytes | None:
    """What was forgotten of an order that began anew; None: nothing was.

    A round drops the rest of the former order, while the row stays for the new one.
    """
    if not (order := load(row.value)).forgotten_until:
        return None
    return timed(Gone.of(order.order_id, order.forgotten_until, erased=False).dump(), row.timestamp)


def lines_before(scratch: Scratch, key: bytes, partition: int) -> list[str]:
    """The ids of the lines that the topic of lines has of an order. `key`, `partition`: where the order's row is."""
    [found] = scratch.get_many(Kind.LINES, [placed(key, partition)])
    return [] if found is None else list(orjson.loads(found))


def _late(row: ConsumerRecord) -> bytes | None:
    """What time or a person has added to an order's row (late, stalled, set aside), as JSON: raw does not have it."""
    found = Found.of(row.value)
    return orjson.dumps([*found]) if any(found) else None


def _lines(row: ConsumerRecord) -> bytes | None:
    """Which lines of an order the topic of lines has, as JSON. The row may move, or lose some of these lines."""
    order = load(row.value)
    return orjson.dumps([*order.slots.items]) if order.has_lines else None


def _revision(row: ConsumerRecord) -> bytes:
    """How many documents of an order there have been."""
    return b"%d" % load(row.value).revision


def _place(row: ConsumerRecord) -> bytes:
    return placed(row.key, row.partition)
