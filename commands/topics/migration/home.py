"""Units outside a worker: the worker's handlers process them, with one partition's rows in the scratch tables."""

import logging
import struct
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final, NamedTuple

from aiokafka.structs import ConsumerRecord
from faust.types import TP

from bridge.refusals import MigrationRefused
from bridge.settings import Settings
from commands.topics.migration.scratch import Kind, Scratch, placed
from processors.dedupe import agent as dedupe
from processors.engine.chunk import Chunk
from processors.engine.errors import TableError
from processors.engine.processing import Handler
from processors.engine.records import Headers, RecordHeaders
from processors.engine.refusals import Refusals
from processors.engine.unit import Rows, Unit
from processors.engine.unit_size import UnitSize
from processors.orders import table as orders

KINDS: Final[Mapping[str, Kind]] = {dedupe.TABLE: Kind.SEEN, orders.TABLE: Kind.ORDERS}

_TIME: Final = struct.Struct(">q")

log = logging.getLogger(__name__)


class Emitted(NamedTuple):
    """A record that a unit would write; `timestamp` in milliseconds."""

    key: bytes | None
    value: bytes | None
    timestamp: int
    headers: Headers

    @property
    def size(self) -> int:
        """Bytes of key, value and headers."""
        named = sum(len(name) + len(value) for name, value in self.headers)
        return len(self.key or b"") + len(self.value or b"") + named


class Home:
    """Owns the units whose rows belong into one partition, in whatever partition their records lie."""

    def __init__(self, scratch: Scratch, partition: int, settings: Settings) -> None:
        self.partition, self.max_record_bytes = partition, settings.max_message_bytes
        self.size = UnitSize(settings.chunk_records, settings.chunk_bytes)
        self.tables: Mapping[str, Rows] = {name: _Rows(scratch, kind, partition) for name, kind in KINDS.items()}
        self.changelogs: Mapping[str, str] = {name: name for name in KINDS}
        self.refusals = Refusals()
        self.opening = 0
        self._broken: bytes | None = None
        """Key of the order on whose event the handler failed last."""
        self._scratch, self._orders = scratch, settings.topics.orders

    def process(self, records: Sequence[ConsumerRecord], handler: Handler) -> Iterator[Unit]:
        """Process one partition's records, keep their rows, yield their units. Refuse records on which the handler
        fails.

        MigrationRefused: the handler failed on too many records, or on too many orders.
        """
        unit = self.unit(records)
        try:
            handler.process(unit)
        except (TableError, MemoryError):
            raise
        except Exception as error:  # noqa: BLE001 - refuse the record, unless a limit shows that the fault is elsewhere
            if len(records) > 1:
                middle = len(records) // 2
                yield from self.process(records[:middle], handler)
                yield from self.process(records[middle:], handler)
                return
            unit = self._refused(records, handler, error)
        else:
            self.refusals.passed(len(records))
        self.keep(unit)
        yield unit

    def unit(self, records: Sequence[ConsumerRecord]) -> Unit:
        """A unit of records of one partition, without outputs or rows."""
        first, last = records[0], records[-1]
        chunk = Chunk(TP(first.topic, first.partition), first.offset, last.offset + 1, records, _nothing)
        return Unit(self, chunk)

    def keep(self, unit: Unit) -> None:
        """Write the unit's rows, with their times, to the scratch tables."""
        for name, kind in KINDS.items():
            for batch in unit.batches.get((name, unit.partition), ()):
                rows = ((placed(row.key, self.partition), timed(row.value, row.timestamp)) for row in batch.records)
                self._scratch.put_many(kind, rows)

    def create_batch(self) -> Any:
        """A batch for the unit's records."""
        return Batch()

    def start(self, unit: Unit) -> None:
        """Do nothing: nothing is committed here."""

    def give_up(self, unit: Unit, error: Exception) -> None:
        """Do nothing: nothing is read again here."""

    def _refused(self, records: Sequence[ConsumerRecord], handler: Handler, error: Exception) -> Unit:
        record = records[0]
        if record.topic == self._orders:
            # The events of an order come one after the other here, so one broken order counts as one failure.
            place, of, counts = (record.key or b"").decode(), "orders", record.key is None or record.key != self._broken
            self._broken = record.key
        else:
            place, of, counts = f"{record.topic}/{record.partition}@{record.offset}", "records", True
        if counts and self.refusals.exhausted:
            raise MigrationRefused(f"This version fails on too many {of}; {place} is the last one: {error!r}.")
        unit = self.unit(records)
        handler.refuse(unit, error)
        log.warning("%s: the handler failed: %r", place, error)
        if counts:
            self.refusals.refused()
        return unit


class Batch:
    """Stands for a producer's batch and keeps its records in memory."""

    def __init__(self) -> None:
        self.records: list[Emitted] = []

    def add(
        self,
        timestamp: int,
        key: bytes | None,
        value: bytes | None,
        headers: Headers,
        carried: RecordHeaders | None = None,
    ) -> int:
        """Add a record and return its size in bytes, at least 1. There is always room."""
        every = headers if carried is None else [*carried.headers, *headers]
        self.records.append(Emitted(key, value, timestamp, every))
        return max(1, self.records[-1].size)


class _Rows:
    def __init__(self, scratch: Scratch, kind: Kind, partition: int) -> None:
        self._scratch, self._kind, self._partition = scratch, kind, partition

    def get_many(self, keys: Sequence[bytes]) -> list[bytes | None]:
        found = self._scratch.get_many(self._kind, [placed(key, self._partition) for key in keys])
        return [None if row is None else untimed(row)[1] for row in found]

    def scan(self, prefix: bytes, after: bytes, limit: int) -> list[tuple[bytes, bytes]]:
        """Return nothing to try again: this process would fail again on what it has failed on."""
        del prefix, after, limit
        return []


def timed(row: bytes | None, timestamp: int) -> bytes | None:
    """A row as the scratch tables have it: the time of its changelog record (ms), then the row."""
    return None if row is None else _TIME.pack(timestamp) + row


def untimed(row: bytes) -> tuple[int, bytes]:
    """The time (ms) and the row."""
    return _TIME.unpack_from(row)[0], row[_TIME.size :]


def _nothing() -> None:
    """Nobody waits for a chunk here."""
