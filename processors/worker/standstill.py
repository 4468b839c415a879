"""Noticing a lane that has work and gets nowhere. Pure: time and positions come in."""

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
    """Offsets that it has still to process; None: nobody can tell."""
    ticks: int | None = None
    """How many have come through; None: its handler has no work which no record causes."""


class Stuck(NamedTuple):
    """Lanes that have stood still for `STANDSTILL_S`, and those for which opening them anew did not help."""

    restart: list[TP]
    give_up: list[TP]


_BEING_OPENED = frozenset({LaneState.OPENING, LaneState.FAILED})
"""A lane that is opened after a failure waits for its turn as a failed one."""


@dataclass(slots=True)
class _Stand:
    next: int
    since: float
    counted_from: float
    restarted: LaneState | None = None
    """What it was when it was to be opened anew, with all of Kafka in reach; None: that was not tried."""
    least: float = inf
    """That it had still to read, once it had begun, which 0 does not tell; without end: it has not."""

    def reads_further(self, lane: LaneProgress) -> bool:
        """Whether it reads, and has come further than it ever has from where it stands."""
        further = _unread(lane) < self.least
        self.least = min(_unread(lane), self.least)
        return further

    def gets_on(self, now: float) -> None:
        """Its minute begins anew. If it was being opened already when it was to be opened anew, nothing was tried."""
        self.counted_from = now
        if self.restarted in _BEING_OPENED:
            self.restarted = None


class Standstill:
    """Remembers since when each lane with work has stood where it stands.

    Work is lag, or to be opened. Reading tables is getting somewhere, whichever lane's they are: lanes may wait for
    each other there, and none is opened anew for it. So is being open. One that fails and is opened again and again
    does both each time, too, for a record at least: so it, and who waits for it, has got somewhere only if it reads
    further than it ever has, or than a look ago. Being open counts for others only the first time since a part of Kafka
    was away, lest one that is opened again and again puts the giving up of one that hangs off. A halted lane waits for
    an operator.
    """

    def __init__(self) -> None:
        self._stands: dict[TP, _Stand] = {}
        self._least: dict[TP, float] = {}
        """What each lane had still to read when it had least."""
        self._before: dict[TP, float] = {}
        """What each had at the look before."""
        self._opened = set[TP]()

    def opened_anew(self, now: float) -> None:
        """All lanes were made anew: those that stood still have done no more than that, but waiting begins anew."""
        self._opened.clear()
        for stand in self._stands.values():
            stand.counted_from, stand.restarted = now, None

    def seconds(self, now: float) -> dict[TP, float]:
        """For how long each lane with work has committed nothing, nor read further in its tables, at ``now``."""
        return {tp: now - stand.since for tp, stand in self._stands.items()}

    def stuck(self, lanes: Mapping[TP, LaneProgress], now: float, outage_at: float = -inf) -> Stuck:
        """The lanes that have not moved for too long at ``now`` (seconds): each is to be restarted, and given up if
        that did not help. ``outage_at``: when a part of Kafka was out of reach last. None is given up then, nor in the
        minute after.
        """
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
        """Whether one reads further than it ever has, or than a look ago."""
        before = self._least
        self._least = {tp: min(_unread(lane), before.get(tp, inf)) for tp, lane in lanes.items()}
        return any(least < before.get(tp, inf) or self._falls(tp, lanes[tp]) for tp, least in self._least.items())

    def _falls(self, tp: TP, lane: LaneProgress) -> bool:
        """Whether it is further than a look ago: what was read is kept, so that is none which it has read before. One
        whose table is read from further back, as it was emptied or another worker's for a while, gets on by that."""
        return _unread(lane) < self._before.get(tp, inf) < inf

    def _opens(self, lanes: Mapping[TP, LaneProgress], *, reachable: bool) -> set[TP]:
        """Those that are open and have not been. One that fails with a part of Kafka has not, be it a while after: its
        last unit may outlive the outage."""
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
    """Without end: it has not begun to read, or is done with it."""
    return lane.unread or inf


def _rests(lane: LaneProgress, moved: bool) -> bool:
    """Whether it has no work. While nobody can tell the lag, a lane has work if it had some where it stands."""
    if lane.state is LaneState.READY:
        return moved if lane.lag is None else lane.lag == 0
    return lane.state is LaneState.HALTED
