"""Opens lanes: what is asked in which order, and how long an answer may take."""

import asyncio
import logging
import time
from collections.abc import AsyncIterator, Callable, Collection, Iterable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import replace
from typing import Protocol

from aiokafka.structs import TopicPartition
from faust.types import TP

from processors.engine.changelog import Changelog, check_beginning, check_table
from processors.engine.chunk import named
from processors.engine.crash import crash_point
from processors.engine.errors import NoAnswerError, OpeningTimeoutError
from processors.engine.halts import has_halted
from processors.engine.lane import Lane
from processors.engine.log_ends import LogBounds, LogEnds
from processors.engine.options import COORDINATION, EngineOptions
from processors.engine.position import Committed, passed_over, start_offset
from processors.engine.ramp import Ramp
from processors.engine.reader import reading
from processors.engine.recovery import Progress, catch_up

log = logging.getLogger(__name__)

_ANSWER_S = 20.0
_MOST_ANSWER_S = 80.0
_AT_ONCE = 16
_PATIENCE_S = 2.0
_RECOVERIES = 4
"""Lanes that read their changelogs side by side: each has a few fetches in memory."""


class SourceConsumer(Protocol):
    """The group consumer, as far as lanes need it."""

    async def belonging(self) -> None:
        """Return once this worker is a member of the group, as far as it can know."""

    async def place(self, offsets: Mapping[TP, int]) -> None:
        """Read on from these offsets."""

    async def committed(self, tp: TP) -> Committed | None:
        """Committed offset of a partition; None: there is none."""


PassingOver = Callable[[TP, range], None]
"""Told of offsets that a lane goes past unprocessed."""


class Opener:
    """Opens lanes, each by itself. ``recovered`` is told of what is read into their tables, ``passing_over`` of offsets
    that they go past unprocessed."""

    def __init__(
        self, options: EngineOptions, topics: Collection[str], recovered: Progress, passing_over: PassingOver
    ) -> None:
        self._options, self._recovered, self._passing_over = options, recovered, passing_over
        self._ramp, self._recoveries = Ramp(_AT_ONCE, _PATIENCE_S), asyncio.Semaphore(_RECOVERIES)
        self._topics = frozenset({*topics, *options.outputs, *COORDINATION})
        self._logs = LogEnds(options.client, self._topics)

    async def close(self) -> None:
        """Close the connections by which logs' ends are asked for."""
        await self._logs.close()

    async def open(self, lane: Lane, consumer: SourceConsumer, timeouts: int) -> None:
        """Fence, commit a barrier to the changelogs, read up to it, then find the start. In any other order an older
        owner could commit in between, or a broker that is cut off could hide what one has committed. First wait for the
        group: a worker outside it would fence its healthy successor, again and again.

        ``timeouts``: how many attempts have run out of time; each doubles the time, in case the CPU was missing.
        LaneHaltedError: going on would lose or repeat records. NoAnswerError, KafkaError: try again.
        """
        seconds = min(_ANSWER_S * 2**timeouts, _MOST_ANSWER_S)
        await consumer.belonging()
        async with self._ramp.entered():  # a place lasts for seconds only, so wait for the group first
            await consumer.belonging()
            async with _answered(f"opening {named(lane.tp)}", seconds):
                options = await self._informed()
                await lane.take_over(options)
                crash_point("fenced")
                begins = await self._checked(lane)
                ends = await lane.barrier()
        tables = lane.local.by_changelog()
        changelogs = {tp: Changelog(table, begins[tp], ends[tp]) for tp, table in tables.items()}
        async with self._recoveries, AsyncExitStack() as stack:  # nobody waits here for a leader that is away
            async with _answered(f"reading the changelog of {named(lane.tp)}", seconds):
                reader = await stack.enter_async_context(reading(options))
            await catch_up(reader, changelogs, self._recovered)
        for table in tables.values():
            table.caught_up()
        async with _answered(f"the start of {named(lane.tp)}", seconds):
            await self._start(lane, consumer)

    async def _informed(self) -> EngineOptions:
        """Options for clients that begin with brokers which the others have not left behind."""
        brokers = await self._logs.informed(self._topics)
        if not brokers:
            raise NoAnswerError(self._logs.silence)
        return replace(self._options, client={**self._options.client, "bootstrap_servers": brokers})

    async def _checked(self, lane: Lane) -> dict[TopicPartition, int]:
        """Where the changelogs begin. Outdated tables are emptied, unless the lane has halted. LaneHaltedError: a
        changelog does not continue its table.

        Before the barrier, which would let a changelog that has lost its end grow, until nobody could tell.
        """
        tables = lane.local.by_changelog()
        bounds = await self._bounds(tables)
        for tp, table in tables.items():
            check_table(table, bounds[tp].lineage, bounds[tp].high_watermark)
            check_beginning(table, bounds[tp].begin)
            if table.outdated and not has_halted(table.path):
                log.warning("%s was away for so long that deletions may be missing: it is read anew", table.path)
                table.empty()
        return {tp: bounds[tp].begin for tp in tables}

    async def _start(self, lane: Lane, consumer: SourceConsumer) -> None:
        committed = await consumer.committed(lane.tp)
        source = TopicPartition(*lane.tp)
        bounds = (await self._bounds([source]))[source]
        position = lane.local.position
        known = position and position.next
        if position or committed:  # for the lag, should the lane halt
            lane.next, lane.found_start = max(known or 0, committed.offset if committed else 0), True
        forgotten = self._forgotten(lane, time.time_ns() // 1_000_000)
        start = start_offset(lane.tp, known, committed, bounds.begin, bounds.stable_end, forgotten)
        last = position.last_within(bounds.begin, bounds.stable_end) if position and start == position.next else None
        _empty_outdated(lane)
        if passed := passed_over(known, committed, bounds.begin):
            log.warning(
                "%s: the group's offset %d was set by no worker: records %d to %d are passed over",
                named(lane.tp),
                passed.stop,
                passed.start,
                passed.stop - 1,
            )
            self._passing_over(lane.tp, passed)
        lane.start_at(start, last, committed.offset if committed else 0)

    def _forgotten(self, lane: Lane, now_ms: int) -> int | None:
        """The time (ms) before which changelog records may be gone; None: they stay."""
        kept = [expiry.retention_ms for name in lane.changelogs if (expiry := self._options.expiry.get(name))]
        return now_ms - min(kept) if kept else None

    async def _bounds(self, partitions: Iterable[TopicPartition]) -> dict[TopicPartition, LogBounds]:
        answers = await self._logs.bounds(list(partitions))
        for tp, answer in answers.items():
            if not isinstance(answer, LogBounds):
                raise NoAnswerError(f"{named(tp)}: {answer.reason}")
        return {tp: answer for tp, answer in answers.items() if isinstance(answer, LogBounds)}


def _empty_outdated(lane: Lane) -> None:
    """Empty outdated tables that were left alone because the lane had halted: now it is certain that Kafka has lost
    nothing that they have. NoAnswerError: there were any; they have to be read."""
    outdated = [table for table in lane.tables.values() if table.outdated]
    for table in outdated:
        table.empty()
    if outdated:
        raise NoAnswerError(f"{named(lane.tp)} had halted, and was away for so long that deletions may be missing")


@asynccontextmanager
async def _answered(what: str, seconds: float) -> AsyncIterator[None]:
    try:
        async with asyncio.timeout(seconds):
            yield
    except TimeoutError:
        raise OpeningTimeoutError(f"{what}: not done within {seconds:g} s") from None
