"""A lane: one source partition with its transactional producer and its tables' partitions."""

import asyncio
import itertools
import logging
import time
from collections.abc import Callable, Mapping

from aiokafka import AIOKafkaProducer
from aiokafka.structs import TopicPartition
from faust.types import TP

from processors.engine.chunk import Chunk, named
from processors.engine.continuity import Continuity, Last
from processors.engine.crash import crash_point
from processors.engine.errors import IdleError, LaneHaltedError, UnitTimeoutError, bare, is_cancelled
from processors.engine.lane_tables import LaneTables
from processors.engine.observer import LaneState, Observer
from processors.engine.options import EngineOptions
from processors.engine.overrides.batches import Batch, batch_of
from processors.engine.overrides.producer import discard, fence, new_producer, with_growing_backoff
from processors.engine.pace import Pace
from processors.engine.position import Committed
from processors.engine.refusals import Refusals
from processors.engine.share import Share
from processors.engine.store import TablePartition
from processors.engine.transaction import GroupOffsets, transact, transactional_id
from processors.engine.unit import Unit
from processors.engine.unit_size import UnitSize

log = logging.getLogger(__name__)

_OPENINGS = itertools.count()
"""Numbers the openings of all lanes: a lane that is opened anew is not taken for the one before."""
_IDLE_S = 86_400.0
"""Kafka forgets transactional ids that were not used for transactional.id.expiration.ms, a week by default."""
_CLOSE_S = 3.0  # several lanes close side by side; SIGTERM has 10 s for everything


