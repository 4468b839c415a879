"""A lane: one source partition with its transactional producer and its tables' partitions."""

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable, Iterable, Mapping
from typing import Any

from aiokafka import AIOKafkaProducer
from aiokafka.producer.message_accumulator import BatchBuilder
from aiokafka.structs import TopicPartition
from faust.types import TP

from processors.engine.chunk import Chunk
from processors.engine.crash import crash_point
from processors.engine.errors import LaneHaltedError, UnitTimeoutError, bare
from processors.engine.observer import LaneState, Observer
from processors.engine.options import EngineOptions
from processors.engine.overrides.producer import (
    add_partitions,
    discard,
    fence,
    new_producer,
    with_growing_backoff,
)
from processors.engine.position import Position
from processors.engine.refusals import Refusals
from processors.engine.share import Share
from processors.engine.store import TablePartition
from processors.engine.unit import Unit
from processors.engine.unit_size import UnitSize

log = logging.getLogger(__name__)

_CLOSE_TIMEOUT = 3.0  # several lanes close side by side; SIGTERM has 10 s for everything


def transactional_id(group_id: str, topic: str, partition: int) -> str:
    """Of the producer of a source partition's lane: whoever starts one fences whoever had the lane before."""
    return f"{group_id}-{topic}-{partition}"


