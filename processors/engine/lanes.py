"""All lanes of a worker: opened on assignment, repaired after failures, closed on revocation."""

import asyncio
import logging
import time
from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import Protocol

from aiokafka.errors import ProducerFenced
from aiokafka.structs import TopicPartition
from faust.types import TP

from processors.engine.chunk import Chunk
from processors.engine.crash import crash_point
from processors.engine.errors import HandlerHaltedError, LaneHaltedError, StandstillError
from processors.engine.lane import Lane
from processors.engine.observer import LaneState, Observer
from processors.engine.options import EngineOptions
from processors.engine.position import check_last, start_offset
from processors.engine.recovery import catch_up
from processors.engine.refusals import Refusals
from processors.engine.share import Share
from processors.engine.source_log import timestamps
from processors.engine.store import TablePartition
from processors.engine.unit import Unit

log = logging.getLogger(__name__)

_OPEN_TIMEOUT = 600.0  # a cold recovery of 20 million rows takes minutes
_REPAIR_DELAY_MAX = 5.0
_UNITS_IN_FLIGHT = 4  # of the largest size; together, whatever the number of lanes
_HALTED_DELAY = 10.0  # an operator may have mended what halted it


class SourceConsumer(Protocol):
    """The group consumer, as far as lanes need it."""

    async def place(self, offsets: Mapping[TP, int]) -> None:
        """Read on from these offsets."""

    async def committed(self, tps: Iterable[TP]) -> dict[TP, int]:
        """Committed offset of each partition that has one."""

    async def log_bounds(self, tps: Iterable[TP]) -> dict[TP, tuple[int, int]]:
        """First and end offset of each partition."""


