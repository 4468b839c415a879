"""Noticing a lane that has work and gets nowhere. Pure: time and positions come in."""

from collections.abc import Mapping
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
    """Offsets that it has still to process; None: nobody can tell."""
    ticks: int | None = None
    """How many have come through; None: its handler has no work which no record causes."""


class Stuck(NamedTuple):
    """Lanes that have stood still for `STANDSTILL_S`, and those for which opening them anew did not help."""

    restart: list[TP]
    give_up: list[TP]


@dataclass(slots=True)
class _Stand:
    next: int
    since: float
    counted_from: float
    restarted: bool = False
    least: float = inf
    """That it had still to read, once it had begun, which 0 does not tell; without end: it has not."""

    def reads_further(self, unread: int) -> bool:
        """Whether it reads, and has come further than it ever has from where it stands."""
        further = 0 < unread < self.least
        if further:
            self.least = unread
        return further


class Standstill:
    """Remembers since when each lane with work has stood where it stands.

    Work is lag, or to be opened. Reading tables is getting somewhere, whichever lane's they are: lanes may wait for
    each other there, and none is opened anew for it. One that fails and is opened again and again reads each time, too:
    so it has got somewhere only if it has read further than before. A lane that gets ready puts the giving up of those
    that are being opened off, too, for they may have waited for it: once, until a part of Kafka was away, lest one that
    gets ready again and again does so for one that hangs. A halted lane waits for an operator.
    """

    def __init__(self) -> None:
        self._stands: dict[TP, _Stand] = {}
        self._unread = 0
        self._opened = set[TP]()

    def seconds(self, now: float) -> dict[TP, float]:
        """For how long each lane with work has committed nothing, nor read further in its tables, at ``now``."""
        return {tp: now - stand.since for tp, stand in self._stands.items()}

    def stuck(self, lanes: Mapping[TP, LaneProgress], now: float, outage_at: float = -inf) -> Stuck:
        """The lanes that have not moved for too long at ``now`` (seconds): each is to be restarted, and given up if
        that did not help. ``outage_at``: when a part of Kafka was out of reach last. None is given up then, nor in the
        minute after.
        """
        gets_on = self._reads(lanes) | self._opens(lanes, is_away=outage_at >= now)
        self._look(lanes, now, gets_on=gets_on)
        found = Stuck([], [])
        for tp, stand in self._stands.items():
            if now - stand.counted_from > STANDSTILL_S:
                reachable = now - outage_at > STANDSTILL_S
                (found.give_up if stand.restarted and reachable else found.restart).append(tp)
                stand.counted_from, stand.restarted = now, True
        return found

    def _reads(self, lanes: Mapping[TP, LaneProgress]) -> bool:
        unread = sum(lane.unread for lane in lanes.values() if lane.state is LaneState.OPENING)
        before, self._unread = self._unread, unread
        return unread != before

    def _opens(self, lanes: Mapping[TP, LaneProgress], *, is_away: bool) -> bool:
        """Whether one is open that has not been. While a part of Kafka is away those count as new that are not open."""
        ready = {tp for tp, lane in lanes.items() if lane.state is LaneState.READY}
        before, self._opened = self._opened, ready if is_away else ready | (self._opened & lanes.keys())
        return not ready <= before

    def _look(self, lanes: Mapping[TP, LaneProgress], now: float, *, gets_on: bool) -> None:
        for tp in self._stands.keys() - lanes.keys():
            del self._stands[tp]
        for tp, lane in lanes.items():
            known = self._stands.get(tp)
            moved = known is None or known.next != lane.next
            if _rests(lane, moved):
                self._stands.pop(tp, None)
            elif known is None or moved:
                self._stands[tp] = _Stand(lane.next, now, now)
            elif gets_on and lane.state is LaneState.OPENING:
                known.counted_from = now
        opening = [(stand, lanes[tp]) for tp, stand in self._stands.items() if lanes[tp].state is LaneState.OPENING]
        further = [stand.reads_further(lane.unread) for stand, lane in opening]
        if any(further):
            for stand, _ in opening:
                stand.since = now


def _rests(lane: LaneProgress, moved: bool) -> bool:
    """Whether it has no work. While nobody can tell the lag, a lane has work if it had some where it stands."""
    if lane.state is LaneState.READY:
        return moved if lane.lag is None else lane.lag == 0
    return lane.state is LaneState.HALTED
