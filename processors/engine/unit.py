"""A unit of work: what one chunk amounts to, committed as one Kafka transaction."""

from collections.abc import Callable, Mapping, Sequence
from types import TracebackType
from typing import Protocol, Self

from aiokafka.producer.message_accumulator import BatchBuilder
from aiokafka.structs import ConsumerRecord

from processors.engine.chunk import Chunk
from processors.engine.store import POSITION, RESERVED, TablePartition

Headers = list[tuple[str, bytes]]


class UnitOwner(Protocol):
    """The lane, as far as a unit needs it."""

    tables: Mapping[str, TablePartition]
    changelogs: Mapping[str, str]

    def create_batch(self) -> BatchBuilder:
        """An empty batch of the lane's producer."""

    def start(self, unit: "Unit") -> None:
        """Commit the unit in the background; the lane's next unit waits for it."""

    def reject(self, unit: "Unit", error: BaseException) -> None:
        """The agent failed on the chunk: nothing of it was sent or written."""


class Unit:
    """Collects the outputs and rows of one chunk. Leaving its block commits them, the table rows and the
    source position as one transaction; an exception in the block leaves no trace, and the chunk comes again.

    Without a lane (a chunk overtaken by a rebalance or a repair) it has no records and commits nothing.
    """

    def __init__(self, lane: UnitOwner | None, chunk: Chunk) -> None:
        self._lane = lane
        self.chunk = chunk
        self.records: Sequence[ConsumerRecord] = () if lane is None else chunk.records
        self.batches: dict[tuple[str, int], list[BatchBuilder]] = {}
        self.rows: dict[str, dict[bytes, bytes | None]] = {}
        self._on_commit: list[Callable[[], None]] = []

    @property
    def partition(self) -> int:
        """Partition of the source, and of every table of the lane."""
        return int(self.chunk.tp.partition)

    def emit(
        self,
        topic: str,
        partition: int,
        key: bytes | None,
        value: bytes | None,
        timestamp: int,
        headers: Headers | None = None,
    ) -> None:
        """Write a record to ``topic`` when the unit commits; ``timestamp`` in milliseconds."""
        batches = self.batches.get((topic, partition))
        if batches is None:
            batches = self.batches[topic, partition] = [self._owner.create_batch()]
        if batches[-1].append(key=key, value=value, timestamp=timestamp, headers=headers or []) is None:
            batches.append(self._owner.create_batch())  # an empty batch takes a record of any size
            batches[-1].append(key=key, value=value, timestamp=timestamp, headers=headers or [])

    def get_many(self, table: str, keys: Sequence[bytes]) -> list[bytes | None]:
        """Committed rows overlaid with this unit's own, in the order of ``keys``."""
        if self._lane is None or not keys:
            return []
        found = self._lane.tables[table].get_many(keys)
        own = self.rows.get(table)
        return [own.get(key, row) for key, row in zip(keys, found, strict=True)] if own else found

    def put(self, table: str, key: bytes, value: bytes | None, timestamp: int) -> None:
        """Set a row (None deletes) and write it to the table's changelog."""
        if key.startswith(RESERVED):
            raise ValueError(f"table {table}: row key {key!r} starts with a byte that the engine keeps for itself")
        self._put(table, key, value, timestamp)

    def put_position(self, table: str) -> None:
        """Called by the lane: the source position after this unit, as a row of the engine's own."""
        self._put(table, POSITION, b"%d" % self.chunk.end, self.chunk.records[-1].timestamp)

    def _put(self, table: str, key: bytes, value: bytes | None, timestamp: int) -> None:
        self.rows.setdefault(table, {})[key] = value
        self.emit(self._owner.changelogs[table], self.partition, key, value, timestamp)

    def on_commit(self, action: Callable[[], None]) -> None:
        """Call ``action`` once the unit is committed: for counters, which must not count what came to nothing."""
        self._on_commit.append(action)

    def committed(self) -> None:
        """Called by the lane."""
        actions, self._on_commit = self._on_commit, []  # they know the unit: no cycle may keep its records
        for action in actions:
            action()

    @property
    def _owner(self) -> UnitOwner:
        if self._lane is None:
            raise RuntimeError("a unit without records has nothing to write")
        return self._lane

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> bool:
        if self._lane is None:
            return False
        if error is None:
            self._lane.start(self)
            return False
        self._lane.reject(self, error)
        # An exception must not reach Faust, which would acknowledge the chunk and restart the agent: the lane
        # reports it and reads the chunk again. Cancellation is no failure of the chunk.
        return isinstance(error, Exception)
