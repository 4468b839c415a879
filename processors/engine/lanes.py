"""All lanes of a worker: opened on assignment, again after failures, closed on revocation."""

import asyncio
import logging
import time
from collections import Counter, defaultdict
from collections.abc import AsyncIterator, Collection, Iterable, Mapping
from contextlib import asynccontextmanager
from functools import partial
from typing import NamedTuple

from aiokafka.errors import BrokerResponseError
from aiokafka.structs import TopicPartition
from faust.types import TP

from processors.engine.attempts import Attempts
from processors.engine.chunk import Chunk, named, nothing
from processors.engine.crash import crash_point
from processors.engine.errors import (
    HandlerHaltedError,
    LaneHaltedError,
    OpeningTimeoutError,
    OutOfRangeError,
    ReplacedError,
    StandstillError,
    TableDamagedError,
    as_table_error,
    is_cancelled,
)
from processors.engine.lane import Lane
from processors.engine.observer import LaneState, Observer
from processors.engine.opening import Opener, SourceConsumer
from processors.engine.options import EngineOptions
from processors.engine.refusals import RefusalsByLane
from processors.engine.share import Share
from processors.engine.store import TablePartition
from processors.engine.unit import Unit

log = logging.getLogger(__name__)

_UNITS_IN_FLIGHT = 4  # of the largest size; together, whatever the number of lanes


class Closing(NamedTuple):
    """Lanes that are being closed."""

    lanes: Collection[TP]
    since: float
    """``time.monotonic()``"""


