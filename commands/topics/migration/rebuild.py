"""The tables as raw yields them under the settings' rules, made by the worker's own handlers."""

import marshal
import struct
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Final

import orjson
from aiokafka.structs import ConsumerRecord

from bridge.kafka.partitioner import partition_for, partition_of
from bridge.refusals import MigrationRefused
from bridge.settings import Settings
from commands.terminal.sending import Write
from commands.topics.migration.changes import digest
from commands.topics.migration.home import Emitted, Home, timed, untimed
from commands.topics.migration.kept_facts import gone_facts, is_gone, kept_row, seen_row
from commands.topics.migration.scratch import Kind, Scratch, place_of, placed
from processors.dedupe import agent as dedupe
from processors.engine.processing import Handler
from processors.engine.unit import Unit
from processors.orders.agent import Orders
from processors.orders.apply import Applied, Found, begun_with, still_late
from processors.orders.beginning import BEGAN
from processors.orders.blind import BlindReturn
from processors.orders.gone import Gone, gone_key
from processors.orders.older_rows import load
from processors.orders.order_rules import OrderRules
from processors.orders.row import dump
from processors.orders.table import OrderWriter, order_id_of
from processors.orders.unprocessed import unpack, unprocessed
from processors.orders.waiting import waiting_of
from processors.quarantine import described
from processors.worker.app import order_rules, raw_handler
from schemas.headers import SOURCE

Place = tuple[int, int]
"""Partition and offset of a raw record."""

_PARTITION: Final = struct.Struct(">I")
_NUMBER: Final = struct.Struct(">Q")
_CHUNK: Final = 1000