class Lane:
    """Runs the units of one source partition strictly one after the other.

    ``on_failure`` is told when a unit failed or has an unknown outcome. The lane runs nothing until it is opened again,
    since only Kafka knows what was committed.
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
        self.size = UnitSize(options.chunk_records, options.unit_bytes)
        self.pace = Pace()
        self._share = share
        self.local = LaneTables(tp.partition, changelogs, options)
        self.next = 0
        """Source offset of the next unit, once the lane has found its start."""
        self.found_start = False
        """Whether `next` is known: from the first opening on that got so far."""
        self.committed = 0
        """The group's offset. `next` may lie behind it, with transaction markers in between that were passed over."""
        self.opening = next(_OPENINGS)
        """Another number with each opening."""
        self.failures = 0
        """Failed units since the last one of records that was committed."""
        self._continuity = Continuity(tp)
        self._options, self._observer, self._on_failure = options, observer, on_failure
        self._producer: AIOKafkaProducer | None = None
        self._running: asyncio.Task[None] | None = None
        self._committed_at = self._options.clock()
        self.state = LaneState.OPENING
        self._observer.lane_state(tp, self.state)

    @property
    def ready(self) -> bool:
        """Whether the lane accepts units."""
        return self.state is LaneState.READY

    @property
    def runs(self) -> bool:
        """Whether the lane is open: its tables are up to date and its own."""
        return self.state in {LaneState.READY, LaneState.VERIFYING}

    @property
    def reads_from(self) -> int:
        """Source offset to read from."""
        last = self._continuity.last
        return self.next if last is None or self.ready else last.offset

    async def take_over(self, options: EngineOptions) -> None:
        """Fence: from here on no older owner can commit, and nothing is left half done. Then open the tables.

        ``options``: the lane's own, perhaps with other brokers. LaneHaltedError: a table's directory cannot be opened.
        """
        self.opening = next(_OPENINGS)
        self._leave_unit()
        await self._discard_producer()
        if self.state is not LaneState.OPENING:
            self._move(LaneState.OPENING)
        producer = self._producer = new_producer(options, transactional_id(self._options.group_id, *self.tp))
        await fence(producer, {*self._options.outputs, *self.changelogs.values()})
        # Once a write has failed, RocksDB refuses all others until the directory is opened anew.
        await self.local.close()
        self._own_producer()  # raises if the lane was closed meanwhile
        self.local.open()

    async def barrier(self) -> dict[TopicPartition, int]:
        """Commit a record without a value to each changelog; return the changelogs' ends behind it.

        Only a true leader acknowledges it, and all that older owners committed is before it. A broker that is cut off
        from its peers takes its old end for the log's.
        """
        producer = self._own_producer()
        batches = self.local.barriers(self.create_batch, time.time_ns() // 1_000_000)
        lasts = await with_growing_backoff(producer, transact(producer, batches, crash="before-barrier"))
        self._committed_at = self._options.clock()
        return {TopicPartition(*tp): last + 1 for tp, last in lasts.items()}

    @property
    def tables(self) -> Mapping[str, TablePartition]:
        """The open tables, by name."""
        return self.local.opened

    def start_at(self, offset: int, last: Last | None, committed: int) -> None:
        """Accept units from ``offset`` on, once ``last``, the record processed last, was seen again. ``committed``: the
        group's offset; 0: there is none."""
        self.next, self.committed, self.found_start = offset, committed, True
        self._continuity = Continuity(self.tp, last)
        self._move(LaneState.READY if last is None else LaneState.VERIFYING)

    def admit(self, chunk: Chunk) -> Chunk | None:
        """The part of ``chunk`` that a unit may have. None: nothing; the next chunk has to begin at ``reads_from``.

        LaneHaltedError: the source is not the log that was processed.
        """
        if self.ready and self._continuity.is_broken_by(chunk):
            self._move(LaneState.VERIFYING)
        if self.state is LaneState.VERIFYING:
            if not self._continuity.is_shown_by(chunk):
                return None
            self._move(LaneState.READY)
            # Go back to what was passed over, if need be: the log may have lost that and grown again. Its records
            # behind the last processed one are still to be processed.
            _, *behind = chunk.records
            self.next = min(self.next, behind[0].offset) if behind else chunk.end
            chunk = chunk.behind_first(self.next)
        return chunk if chunk.continues(self.next) else None

    def to_be_shown(self, interruptions: int) -> int | None:
        """Offset of the record to read again, since after so many ``interruptions`` the log may be another one; None:
        there is no need, or no record."""
        last = self._continuity.last
        return None if last is None or self._continuity.holds(interruptions) else last.offset

    def failed_to_open(self, error: BaseException) -> None:
        """An attempt to open the lane failed; another one follows, soon unless ``error`` halts the lane."""
        if self.state is LaneState.OPENING or self.runs:
            self._end_by(error)

    async def close(self) -> None:
        """Let the running unit end, within limits, and close the tables; afterwards nothing touches them."""
        if self._running is not None and not self._running.done():
            await asyncio.wait([self._running], timeout=_CLOSE_S)
        self._move(LaneState.CLOSED)  # a commit that ends later finds the lane closed and writes no row
        await self.local.close()
        await self._discard_producer()

    def _leave_unit(self) -> None:
        """Cancel a unit that still waits for its outcome: it must neither hold up what follows the fence nor report
        it."""
        running, self._running = self._running, None
        if running is not None:
            running.cancel()

    async def _discard_producer(self) -> None:
        producer, self._producer = self._producer, None
        if producer is not None:
            await discard(producer, _CLOSE_S / 2)

    def _own_producer(self) -> AIOKafkaProducer:
        if self._producer is None:
            raise RuntimeError(f"lane {named(self.tp)} is {self.state}")
        return self._producer

    def _end_by(self, error: BaseException) -> None:
        self._move(LaneState.HALTED if isinstance(error, LaneHaltedError) else LaneState.FAILED)

    def _move(self, state: LaneState) -> None:
        """RuntimeError: ``state`` must not follow the lane's present one."""
        if state not in self.state.moves:
            raise RuntimeError(f"lane {named(self.tp)} is {self.state} and cannot be {state}")
        self.state = state
        self._observer.lane_state(self.tp, state)

    async def idle(self) -> None:
        """Wait until no unit runs."""
        if self._running is not None:
            await asyncio.wait([self._running])

    def create_batch(self) -> Batch:
        """An empty batch in the producer's format."""
        return batch_of(self._own_producer())

    def start(self, unit: Unit) -> None:
        """Commit ``unit`` in the background, so that the agent prepares another partition's chunk meanwhile."""
        give_back, release = self._share.take(unit.written), unit.chunk.release
        self._running = asyncio.create_task(self._run(unit), name=f"unit of {named(self.tp)}")
        # A callback: a task that is cancelled before it begins runs nothing of its own.
        self._running.add_done_callback(lambda _: (release(), give_back()))

    def give_up(self, unit: Unit, error: Exception) -> None:
        """Have the unit's chunk read again, unless ``error`` halts the lane."""
        unit.chunk.release()
        log.error("lane %s: %s cannot be processed: %s", named(self.tp), unit.chunk, error)
        self.fail(error)

    async def _run(self, unit: Unit) -> None:
        started, opening = time.perf_counter(), self.opening
        try:
            ends = await self._commit(unit)
        except (Exception, asyncio.CancelledError) as error:  # whatever it was, the outcome is unknown
            if isinstance(error, asyncio.CancelledError) and is_cancelled():
                raise
            log.warning("lane %s: unit %s: %s", named(self.tp), unit.chunk, self._options.in_words(error))
            if isinstance(error, UnitTimeoutError):
                self.size.exceeded(len(unit.records))
            if opening == self.opening:
                self.fail(bare(error))
        else:
            crash_point("after-commit")
            if self.ready and opening == self.opening:
                self._apply(unit, ends, time.perf_counter() - started)

    def _apply(self, unit: Unit, ends: Mapping[tuple[str, int], int], seconds: float) -> None:
        """Write committed rows into the tables; without an await, so that the lane is still ours at the end."""
        try:
            self.local.apply(unit.rows, unit.batches, ends)
        except Exception as error:  # the disk; opening the lane again reads the rows from Kafka
            log.exception("lane %s: committed, but not written", named(self.tp))
            self.fail(bare(error))
            return
        self._committed_at = self._options.clock()
        self.size.committed(len(unit.records), unit.written)
        if unit.advances:
            self.next = self.committed = unit.chunk.end
        if unit.records:
            self._advance(unit)
            self.pace.committed(len(unit.records), seconds, time.perf_counter())
        for _ in range(unit.aside + unit.is_refusal):
            self._observer.record_refused(self.tp)
        unit.committed()
        self._observer.unit_committed(self.tp, unit.records, seconds)

    def _advance(self, unit: Unit) -> None:
        """Note that the lane stands behind the unit's records."""
        self.failures = 0
        self._continuity.last = unit.last
        if unit.is_refusal:
            self.refusals.refused()
        else:
            self.refusals.passed(len(unit.records))

    def fail(self, error: BaseException) -> None:
        """Run nothing until the lane is opened again; if ``error`` is a LaneHaltedError, somebody has to look."""
        if self.runs:
            self.failures += 1
            self._end_by(error)
            self._on_failure(self, error)

    async def _commit(self, unit: Unit) -> dict[tuple[str, int], int]:
        """Commit one transaction; return the last offset written to each partition."""
        producer = self._producer
        if producer is None or not self.ready:
            raise RuntimeError(f"lane {named(self.tp)} is {self.state}")
        if (idle := self._options.clock() - self._committed_at) > _IDLE_S:
            raise IdleError(f"{named(self.tp)}: nothing was committed for {idle:.0f} s")
        if unit.advances:
            for table in self.tables:
                unit.put_position(table, self._continuity.last)
        # After that the broker gives the transaction up, and only the next fence knows its fate. aiokafka would wait
        # longer, in vain, and hold up the partition's readers and the lane.
        limit = self._options.transaction_timeout
        try:
            async with asyncio.timeout(limit):
                return await with_growing_backoff(producer, self._transaction(producer, unit))
        except TimeoutError:
            raise UnitTimeoutError(f"no outcome within {limit:g} s") from None

    async def _transaction(self, producer: AIOKafkaProducer, unit: Unit) -> dict[tuple[str, int], int]:
        if not unit.advances:  # the group's offset stays what it is
            return await transact(producer, unit.batches, crash="before-tick")
        offsets = GroupOffsets.of(self._options.group_id, self.tp, unit.chunk.end, Committed.mark(unit.timestamp))
        return await transact(producer, unit.batches, offsets)
