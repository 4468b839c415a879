"""What the changelogs hold before anything is changed: which rows are where, and how far the lanes have come."""

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
    """Those of the raw records that are in quarantine because a handler failed on them.

    KafkaError: the broker cannot be asked.
    """
    raw, found = settings.topics.raw.encode(), set()
    starts, ends = await bounds(consumer, partitions(settings, [settings.topics.quarantine]))
    async for records in read_range(consumer, starts, ends):
        found |= {place for record in records if (place := failed_place(record, raw)) is not None}
    return found


def failed_place(record: ConsumerRecord, raw: bytes) -> Place | None:
    """Which record of this topic a quarantined one is, if a handler failed on it."""
    headers = dict(record.headers)
    if headers.get(ERROR_TOPIC) != raw or headers.get(ERROR_REASON) != Reason.HANDLER_FAILED.encode():
        return None
    try:
        return int(headers[ERROR_PARTITION]), int(headers[ERROR_OFFSET])
    except (KeyError, TypeError, ValueError):
        return None  # no worker has written that, and nobody can take it out of the topic again


def processed_place(row: ConsumerRecord) -> Place | None:
    """Which raw record a row of the changelog of "seen" is about: that one a worker has processed, whatever quarantine
    says of it. Where tables, or raw itself, were made anew, quarantine stays as it was: it names what a version has
    processed since, or places where other records lie by now."""
    if row.value is None or row.key.startswith(RESERVED):
        return None
    try:
        seen = Seen.unpack(row.value)
    except (ValueError, struct.error):
        return None  # of another version: workers tell of it
    return seen.partition, seen.offset


async def gone_firsts(consumer: AIOKafkaConsumer, settings: Settings, raw_starts: Mapping[int, int]) -> set[Source]:
    """Where in raw they lay; `raw_starts`: its first offsets by partition. KafkaError: the broker cannot be asked."""
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
        return None  # no worker has written that


@dataclass(slots=True)
class Before:
    """Notes rows in `scratch`. `raw_starts`: first offsets of raw by partition, for the facts that it no longer has.
    `failed`: raw records of which quarantine says that a handler failed on them; those that were processed are taken
    out."""

    scratch: Scratch
    raw_starts: Mapping[int, int]
    failed: set[Place] = field(default_factory=set)
    positions: dict[tuple[str, int], int] = field(default_factory=dict)
    """The lanes' own source positions, by table and partition."""
    began_ms: int | None = None
    """The earliest beginning that a partition of the orders has noted; see `processors.orders.beginning`."""

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
    """What was forgotten of an order that began anew: rounds drop what is left of the one before, and its row stays."""
    if not (order := load(row.value)).forgotten_until:
        return None
    return timed(Gone.of(order.order_id, order.forgotten_until, erased=False).dump(), row.timestamp)


def lines_before(scratch: Scratch, key: bytes, partition: int) -> list[str]:
    """Ids of the lines that their topic has of the order whose row has this key, in this partition."""
    [found] = scratch.get_many(Kind.LINES, [placed(key, partition)])
    return [] if found is None else list(orjson.loads(found))


def _late(row: ConsumerRecord) -> bytes | None:
    """What was found of an order by its row, as JSON: raw does not say so."""
    found = Found.of(row.value)
    return orjson.dumps([*found]) if any(found) else None


def _lines(row: ConsumerRecord) -> bytes | None:
    """Which lines of an order their topic has, as JSON; the row may come to be elsewhere, or without some of them."""
    order = load(row.value)
    return orjson.dumps([*order.slots.items]) if order.has_lines else None


def _revision(row: ConsumerRecord) -> bytes:
    """How many documents of an order there have been."""
    return b"%d" % load(row.value).revision


def _place(row: ConsumerRecord) -> bytes:
    return placed(row.key, row.partition)
