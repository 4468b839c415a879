"""A unit of work, committed as one Kafka transaction: what one chunk amounts to, or what is due without one."""

from collections.abc import Callable, Mapping, Sequence
from math import inf
from typing import Any, Final, Protocol, TypeVar

from aiokafka.structs import ConsumerRecord

from processors.engine.chunk import Chunk
from processors.engine.continuity import Last
from processors.engine.errors import TableError, UnitFullError
from processors.engine.overrides.batches import Batch
from processors.engine.position import Position
from processors.engine.records import Headers, RecordHeaders
from processors.engine.refusals import Refusals
from processors.engine.store import POSITION, RESERVED
from processors.engine.unit_size import UnitSize

_T = TypeVar("_T")

RECORD_OVERHEAD: Final = 64 * 1024
"""Room for a record's key and headers, within the size that topics take."""
BATCH_OVERHEAD: Final = 1024
"""Room for what Kafka adds to a record."""


class Rows(Protocol):
    """A table's partition, as far as a unit needs it."""

    def get_many(self, keys: Sequence[bytes]) -> list[bytes | None]:
        """Rows in the order of ``keys``."""

    def scan(self, prefix: bytes, after: bytes, limit: int) -> list[tuple[bytes, bytes]]:
        """See ``TablePartition.scan``."""


class UnitOwner(Protocol):
    """The lane, as far as a unit needs it."""

    changelogs: Mapping[str, str]
    refusals: Refusals
    size: UnitSize
    max_record_bytes: int
    opening: int
    """The number of the lane's opening; see `Memory`."""

    @property
    def tables(self) -> Mapping[str, Rows]:
        """Partitions by table name."""

    def create_batch(self) -> Batch:
        """An empty batch of the lane's producer."""

    def start(self, unit: "Unit") -> None:
        """Commit the unit in the background; the lane's next unit waits for it."""

    def give_up(self, unit: "Unit", error: Exception) -> None:
        """Nothing of the unit was sent or written; its chunk must be read again."""