class Lanes:
    """``sources``: source topic -> names of its tables; ``changelogs``: table name -> changelog topic."""

    def __init__(
        self,
        sources: Mapping[str, tuple[str, ...]],
        changelogs: Mapping[str, str],
        options: EngineOptions,
        observer: Observer,
    ) -> None:
        self.options, self.observer = options, observer
        self.consumer: SourceConsumer
        self._sources, self._changelogs = sources, changelogs
        self._lanes: dict[TP, Lane] = {}
        self._repairs: dict[TP, asyncio.Task[None]] = {}
        self._refusals: defaultdict[TP, Refusals] = defaultdict(Refusals)  # a rebalance is no reason to start anew
        self._share = Share(_UNITS_IN_FLIGHT * options.chunk_bytes)
        self._closing = asyncio.Lock()
        self.opened_at: float | None = None
        """``time.monotonic()`` of the last assignment; None before the first one."""

    # -- for agents and readers -----------------------------------------------------------------------------

    async def unit(self, chunk: Chunk) -> Unit | None:
        """The unit of ``chunk`` once its partition's previous one has ended, and others in flight leave room.

        A unit starts exactly where its lane stands: chunks do get dropped and repeated, on rebalances and
        repairs. One that does not fit gives None, and the lane reads on from where it stands.
        """
        lane = self._lanes.get(chunk.tp)
        if lane is not None:
            await lane.idle()
            await self._share.room()
        if lane is None or not lane.ready or self._lanes.get(chunk.tp) is not lane:
            chunk.release()
            return None
        if chunk.start == lane.next:
            return Unit(lane, chunk)
        chunk.release()
        if chunk.start is None or chunk.end > lane.next:
            log.info("lane %s: at %s, got [%s, %s); reading again", chunk.tp, lane.next, chunk.start, chunk.end)
            await self.consumer.place({chunk.tp: lane.next})
        return None

    def table(self, name: str, tp: TP) -> TablePartition | None:
        """The table's partition that the lane of ``tp`` maintains; None unless it is up to date and ours."""
        lane = self._lanes.get(tp)
        return lane.tables[name] if lane is not None and lane.ready else None

    def states(self) -> dict[TP, LaneState]:
        """State of every lane assigned to this worker."""
        return {tp: lane.state for tp, lane in self._lanes.items()}

    def assigned(self) -> dict[TP, Lane]:
        """Every lane that this worker is to run."""
        return dict(self._lanes)

    def positions(self) -> dict[TP, int]:
        """Next source offset of every lane that runs."""
        return {tp: lane.next for tp, lane in self._lanes.items() if lane.ready}

    # -- life cycle -----------------------------------------------------------------------------------------

    async def open_all(self, assigned: Iterable[TP]) -> None:
        """Replace all lanes by those of ``assigned``. One that cannot open yet is repaired in the background."""
        await self.close_all()
        started = self.opened_at = time.monotonic()
        lanes = [self._new_lane(tp) for tp in sorted(assigned) if tp.topic in self._sources]
        self._lanes = {lane.tp: lane for lane in lanes}
        failed: dict[Lane, BaseException] = {}
        try:
            failed.update(await self._open(lanes))
        except Exception as error:  # noqa: BLE001 - whatever hinders us now, the repair tries again
            failed.update(dict.fromkeys(lanes, error))
        except asyncio.CancelledError as error:
            if _is_cancelled():
                raise
            failed.update(dict.fromkeys(lanes, error))  # a client that was stopped early said so
        for lane, reason in failed.items():
            self._repair_later(lane, reason)
        log.info(
            "%s of %s lanes open after %.3f s",
            len(lanes) - len(failed),
            len(lanes),
            time.monotonic() - started,
        )

    async def close_all(self) -> None:
        """Close every lane and its tables; goes on to the end even if the caller is cancelled."""
        await asyncio.shield(asyncio.ensure_future(self._close_all()))

    async def _close_all(self) -> None:
        async with self._closing:
            lanes, self._lanes = self._lanes, {}
            repairs, self._repairs = self._repairs, {}
            for task in repairs.values():
                task.cancel()
            await asyncio.gather(*repairs.values(), return_exceptions=True)
            outcomes = await asyncio.gather(*(lane.close() for lane in lanes.values()), return_exceptions=True)
            for tp, error in zip(lanes, outcomes, strict=True):
                if error is not None:  # the others are closed all the same
                    log.error("lane %s was not closed in order: %r", tp, error)

    def _new_lane(self, tp: TP) -> Lane:
        changelogs = {name: self._changelogs[name] for name in self._sources[tp.topic]}
        return Lane(tp, changelogs, self.options, self.observer, self._refusals[tp], self._share, self._repair_later)

    async def _open(self, lanes: Iterable[Lane]) -> dict[Lane, BaseException]:
        """Fence, then catch up, then find the start: in any other order an older owner could commit in between.

        Returns the lanes that do not run, and why. Raises what hinders all of them.
        """
        lanes = list(lanes)
        async with asyncio.timeout(_OPEN_TIMEOUT):
            outcomes = await asyncio.gather(*(lane.take_over() for lane in lanes), return_exceptions=True)
            crash_point("fenced")
            failed = {lane: error for lane, error in zip(lanes, outcomes, strict=True) if error is not None}
            failed |= await self._start([lane for lane in lanes if lane not in failed])
        for lane, error in failed.items():
            if isinstance(error, LaneHaltedError):
                lane.halt()
        return failed

    async def _start(self, lanes: list[Lane]) -> dict[Lane, BaseException]:
        if not lanes:
            return {}
        halted = await catch_up(self.options, _changelog_partitions(lanes), self._recovered)
        tps = [lane.tp for lane in lanes]
        committed, bounds = await self.consumer.committed(tps), await self.consumer.log_bounds(tps)
        positions = {lane.tp: position for lane in lanes if (position := lane.position)}
        lasts = {
            TopicPartition(*tp): last
            for tp, position in positions.items()
            if (last := position.last_within(*bounds[tp])) is not None
        }
        times = await timestamps(self.options, lasts)
        failed: dict[Lane, BaseException] = {}
        for lane in lanes:
            try:
                if errors := [halted[tp] for tp in _changelog_partitions([lane]) if tp in halted]:
                    raise errors[0]
                position = positions.get(lane.tp)
                known, skipped_to = position and position.next, committed.get(lane.tp)
                lane.next = max(known or 0, skipped_to or 0)  # for the lag, should it halt
                start = start_offset(lane.tp, known, skipped_to, *bounds[lane.tp])
                tp = TopicPartition(*lane.tp)
                if position is not None and start == position.next and tp in lasts:
                    check_last(lane.tp, position, times.get(tp))
                lane.ready_at(start)
            except LaneHaltedError as error:
                failed[lane] = error
        return failed

    def _recovered(self, tp: TopicPartition, rows: int, seconds: float) -> None:
        crash_point("recovering")
        table = next(name for name, topic in self._changelogs.items() if topic == tp.topic)
        self.observer.recovered(table, rows, seconds)

    # -- repair ---------------------------------------------------------------------------------------------

    def out_of_range(self, tps: Iterable[TP]) -> None:
        """The log no longer has the offset that a lane wants to read: opening it again finds out why."""
        for tp in tps:
            if lane := self._lanes.get(tp):
                lane.fail(LaneHaltedError(f"{tp}: offset {lane.next} is out of the log's range"))

    def restart(self, tps: Iterable[TP]) -> None:
        """Open lanes anew that get nowhere."""
        for tp in tps:
            if lane := self._lanes.get(tp):
                lane.fail(StandstillError(f"{tp} stands at {lane.next}"))

    def _repair_later(self, lane: Lane, error: BaseException) -> None:
        if isinstance(error, HandlerHaltedError):
            log.critical("lane %s is halted: %s", lane.tp, error)
        elif self._lanes.get(lane.tp) is lane and lane.tp not in self._repairs:
            self._repairs[lane.tp] = asyncio.create_task(self._repair(lane, error), name=f"repair of {lane.tp}")

    async def _repair(self, lane: Lane, error: BaseException) -> None:
        """Never guess an outcome: fence, read the changelog and the offsets again, and go on from there."""
        attempt = lane.failures  # of a chunk that fails again and again, too
        while not lane.ready and self._lanes.get(lane.tp) is lane:  # aiokafka may swallow a cancellation
            attempt += 1
            lane.failed_to_open()
            log.warning("lane %s: not running, attempt %s to open it: %r", lane.tp, attempt, error)
            await asyncio.sleep(self._repair_delay(attempt, error))
            try:
                error = (await self._open([lane])).get(lane, error)
                if lane.ready:
                    await self.consumer.place({lane.tp: lane.next})
            except Exception as again:  # noqa: BLE001 - it is logged with the next attempt
                error = again
            except asyncio.CancelledError as again:
                if _is_cancelled():
                    raise
                error = again  # of something below that was cancelled: no reason to leave the lane as it is
        if self._lanes.get(lane.tp) is lane:
            self._repairs.pop(lane.tp, None)
            log.info("lane %s runs again from %s", lane.tp, lane.next)

    def _repair_delay(self, attempt: int, error: BaseException) -> float:
        if isinstance(error, LaneHaltedError):
            return _HALTED_DELAY
        if isinstance(error, ProducerFenced):
            # Somebody else may own the partition by now; give the group the time to say so.
            return self.options.session_timeout / 3
        return min(0.2 * attempt, _REPAIR_DELAY_MAX)


def _is_cancelled() -> bool:
    task = asyncio.current_task()
    return task is not None and task.cancelling() > 0


def _changelog_partitions(lanes: Iterable[Lane]) -> dict[TopicPartition, TablePartition]:
    return {
        TopicPartition(lane.changelogs[name], lane.tp.partition): table
        for lane in lanes
        for name, table in lane.tables.items()
    }
