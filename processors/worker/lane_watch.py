"""Watches the lanes: compares what Kafka says of their logs with what they have processed."""

import asyncio
import time
from collections.abc import Collection, Mapping
from typing import Final

from aiokafka.structs import TopicPartition
from faust.types import TP

from bridge.http.operations import Check
from bridge.log import get_logger
from processors.engine.chunk import named
from processors.engine.errors import as_table_error
from processors.engine.lag import lag
from processors.engine.lane import Lane
from processors.engine.log_ends import LogBounds, LogEnds
from processors.engine.outages import Unanswered
from processors.engine.overrides.app import LaneApp
from processors.worker import observe, standstill
from processors.worker.lane_health import LaneHealth
from processors.worker.standstill import LaneProgress, Standstill

LOOK_S: Final = 1.0
LOOKS_A_QUESTION: Final = 5
"""Kafka is asked once in so many looks, and at once when other partitions are assigned."""

log = get_logger(__name__)


class LaneWatch:
    """Asks Kafka, keeps the metrics, reopens lanes that stand still. ``kafka`` tells whether Kafka is in reach."""

    def __init__(self, app: LaneApp, kafka: Check) -> None:
        self._app, self._kafka = app, kafka
        self._ends = LogEnds(app.lanes.options.client, app.topics_needed)
        self._logs: Mapping[TP, LogBounds | Unanswered] = {}
        self._outages: list[str] = []
        self._standstill, self._health = Standstill(), LaneHealth()
        self._problems: list[str] = []
        self._outage_at = float("-inf")
        self._opened_at: float | None = None
        self._reassigning_since: float | None = None
        self.outage = False
        """Whether a part of Kafka was out of reach at the last look."""

    def problem(self) -> str | None:
        """Which lanes get nowhere, or whose logs' ends are not known; None if all is well."""
        return "; ".join([*self._problems, *self._outages]) if self._problems else None

    async def run(self) -> list[TP]:
        """Watch until lanes stand still although they were reopened, or cannot be closed; returns these lanes."""
        asking = asyncio.create_task(self._ask(), name="log ends")
        try:
            while not asking.done():
                await asyncio.wait({asking}, timeout=LOOK_S)
                if given_up := self._look(time.monotonic()):
                    return given_up
            await asking
            raise RuntimeError("nobody asks for the logs' ends any more")
        finally:
            asking.cancel()
            observe.refresh({}, {}, {})  # from now on nobody looks
            observe.standstill((), {}, {})
            await asyncio.wait({asking})
            await self._ends.close()

    async def _ask(self) -> None:
        while True:
            assigned = self._app.lanes.assigned().keys()
            needed = self._app.topics_needed
            self._logs, self._outages, lineages = await asyncio.gather(
                self._bounds(assigned), self._ends.outages(needed), self._ends.lineages(needed)
            )
            self._app.lanes.compare(lineages)
            told = {tp: found.leader.node_id for tp, found in self._logs.items() if isinstance(found, LogBounds)}
            self._app.follow(told)
            for _ in range(LOOKS_A_QUESTION):
                await asyncio.sleep(LOOK_S)
                if self._app.lanes.assigned().keys() != assigned:
                    break

    async def _bounds(self, tps: Collection[TP]) -> dict[TP, LogBounds | Unanswered]:
        found = await self._ends.bounds([TopicPartition(*tp) for tp in tps])
        return {TP(*tp): bounds for tp, bounds in found.items()}

    def _look(self, now: float) -> list[TP]:
        lanes, readings = self._app.lanes.assigned(), self._app.readings()
        logs = {tp: known for tp, known in self._logs.items() if tp in lanes}
        lags = {
            tp: behind
            for tp, bounds in logs.items()
            if isinstance(bounds, LogBounds)
            and (behind := lag(_next(lanes[tp]), bounds.stable_end, readings.get(tp))) is not None
        }
        for tp, error in observe.refresh(lanes, logs, lags).items():
            lanes[tp].fail(as_table_error(named(tp), error))
        standings = {tp: _standing(lane, lags.get(tp), self._ticks(tp)) for tp, lane in lanes.items()}
        unanswered = any(isinstance(known, Unanswered) for known in logs.values())
        self.outage = bool(self._outages) or unanswered or self._kafka() is not None
        self._outage_at = now if self.outage else self._outage_at
        return self._unclosed(now) or self._stuck(standings, logs, now)

    def _stuck(
        self, lanes: Mapping[TP, LaneProgress], logs: Mapping[TP, LogBounds | Unanswered], now: float
    ) -> list[TP]:
        """Reopen lanes that stand still; returns those that were reopened in vain.

        Nothing is reported while partitions are reassigned. But that is no progress: what is known of a lane that comes
        back stays, unless reassigning took so long that others had the lane meanwhile.
        """
        handled = self._app.lanes
        if handled.is_reassigning:
            self._reassigning_since = now if self._reassigning_since is None else self._reassigning_since
            observe.standstill((), {}, {})
            self._problems = []
            return []
        if self._reassigning_since is not None and now - self._reassigning_since > standstill.STANDSTILL_S:
            self._standstill, self._health = Standstill(), LaneHealth()
        self._reassigning_since = None
        if handled.opened_at != self._opened_at:
            self._opened_at = handled.opened_at
            self._standstill.opened_anew(now)
        stuck = self._standstill.stuck(lanes, now, self._outage_at)
        standing = self._standstill.seconds(now)
        self._problems = self._health.problems(lanes, logs, standing, now)
        observe.standstill(lanes, standing, self._health.unticked)
        handled.restart(stuck.restart)
        return stuck.give_up

    def _unclosed(self, now: float) -> list[TP]:
        """Lanes that have been closing for longer than a lane may stand still. Time in an outage does not count: the
        opening that a close cancels may wait for Kafka. No other lane is opened until these, which are not assigned any
        more, are closed."""
        closing = self._app.lanes.closing
        if closing is None or now - max(closing.since, self._outage_at) <= standstill.STANDSTILL_S:
            return []
        log.critical("lanes cannot be closed, as on a disk that hangs", seconds=round(now - closing.since))
        return list(closing.lanes)

    def _ticks(self, tp: TP) -> int | None:
        return self._app.lanes.ticks[tp] if tp.topic in self._app.ticking else None


def _next(lane: Lane) -> int | None:
    return lane.next if lane.found_start else None


def _standing(lane: Lane, behind: int | None, ticks: int | None) -> LaneProgress:
    unread = sum(table.unread for table in lane.tables.values())
    return LaneProgress(lane.state, lane.next, unread, behind, ticks)