class Lanes:
    """``sources``: source topic -> names of its tables; ``changelogs``: table name -> changelog topic."""

    def __init__(
        self,
        sources: Mapping[str, tuple[str, ...]],
        changelogs: Mapping[str, str],
        options: EngineOptions,
        observer: Observer,
        refusals: RefusalsByLane,
    ) -> None:
        self.options, self.observer = options, observer
        self.consumer: SourceConsumer
        self._sources, self._changelogs = sources, changelogs
        self._opener = Opener(options, {*sources, *changelogs.values()}, self._recovered, observer.passed_over)
        self._lanes: dict[TP, Lane] = {}
        self._openings: dict[TP, asyncio.Task[None]] = {}
        self._refusals = refusals
        self._working, self._stages = asyncio.Lock(), defaultdict[str, asyncio.Lock](asyncio.Lock)
        self._turns: defaultdict[TP, asyncio.Lock] = defaultdict(asyncio.Lock)
        self.ticks = Counter[TP]()
        """Ticks that have come through, by partition: committed, or with nothing to write."""
        self._share = Share(_UNITS_IN_FLIGHT * options.chunk_bytes)
        self._closing_lock, self._closings = asyncio.Lock(), 0
        self._is_stopped = False
        self.opened_at: float | None = None
        """Time of the last assignment by the clock of the options; None before the first one."""
        self.is_reassigning = False
        """Whether lanes were or are being closed, and those of the next assignment are not in place yet."""
        self.closing: Closing | None = None

    # -- for agents and readers -----------------------------------------------------------------------------

    async def unit(self, chunk: Chunk) -> Unit | None:
        """The unit of ``chunk`` once its partition's previous unit has ended and the units in flight leave room.

        A unit starts exactly where its lane stands, but rebalances and repairs drop and repeat chunks. A chunk that
        does not fit gives None, and the lane reads on from where it stands.
        """
        lane = await self.idle(chunk.tp)
        if lane is None:
            chunk.release()
            return None
        try:
            admitted = lane.admit(chunk)
        except LaneHaltedError as error:
            chunk.release()
            lane.fail(error)
            return None
        if admitted is not None:
            return Unit(lane, admitted)
        chunk.release()
        if chunk.start is None or chunk.end != lane.next or not lane.ready:
            log.info("lane %s: reads from %s, got [%s, %s)", named(chunk.tp), lane.reads_from, chunk.start, chunk.end)
            await self.consumer.place({chunk.tp: lane.reads_from})
        return None

    async def wait_rested(self, tp: TP, rest: float) -> None:
        """Wait until no unit of the partition runs; then, if the last one was small, for ``rest`` times as long as it
        took."""
        if lane := self._lanes.get(tp):
            await lane.idle()
            await asyncio.sleep(lane.pace.rest(rest, time.perf_counter()))

    async def empty_unit(self, tp: TP) -> Unit | None:
        """A unit without records, once ``idle`` returns; None: the lane is not ready."""
        lane = await self.idle(tp)
        if lane is None or not lane.ready:
            return None
        unit = Unit(lane, nothing(tp, lane.next, lane.next), time.time_ns() // 1_000_000)
        unit.on_commit(partial(self.ticks.update, [tp]))
        return unit

    async def idle(self, tp: TP) -> Lane | None:
        """The lane once its previous unit has ended and the units in flight leave room; None: it does not run."""
        lane = self._lanes.get(tp)
        if lane is None:
            return None
        await lane.idle()
        await self._share.room()
        return lane if lane.runs and self._lanes.get(tp) is lane else None

    def turn(self, tp: TP) -> asyncio.Lock:
        """The lock to hold while making the partition's next unit. Tasks get it in the order in which they came."""
        return self._turns[tp]

    @asynccontextmanager
    async def working(self, topic: str) -> AsyncIterator[None]:
        """Held by the handler that makes a unit of a source topic. One works at a time: several in turns would each be
        as late as all. There is room for what it writes.

        The topics take turns, however many lanes wait for one. Otherwise a slow stage keeps up with the stage before
        it, which gets as little, and has small units for ever, whose records each cost it more.
        """
        async with self._stages[topic], self._working:
            await self._share.room()
            yield

    def opening(self, tp: TP) -> int | None:
        """A number that identifies the partition's lane until it ends or is opened again; None: it accepts no units."""
        lane = self._lanes.get(tp)
        return lane.opening if lane is not None and lane.ready else None

    def table(self, name: str, tp: TP) -> TablePartition | None:
        """The table's partition that the lane of ``tp`` maintains; None unless it is up to date and ours."""
        lane = self._lanes.get(tp)
        return lane.tables[name] if lane is not None and lane.runs else None

    def states(self) -> dict[TP, LaneState]:
        """State of every lane assigned to this worker."""
        return {tp: lane.state for tp, lane in self._lanes.items()}

    def assigned(self) -> dict[TP, Lane]:
        """Every lane that this worker is to run."""
        return dict(self._lanes)

    @property
    def written(self) -> list[str]:
        """Topics that units write, apart from sources."""
        return sorted({*self.options.outputs, *self._changelogs.values()} - self._sources.keys())

    def positions(self) -> dict[TP, int]:
        """Next source offset of every lane that accepts units."""
        return {tp: lane.next for tp, lane in self._lanes.items() if lane.ready}

    def reading_from(self) -> dict[TP, int]:
        """Source offset that is to be read, of every lane that runs."""
        return {tp: lane.reads_from for tp, lane in self._lanes.items() if lane.runs}

    # -- life cycle -----------------------------------------------------------------------------------------

    async def open_all(self, assigned: Iterable[TP]) -> None:
        """Replace all lanes by those of ``assigned``. Each opens in the background by itself: none waits for the broker
        of another."""
        mine = self._closings + 1
        await self.close_all()
        if self._is_stopped or self._closings != mine:
            return  # meanwhile they were closed again, perhaps for good, or a later caller opened them
        self.opened_at, self.is_reassigning = self.options.clock(), False
        self._lanes = {tp: self._new_lane(tp) for tp in sorted(assigned) if tp.topic in self._sources}
        for lane in self._lanes.values():
            self._open_later(lane, None)

    async def stop(self) -> None:
        """Close every lane, and the opener, for good: a later assignment opens none."""
        self._is_stopped = True
        await self.close_all()
        await self._opener.close()

    async def close_all(self) -> None:
        """Close every lane and its tables; goes on to the end even if the caller is cancelled."""
        self._closings += 1
        self.is_reassigning = True
        await asyncio.shield(asyncio.ensure_future(self._close_all()))

    async def _close_all(self) -> None:
        async with self._closing_lock:
            lanes, self._lanes = self._lanes, {}
            openings, self._openings = self._openings, {}
            self.closing = Closing(lanes, time.monotonic())
            for task in openings.values():
                task.cancel()
            await asyncio.gather(*openings.values(), return_exceptions=True)
            outcomes = await asyncio.gather(*(lane.close() for lane in lanes.values()), return_exceptions=True)
            for tp, error in zip(lanes, outcomes, strict=True):
                if error is not None:  # the others are closed all the same
                    log.error("lane %s was not closed in order: %s", named(tp), self.options.in_words(error))
            self.closing = None

    def _new_lane(self, tp: TP) -> Lane:
        changelogs = {name: self._changelogs[name] for name in self._sources[tp.topic]}
        return Lane(tp, changelogs, self.options, self.observer, self._refusals[tp], self._share, self._open_later)

    def out_of_range(self, tps: Iterable[TP]) -> None:
        """The logs do not have the offsets that these lanes read from: opening the lanes again finds out why."""
        for tp in tps:
            if lane := self._lanes.get(tp):
                lane.fail(OutOfRangeError(f"{named(tp)}: offset {lane.reads_from} is out of the log's range"))

    def unreadable(self, tp: TP, position: int, error: Exception) -> None:
        """Halt a lane if what comes at ``position`` of its source cannot be read, however often it is fetched. Records
        before it are processed first: until then the reader reports this again and again."""
        lane = self._lanes.get(tp)
        if lane is not None and lane.next >= position:
            says = error.message if isinstance(error, BrokerResponseError) else error  # its str() would quote objects
            what = f"{named(tp)}: what comes at offset {position} cannot be read ({says})"
            why = "the broker that leads the partition has it damaged; a replica that is intact can lead it instead"
            lane.fail(LaneHaltedError(f"{what}: {why}"))

    def compare(self, lineages: Mapping[str, str]) -> None:
        """Open lanes anew whose changelogs were replaced by other topics; ``lineages``: the present ones by topic. A
        lane that has nothing to commit would notice nothing."""
        for lane in [each for each in self._lanes.values() if each.runs]:
            for tp, table in lane.local.by_changelog().items():
                try:
                    if table.lineage != lineages.get(tp.topic, table.lineage):
                        lane.fail(ReplacedError(f"{tp.topic} was deleted and made anew"))
                except Exception as error:  # noqa: BLE001 - the disk's fault, not the other lanes'
                    lane.fail(as_table_error(named(lane.tp), error))

    def restart(self, tps: Iterable[TP]) -> None:
        """Open lanes anew that get nowhere."""
        for tp in tps:
            if lane := self._lanes.get(tp):
                lane.fail(StandstillError(f"{named(tp)} stands at {lane.next}"))

    def _open_later(self, lane: Lane, error: BaseException | None) -> None:
        """Open ``lane`` in the background; ``error``: why it does not run any more."""
        if isinstance(error, (HandlerHaltedError, TableDamagedError)):  # opened anew, it would run until it fails again
            log.critical("lane %s is halted: %s", named(lane.tp), error)
        elif self._is_ours(lane) and lane.tp not in self._openings:
            self._openings[lane.tp] = asyncio.create_task(self._keep_opening(lane, error), name=f"open {lane.tp}")

    async def _keep_opening(self, lane: Lane, error: BaseException | None) -> None:
        """Never guess an outcome: fence, read the changelog and the offsets again, and go on from there."""
        started, timeouts = time.monotonic(), 0
        attempts = Attempts(lane.tp, lane.failures, self.options)  # a chunk that fails again and again counts, too
        while not lane.runs and self._is_ours(lane):  # aiokafka may swallow a cancellation
            if error is not None:
                await asyncio.sleep(attempts.failed(error))
            error = await self._attempt(lane, timeouts)
            timeouts += isinstance(error, OpeningTimeoutError)
        if self._is_ours(lane):
            self._openings.pop(lane.tp, None)
            log.info("lane %s runs from %s, open after %.3f s", named(lane.tp), lane.next, time.monotonic() - started)

    async def _attempt(self, lane: Lane, timeouts: int) -> BaseException | None:
        """Open ``lane`` once; returns why that failed."""
        try:
            await self._opener.open(lane, self.consumer, timeouts)
            await self.consumer.place({lane.tp: lane.reads_from})
        except Exception as error:  # noqa: BLE001 - it is logged with the next attempt
            lane.failed_to_open(error)
            return error
        except asyncio.CancelledError as error:
            if is_cancelled():
                raise
            lane.failed_to_open(error)
            return error  # something below was cancelled: no reason to leave the lane as it is
        return None

    def _is_ours(self, lane: Lane) -> bool:
        return self._lanes.get(lane.tp) is lane

    def _recovered(self, tp: TopicPartition, rows: int, seconds: float) -> None:
        crash_point("recovering")
        table = next(name for name, topic in self._changelogs.items() if topic == tp.topic)
        self.observer.recovered(table, rows, seconds)