class Unit:
    """Collects the outputs and rows of one chunk. ``commit`` makes them and the source position one transaction. A unit
    that is neither committed nor given up leaves no trace.

    A tick's unit has no records, and leaves the position as it is. ``now_ms``: the time of a unit without records.
    """

    def __init__(self, lane: UnitOwner, chunk: Chunk, now_ms: int | None = None) -> None:
        self._lane = lane
        self.chunk = chunk
        self.partition = int(chunk.tp.partition)
        """Number of the source's partition, and of every table's."""
        self.opening = lane.opening
        """That of the lane."""
        self.timestamp: int = chunk.records[-1].timestamp if now_ms is None else now_ms
        """Of the last record, or of the tick; in milliseconds."""
        self.max_value_bytes = lane.max_record_bytes - RECORD_OVERHEAD
        """Most bytes of a record's value."""
        self._max_record_bytes = lane.max_record_bytes - BATCH_OVERHEAD
        self._whole_room = lane.size.max_bytes if chunk.records else lane.size.room
        self._max_bytes = inf if len(chunk.records) == 1 or not self._whole_room else lane.size.max_bytes
        self.is_refusal = False
        """Whether its record was put aside instead of processed."""
        self.aside = 0
        """Records that were put aside because of what they are, which says nothing about the handler."""
        self.written = 0
        """Bytes of all its records but positions, as batches have them."""
        self.batches: dict[tuple[str, int], list[Any]] = {}
        """By topic and partition: ``Batch`` objects, as the owner makes them."""
        self.rows: dict[str, dict[bytes, bytes | None]] = {}
        self._on_commit: list[Callable[[], None]] = []

    @property
    def records(self) -> Sequence[ConsumerRecord]:
        """The chunk's records, in the order of their offsets."""
        return self.chunk.records

    @property
    def last(self) -> Last | None:
        """The unit's last record; None: it has none."""
        return Last(self.records[-1].offset, self.records[-1].timestamp) if self.records else None

    @property
    def refusals(self) -> Refusals:
        """What the lane has put aside so far."""
        return self._lane.refusals

    @property
    def size(self) -> UnitSize:
        """How many records the lane's units take."""
        return self._lane.size

    @property
    def advances(self) -> bool:
        """Whether the unit changes where the lane stands."""
        return self.chunk.end != self.chunk.start

    def anew(self, chunk: Chunk | None = None) -> "Unit":
        """An empty unit of the same chunk, or of ``chunk``, its first part."""
        return Unit(self._lane, chunk or self.chunk)

    # -- collecting -----------------------------------------------------------------------------------------

    def emit(
        self,
        topic: str,
        partition: int,
        key: bytes | None,
        value: bytes | None,
        timestamp: int,
        headers: Headers | None = None,
        carried: RecordHeaders | None = None,
    ) -> None:
        """Write a record to ``topic`` when the unit commits; ``timestamp`` in milliseconds. Its headers are those of
        ``carried``, if given, and ``headers`` behind them.

        ValueError: no topic takes a record of this size. UnitFullError: several records, or what is due, come to too
        much for one unit.
        """
        if value is not None and len(value) > self.max_value_bytes:
            raise ValueError(f"a record of {len(value)} bytes is too large for {topic}")
        size = self._append((topic, partition), key, value, timestamp, headers or [], carried)
        if size > self._max_record_bytes:
            raise ValueError(f"a record of {size} bytes, key and headers included, is too large for {topic}")
        self.written += size
        if self.written > self._max_bytes:
            raise UnitFullError(f"{self.written} bytes of {len(self.records)} records")

    def _append(
        self,
        home: tuple[str, int],
        key: bytes | None,
        value: bytes | None,
        timestamp: int,
        headers: Headers,
        carried: RecordHeaders | None = None,
    ) -> int:
        """Add a record to a batch; return its bytes."""
        batches = self.batches.get(home)
        if batches is None:
            batches = self.batches[home] = [self._lane.create_batch()]
        size: int = batches[-1].add(timestamp, key, value, headers, carried)
        if not size:
            batches.append(self._lane.create_batch())
            size = batches[-1].add(timestamp, key, value, headers, carried)
        return size

    @property
    def room(self) -> int:
        """Bytes that the unit may still write; negative if the consequences of a single record, or one thing that is
        due, are larger."""
        return self._whole_room - self.written

    def holds(self, value: bytes | None) -> bool:
        """Whether a record may have this value."""
        return value is None or len(value) <= self.max_value_bytes

    def get_many(self, table: str, keys: Sequence[bytes]) -> list[bytes | None]:
        """Committed rows overlaid with this unit's own, in the order of ``keys``. TableError: they cannot be read."""
        found = self._read(table, lambda rows: rows.get_many(keys))
        own = self.rows.get(table)
        return [own.get(key, row) for key, row in zip(keys, found, strict=True)] if own else found

    def scan(self, table: str, prefix: bytes, after: bytes, limit: int) -> list[tuple[bytes, bytes]]:
        """Committed rows as ``TablePartition.scan`` gives them, without this unit's own. TableError: as for
        ``get_many``."""
        return self._read(table, lambda rows: rows.scan(prefix, after, limit))

    def _read(self, table: str, read: Callable[[Rows], _T]) -> _T:
        try:
            return read(self._lane.tables[table])
        except TableError:
            raise
        except Exception as error:
            raise TableError(f"table {table} cannot be read: {error}") from error

    def put(self, table: str, key: bytes, value: bytes | None, timestamp: int) -> None:
        """Set a row (None deletes) and write it to the table's changelog. ValueError: as in ``emit``."""
        if key.startswith(RESERVED):
            raise ValueError(f"table {table}: row key {key!r} starts with a byte that the engine keeps for itself")
        self.emit(self._lane.changelogs[table], self.partition, key, value, timestamp)
        self._rows(table)[key] = value

    def put_position(self, table: str, before: Last | None = None) -> None:
        """Write the source position after this unit, as a row of the engine's own; called by the lane. ``before``: the
        last record before the unit."""
        row = Position(self.chunk.end, *(self.last or before or ())).encode()
        # Not counted: a full unit has room for this row.
        self._append((self._lane.changelogs[table], self.partition), POSITION, row, self.timestamp, [])
        self._rows(table)[POSITION] = row

    def _rows(self, table: str) -> dict[bytes, bytes | None]:
        rows = self.rows.get(table)
        if rows is None:
            rows = self.rows[table] = {}
        return rows

    def on_commit(self, action: Callable[[], None]) -> None:
        """Call ``action`` once the unit is committed: for counters, which must not count what came to nothing."""
        self._on_commit.append(action)

    # -- its end --------------------------------------------------------------------------------------------

    def commit(self, *, refused: bool = False) -> None:
        """Start the commit; the lane's next unit waits for it. ``refused``: the record was put aside."""
        self.is_refusal = refused
        self._lane.start(self)

    def give_up(self, error: Exception) -> None:
        """Leave the chunk to the lane, which reads it again, or halts if ``error`` says so."""
        self._lane.give_up(self, error)

    def committed(self) -> None:
        """Run the actions: the unit is committed, or had nothing to write."""
        actions, self._on_commit = self._on_commit, []  # they know the unit: a cycle would keep its records
        for action in actions:
            action()