class Lane:
    """Runs the units of one source partition strictly one after the other.

    ``on_failure`` is told when a unit failed or its outcome is unknown; the lane runs nothing until it has
    been opened again, since only Kafka knows what was committed.
    """

    def __init__(
        self,
        tp: TP,
        changelogs: Mapping[str, str],
        options: EngineOptions,
        observer: Observer,
        refusals: Refusals,
        share: Share,
        on_failure: Callable[["Lane", BaseException], None],
    ) -> None:
        self.tp, self.changelogs, self.refusals = tp, changelogs, refusals
        self.max_record_bytes = options.max_record_bytes
        self.size = UnitSize(options.chunk_records, options.chunk_bytes)
        self._share = share
        self.tables: Mapping[str, TablePartition] = {}
        self.next = 0
        """Source offset of the next unit."""
        self.failures = 0
        """Failed units since the last one that was committed."""
        self._options, self._observer, self._on_failure = options, observer, on_failure
        self._producer: AIOKafkaProducer | None = None
        self._running: asyncio.Task[None] | None = None
        self.state = LaneState.OPENING
        self._set_state(LaneState.OPENING)

    @property
    def ready(self) -> bool:
        """Whether it accepts units."""
        return self.state is LaneState.READY

    # -- opening and closing --------------------------------------------------------------------------------

    async def take_over(self) -> None:
        """Fence: from here on no older owner can commit, and nothing is left half done. Then open the tables.

        LaneHaltedError: a table's directory cannot be opened.
        """
        await self._discard_producer()
        if self.state is LaneState.CLOSED:
            raise RuntimeError(f"lane {self.tp} is closed")
        self._set_state(LaneState.OPENING)
        producer = new_producer(self._options, transactional_id(self._options.group_id, *self.tp))
        self._producer = producer
        await fence(producer)
        for topic in (*self._options.outputs, *self.changelogs.values()):
            await producer.partitions_for(topic)  # known before the first unit needs its leaders
        self._close_tables()  # once a write has failed, RocksDB refuses all others until the directory is opened anew
        self._open_tables()

    def _open_tables(self) -> None:
        if self.state is LaneState.CLOSED:
            raise RuntimeError(f"lane {self.tp} is closed")
        for name in self.changelogs:
            path = self._options.data_dir / name / str(self.tp.partition)
            try:
                self.tables = {**self.tables, name: TablePartition(path, self._options.expiry.get(name))}
            except Exception as error:
                raise LaneHaltedError(f"{path} cannot be opened: {error}") from error

    def _close_tables(self) -> None:
        tables, self.tables = self.tables, {}
        for table in tables.values():
            try:
                table.close()
            except Exception:  # the others must be closed all the same
                log.exception("%s was not closed in order", table.path)

    @property
    def position(self) -> Position | None:
        """What the tables know of it; None if nothing was processed yet."""
        return max(filter(None, (table.position for table in self.tables.values())), key=_next, default=None)

    def ready_at(self, offset: int) -> None:
        """Accept units from ``offset`` on."""
        if self.state is not LaneState.CLOSED:
            self.next = offset
            self._set_state(LaneState.READY)

    def failed_to_open(self) -> None:
        """That attempt is over; another one follows, unless the lane is halted."""
        if self.state is LaneState.OPENING:
            self._set_state(LaneState.FAILED)

    def halt(self) -> None:
        """Accept nothing until opened again."""
        self._set_state(LaneState.HALTED)

    async def close(self) -> None:
        """Let the running unit end, within limits; afterwards nothing touches the tables, which are closed."""
        if self._running is not None and not self._running.done():
            await asyncio.wait([self._running], timeout=_CLOSE_TIMEOUT)
        self._set_state(LaneState.CLOSED)  # a commit that ends later finds the lane closed and writes no row
        self._close_tables()
        await self._discard_producer()

    async def _discard_producer(self) -> None:
        producer, self._producer = self._producer, None
        if producer is not None:
            await discard(producer, _CLOSE_TIMEOUT / 2)

    def _set_state(self, state: LaneState) -> None:
        if self.state is not LaneState.CLOSED:
            self.state = state
            self._observer.lane_state(self.tp, state)

    # -- units ----------------------------------------------------------------------------------------------

    async def idle(self) -> None:
        """Wait until no unit runs."""
        if self._running is not None:
            await asyncio.wait([self._running])

    def create_batch(self) -> BatchBuilder:
        """An empty batch in the producer's format."""
        if self._producer is None:
            raise RuntimeError(f"lane {self.tp} is {self.state}")
        return self._producer.create_batch()

    def start(self, unit: Unit) -> None:
        """Commit ``unit`` in the background, so that the agent prepares another partition's chunk meanwhile."""
        give_back = self._share.take(unit.written)
        self._running = asyncio.create_task(self._run(unit, give_back), name=f"unit of {self.tp}")

    def give_up(self, unit: Unit, error: Exception) -> None:
        """Read the unit's chunk again, unless ``error`` halts the lane."""
        unit.chunk.release()
        log.error("lane %s: %s cannot be processed: %s", self.tp, _interval(unit.chunk), error)
        self.fail(error)

    async def _run(self, unit: Unit, give_back: Callable[[], None]) -> None:
        started = time.perf_counter()
        try:
            ends = await self._commit(unit)
        except Exception as error:  # noqa: BLE001 - whatever it was, the outcome is unknown
            log.warning("lane %s: unit %s: %r", self.tp, _interval(unit.chunk), error)
            if isinstance(error, UnitTimeoutError):
                self.size.exceeded(len(unit.records))
            self.fail(bare(error))
        else:
            crash_point("after-commit")
            if self.ready:
                self._apply(unit, ends, time.perf_counter() - started)
        finally:
            unit.chunk.release()
            give_back()

    def _apply(self, unit: Unit, ends: Mapping[tuple[str, int], int], seconds: float) -> None:
        """Write what is committed into the tables; without an await, so that the lane is still ours at the end."""
        try:
            for name, rows in unit.rows.items():
                self.tables[name].apply(rows.items(), ends[self.changelogs[name], self.tp.partition])
        except Exception as error:  # the disk; Kafka has the rows, and opening the lane again reads them from there
            log.exception("lane %s: committed, but not written", self.tp)
            self.fail(bare(error))
            return
        self.next, self.failures = unit.chunk.end, 0
        self.size.committed(len(unit.records), unit.written)
        if unit.is_refusal:
            self.refusals.refused()
            self._observer.record_refused(self.tp)
        else:
            self.refusals.passed(len(unit.records))
        for _ in range(unit.aside):
            self._observer.record_refused(self.tp)
        unit.committed()
        self._observer.unit_committed(self.tp, len(unit.records), seconds)

    def fail(self, error: BaseException) -> None:
        """Run nothing until opened again; LaneHaltedError: somebody has to look."""
        if self.ready:
            self.failures += 1
            self._set_state(LaneState.HALTED if isinstance(error, LaneHaltedError) else LaneState.FAILED)
            self._on_failure(self, error)

    async def _commit(self, unit: Unit) -> dict[tuple[str, int], int]:
        """One transaction; returns the last offset written to each partition."""
        producer = self._producer
        if producer is None or not self.ready:
            raise RuntimeError(f"lane {self.tp} is {self.state}")
        for table in self.tables:
            unit.put_position(table)
        # After that the broker gives the transaction up, and its fate is known to the next fence only. Waiting longer
        # would hold up the partition's readers, and the lane, by what aiokafka waits for in vain.
        limit = self._options.transaction_timeout
        try:
            async with asyncio.timeout(limit):
                return await with_growing_backoff(producer, self._transaction(producer, unit))
        except TimeoutError:
            raise UnitTimeoutError(f"no outcome within {limit:g} s") from None

    async def _transaction(self, producer: AIOKafkaProducer, unit: Unit) -> dict[tuple[str, int], int]:
        await producer.begin_transaction()
        add_partitions(producer, list(unit.batches))
        offsets = {TopicPartition(*self.tp): unit.chunk.end}
        # commit_transaction() does not notice a failed batch, so every send is awaited here
        *ends, _ = await _all(
            *(_send(producer, topic, partition, batches) for (topic, partition), batches in unit.batches.items()),
            producer.send_offsets_to_transaction(offsets, self._options.group_id),
        )
        crash_point("before-commit")
        await producer.commit_transaction()
        return dict(ends)


async def _send(
    producer: AIOKafkaProducer, topic: str, partition: int, batches: Iterable[BatchBuilder]
) -> tuple[tuple[str, int], int]:
    """Send the batches in order; returns the partition and its last record's offset."""
    futures, records = [], 0
    for batch in batches:
        batch.close()
        records = batch.record_count()
        futures.append(await producer.send_batch(batch, topic, partition=partition))
    *_, last = await _all(*futures)
    return (topic, partition), last.offset + records - 1  # the answer has the batch's first offset


async def _all(*work: Awaitable[Any]) -> list[Any]:
    """As ``gather``, but waits for all of them and leaves no exception unseen before it raises the first."""
    results = await asyncio.gather(*work, return_exceptions=True)
    for result in results:
        if isinstance(result, BaseException):
            raise result
    return results


def _next(position: Position) -> int:
    return position.next


def _interval(chunk: Chunk) -> str:
    return f"[{chunk.start}, {chunk.end})"
