"""Notices lanes that have work and get nowhere. Pure: callers give time and positions."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from math import inf
from typing import NamedTuple

from faust.types import TP

from processors.engine.observer import LaneState

STANDSTILL_S = 60.0


class LaneProgress(NamedTuple):
    """A lane at one moment."""

    state: LaneState
    next: int
    """Its next source offset; 0 until it has found its start."""
    unread: int
    """Changelog offsets that it has still to read while it is opened."""
    lag: int | None
    """Offsets that it has still to process; None: not known."""
    ticks: int | None = None
    """Number of ticks that came through; None: its handler has no ticks."""


class Stuck(NamedTuple):
    """Lanes that have stood still for `STANDSTILL_S`: those to reopen, and those that were reopened in vain."""

    restart: list[TP]
    give_up: list[TP]


_BEING_OPENED = frozenset({LaneState.OPENING, LaneState.FAILED})
"""A failed lane is one of them: it waits for its turn to be opened again."""


@dataclass(slots=True)
class _Stand:
    next: int
    since: float
    counted_from: float
    restarted: LaneState | None = None
    """The lane's state when it was restarted with all of Kafka in reach; None: such a restart was not tried."""
    least: float = inf
    """Fewest offsets that it had left to read; infinite until it begins to read."""

    def reads_further(self, lane: LaneProgress) -> bool:
        """Whether the lane has fewer offsets left to read than it ever had at this position."""
        further = _unread(lane) < self.least
        self.least = min(_unread(lane), self.least)
        return further

    def gets_on(self, now: float) -> None:
        """Let its minute begin anew. A restart while it was being opened anyway does not count as tried."""
        self.counted_from = now
        if self.restarted in _BEING_OPENED:
            self.restarted = None


class Standstill:
    """Remembers since when each lane with work has stood at its position.

    A lane has work if it has lag or is being opened. A halted lane has none: it waits for an operator.

    Reading tables and becoming open are progress, also for other lanes that are being opened: lanes wait for each other
    there. But a lane that fails and is opened again and again does both each time. So reading counts only if the lane
    has fewer offsets left than ever, or than a look ago. Becoming open counts only the first time since a part of Kafka
    was away: else such a lane would put off giving up a lane that hangs.
    """

    def __init__(self) -> None:
        self._stands: dict[TP, _Stand] = {}
        self._least: dict[TP, float] = {}
        """Fewest offsets that each lane ever had left to read."""
        self._before: dict[TP, float] = {}
        """Offsets that each lane had left at the look before."""
        self._opened = set[TP]()

    def opened_anew(self, now: float) -> None:
        """All lanes were made anew. That is no progress of those that stood still, but their minute begins anew."""
        self._opened.clear()
        for stand in self._stands.values():
            stand.counted_from, stand.restarted = now, None

    def seconds(self, now: float) -> dict[TP, float]:
        """Seconds at ``now`` for which each lane with work has neither committed nor read further in its tables."""
        return {tp: now - stand.since for tp, stand in self._stands.items()}

    def stuck(self, lanes: Mapping[TP, LaneProgress], now: float, outage_at: float = -inf) -> Stuck:
        """The lanes that have not moved for too long at ``now`` (seconds): to be restarted, or given up if that did not
        help. ``outage_at``: when a part of Kafka was last out of reach; until a minute after that none is given up."""
        reachable = now - outage_at > STANDSTILL_S
        self._look(lanes, now, self._reads(lanes), self._opens(lanes, reachable=reachable))
        self._before = {tp: _unread(lane) for tp, lane in lanes.items()}
        found = Stuck([], [])
        for tp, stand in self._stands.items():
            if now - stand.counted_from > STANDSTILL_S:
                (found.give_up if stand.restarted and reachable else found.restart).append(tp)
                stand.counted_from, stand.restarted = now, lanes[tp].state if now > outage_at else None
        return found

    def _reads(self, lanes: Mapping[TP, LaneProgress]) -> bool:
        """Whether any lane has fewer offsets left to read than ever, or than a look ago."""
        before = self._least
        self._least = {tp: min(_unread(lane), before.get(tp, inf)) for tp, lane in lanes.items()}
        return any(least < before.get(tp, inf) or self._falls(tp, lanes[tp]) for tp, least in self._least.items())

    def _falls(self, tp: TP, lane: LaneProgress) -> bool:
        """Whether the lane has fewer offsets left than a look ago. What was read is kept, so these are new ones. This
        counts for a lane whose table is read from further back: it was emptied, or another worker's for a while."""
        return _unread(lane) < self._before.get(tp, inf) < inf

    def _opens(self, lanes: Mapping[TP, LaneProgress], *, reachable: bool) -> set[TP]:
        """Lanes that are open for the first time. A lane that fails while a part of Kafka is away, or within a minute
        after, counts as never open: its last unit may outlive the outage."""
        ready = {tp for tp, lane in lanes.items() if lane.state is LaneState.READY}
        new = ready - self._opened
        self._opened = ready | self._opened if reachable else ready
        return new

    def _look(self, lanes: Mapping[TP, LaneProgress], now: float, reads: bool, opens: Collection[TP]) -> None:
        for tp in self._stands.keys() - lanes.keys():
            del self._stands[tp]
        for tp, lane in lanes.items():
            known = self._stands.get(tp)
            moved = known is None or known.next < lane.next
            if _rests(lane, moved):
                self._stands.pop(tp, None)
                continue
            if known is None or moved:
                known = self._stands[tp] = _Stand(lane.next, now, now)
            further, waits = known.reads_further(lane) or self._falls(tp, lane), lane.state in _BEING_OPENED
            if further or (waits and reads):
                known.since = now
            if further or tp in opens or (waits and (reads or opens)):
                known.gets_on(now)


def _unread(lane: LaneProgress) -> float:
    """Offsets left to read; infinite if the lane has not begun to read, or has read all."""
    return lane.unread or inf


def _rests(lane: LaneProgress, moved: bool) -> bool:
    """Whether the lane has no work. While its lag is not known, an open lane has work if it had some at this
    position."""
    if lane.state is LaneState.READY:
        return moved if lane.lag is None else lane.lag == 0
    return lane.state is LaneState.HALTED