class Rebuild:
    """Take all of raw, then fold the orders. In between, the events that dedupe passed on lie on disk, sorted by order:
    so each order is folded once, not once for each event.

    `failed`: raw records that no handler could process when they came. They take no keys, so that a replay from
    quarantine still gets an ordinary verdict.
    """

    def __init__(
        self, settings: Settings, scratch: Scratch, failed: Collection[Place], rules: OrderRules | None = None
    ) -> None:
        self._scratch, self._topics, self._failed = scratch, settings.topics, failed
        self._homes = [Home(scratch, number, settings) for number in range(settings.partitions)]
        self._raw_handler = raw_handler(settings, settings.key_table, lambda _processed, _records: None)
        self._processed_handler = _Processed(self._raw_handler)
        self._rules = rules or order_rules(settings)
        self._orders_handler = Orders(settings.topics, self._rules)
        self._chunk_bytes = settings.chunk_bytes
        self.cleaned = 0
        """How many events of orders wait to be folded."""

    def begin_with(self, firsts: Collection[Place], raw_starts: Mapping[int, int]) -> None:
        """Begin with rows of "seen" for first records that raw no longer has, as orders know them. `firsts`: their
        places; `raw_starts`: raw's first offsets by partition.

        Without these rows a conflict that was held back would become the first of its key, and its order would have it
        beside the fact that it contradicts. The rows keep their times, so they count for as long as they would have.
        """
        for _, timed_row in self._scratch.items(Kind.KEPT):
            for fact in gone_facts(load(untimed(timed_row)[1]), raw_starts):
                event, key, row = seen_row(fact)
                if (row.partition, row.offset) in firsts:
                    home = partition_for(event.encode(), len(self._homes))
                    self._scratch.put_many(Kind.SEEN, [(placed(key, home), timed(row.pack(), row.timestamp))])

    def take(self, records: Sequence[ConsumerRecord]) -> None:
        """Decide on records of one raw partition, in the order of their offsets.

        MigrationRefused: the handler fails on a record that a worker has processed.
        """
        processed = [record for record in records if (record.partition, record.offset) not in self._failed]
        for unit, _ in self._decided(processed, self._processed_handler):
            self._spill(unit)

    def take_late(self, records: Sequence[ConsumerRecord]) -> Iterator[Write]:
        """Decide on records that no worker has processed. Yields what a worker would write, except the position."""
        for unit, home in self._decided(records, self._raw_handler):
            for (topic, partition), batches in unit.batches.items():
                for emitted in (record for batch in batches for record in batch.records):
                    if topic == dedupe.TABLE:
                        yield Write(self._topics.dedupe_changelog, home, *emitted)
                    else:
                        yield Write(topic, partition, *emitted)

    def keep_gone(self) -> None:
        """Begin with the remains of orders that were forgotten or erased, also of those that began anew: no order is
        made from what raw still has of them."""
        for key, timed_row in self._scratch.items(Kind.GONE):
            gone, (of_order, _) = Gone.read(untimed(timed_row)[1]), place_of(key)
            home = partition_of(gone.murmur2, len(self._homes))
            if (order_id := order_id_of(of_order)) is not None:
                of_order = gone_key(order_id.decode())
            self._scratch.put_many(Kind.ORDERS, [(placed(of_order, home), timed_row)])

    def fold_kept(self, raw_starts: Mapping[int, int]) -> None:
        """Begin with what orders hold of raw records that are gone. `raw_starts`: raw's first offsets by partition."""
        for _, timed_row in self._scratch.items(Kind.KEPT):
            received, row = untimed(timed_row)
            if (order := kept_row(row, raw_starts)) is None:
                continue
            self._write(self._home(order.order_id.encode()), order.order_id, begun_with(order, self._rules), received)

    def keep_blind(self) -> None:
        """Keep blind returns that raw no longer has: only their own rows have them."""
        for key, timed_row in self._scratch.items(Kind.BLIND):
            received, row = untimed(timed_row)
            blind = BlindReturn.read(place_of(key)[0], row)
            with self._writer(self._home(blind.record_key.encode()), received) as orders:
                orders.write_blind(blind, received)

    def keep_unprocessed(self) -> None:
        """Keep events that could not be processed and that raw no longer has, for the next version to try them
        again."""
        for key, timed_row in self._scratch.items(Kind.UNPROCESSED):
            event = unprocessed(*unpack(untimed(timed_row)[1]), "")
            if event is not None:
                home = self._home(event.order_id.encode())
                self._scratch.put_many(Kind.ORDERS, [(placed(place_of(key)[0], home.partition), timed_row)])

    def take_waiting(self, raw_starts: Mapping[int, int]) -> None:
        """Take the events that wait for large orders and that raw no longer has, to fold them with all others."""
        for key, row in self._scratch.items(Kind.WAITING):
            found = waiting_of(place_of(key)[0], row)
            if found is None:
                continue
            order_id, event = found
            source = dict(event.headers)[SOURCE].decode()
            if is_gone(source, raw_starts):
                home = partition_for(order_id, len(self._homes))
                self._keep_cleaned(home, Emitted(order_id, event.value, event.timestamp, [*event.headers]))

    def keep_late(self) -> None:
        """Keep an order late, stalled or with gaps set aside, where it still waits: folding it completes nothing."""
        for key, found in self._scratch.items(Kind.LATE):
            of_order, _ = place_of(key)
            order_id = order_id_of(of_order) or b""
            home = self._home(order_id)
            [timed_row] = self._scratch.get_many(Kind.ORDERS, [placed(of_order, home.partition)])
            if timed_row is not None:
                received, row = untimed(timed_row)
                self._write(
                    home, order_id.decode(), still_late(row, Found(*orjson.loads(found)), self._rules), received
                )

    def keep_revisions(self) -> None:
        """Continue the count of each order's documents: the number is part of event ids, and readers compare it.

        A row with the same place and content keeps its number, so no run writes it again.
        """
        for key, revision in self._scratch.items(Kind.REVISION):
            of_order, _ = place_of(key)
            home = self._home(order_id_of(of_order) or b"").partition
            place = placed(of_order, home)
            [timed_row] = self._scratch.get_many(Kind.ORDERS, [place])
            if timed_row is None:
                continue
            received, row = untimed(timed_row)
            order = load(row)
            order.revision = int(revision)
            [before] = self._scratch.get_many(Kind.ORDERS_BEFORE, [place])
            if digest(dump(order)) != before:
                order.revision += 1
            self._scratch.put_many(Kind.ORDERS, [(place, timed(dump(order), received))])

    def keep_beginning(self, received_ms: int, now_ms: int) -> None:
        """Write into every partition when the first record of raw was received: raw may have forgotten it."""
        row = timed(b"%d" % received_ms, now_ms)
        self._scratch.put_many(Kind.ORDERS, [(placed(BEGAN, home.partition), row) for home in self._homes])

    def _home(self, record_key: bytes) -> Home:
        return self._homes[partition_for(record_key, len(self._homes))]

    def _write(self, home: Home, order_id: str, applied: Applied, timestamp: int) -> None:
        with self._writer(home, timestamp) as orders:
            orders.write(order_id, applied, timestamp)

    @contextmanager
    def _writer(self, home: Home, timestamp: int) -> Iterator[OrderWriter]:
        """Yield a writer for rows that belong to no record."""
        unit = home.unit([_record(self._topics.orders, home.partition, Emitted(None, None, timestamp, []))])
        orders = OrderWriter(unit, self._topics)
        yield orders
        orders.close()
        home.keep(unit)

    def fold(self) -> Iterator[int]:
        """Fold what raw has; yield from time to time how many more events are done."""
        chunk, size = list[ConsumerRecord](), 0
        for key, value in self._scratch.items(Kind.CLEANED):
            (partition,) = _PARTITION.unpack_from(key)
            is_full = len(chunk) == _CHUNK or size >= self._chunk_bytes
            if chunk and (chunk[0].partition != partition or is_full):
                yield self._fold(chunk)
                chunk, size = [], 0
            size += len(value)
            chunk.append(_record(self._topics.orders, partition, Emitted(*marshal.loads(value))))  # noqa: S302 - our own  # nosec B302
        if chunk:
            yield self._fold(chunk)

    def _fold(self, chunk: Sequence[ConsumerRecord]) -> int:
        for _ in self._homes[chunk[0].partition].process(chunk, self._orders_handler):
            pass
        return len(chunk)

    def _decided(self, records: Sequence[ConsumerRecord], handler: Handler) -> Iterator[tuple[Unit, int]]:
        """Yield units, and the partition where their rows belong. New events of the same names go to that partition,
        because raw is partitioned by event name."""
        groups: dict[int, list[ConsumerRecord]] = {}
        for record in records:
            home = record.partition if record.key is None else partition_for(record.key, len(self._homes))
            groups.setdefault(home, []).append(record)
        for home, group in groups.items():
            for unit in self._homes[home].process(group, handler):
                yield unit, home

    def _spill(self, unit: Unit) -> None:
        for (topic, partition), batches in unit.batches.items():
            if topic == self._topics.orders:
                self._keep_cleaned(partition, *(record for batch in batches for record in batch.records))

    def _keep_cleaned(self, partition: int, *records: Emitted) -> None:
        """Keep records of the orders topic until they are folded."""
        rows = []
        for emitted in records:
            self.cleaned += 1
            key = _PARTITION.pack(partition) + (emitted.key or b"") + _NUMBER.pack(self.cleaned)
            rows.append((key, marshal.dumps(tuple(emitted))))
        self._scratch.put_many(Kind.CLEANED, rows)


class _Processed:
    """The handler of raw records that a worker has processed, so their outputs are out. Without its key, such a record
    would pass again. Without its fact, an order would change."""

    def __init__(self, handler: Handler) -> None:
        self._handler = handler

    def process(self, unit: Unit) -> None:
        """Process as the handler does."""
        self._handler.process(unit)

    def refuse(self, unit: Unit, error: Exception) -> None:
        """MigrationRefused: always, because no processed record may be left out."""
        record = unit.records[0]
        raise MigrationRefused(
            f"A worker has processed {record.topic}/{record.partition}@{record.offset}, and this version or these"
            f" settings fail on it ({described(error)}): raise BRIDGE_INGRESS_MAX_BODY_BYTES if it is too large, else"
            " take a version or key rules that can process it, then run this again."
        )


def _record(topic: str, partition: int, emitted: Emitted) -> ConsumerRecord:
    key, value, timestamp, headers = emitted
    size = len(value or b"")
    return ConsumerRecord(topic, partition, 0, timestamp, 0, key, value, None, len(key or b""), size, tuple(headers))
