"""Noticing a lane that has work and gets nowhere. Pure: time and positions come in."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple

from faust.types import TP

from processors.engine.observer import LaneState

STANDSTILL_SECONDS = 60.0


class Standing(NamedTuple):
    """A lane at one moment: its state, its next source offset, and the end of its partition."""

    state: LaneState
    next: int
    end: int


class Stuck(NamedTuple):
    """Lanes that have stood still for `STANDSTILL_SECONDS`, and those for which opening them anew did not help."""

    restart: list[TP]
    give_up: list[TP]


@dataclass(slots=True)
class _Stand:
    next: int
    since: float
    restarted: bool = False


class Standstill:
    """Remembers since when each lane has stood where it stands."""

    def __init__(self) -> None:
        self._stands: dict[TP, _Stand] = {}
        self._asked = 0.0

    def reset(self) -> None:
        """Forget everything: without Kafka nobody gets anywhere."""
        self._stands.clear()

    def stuck(self, lanes: Mapping[TP, Standing], now: float) -> Stuck:
        """The lanes with work that have not moved for too long at ``now`` (seconds); each is to be restarted once.

        Work is lag, or to be opened after all where that has failed. Time in which a lane is being opened does not
        count: it may read its tables for minutes. A halted one waits for an operator.
        """
        elapsed, self._asked = now - self._asked, now
        for tp in self._stands.keys() - lanes.keys():
            del self._stands[tp]
        for tp, lane in lanes.items():
            known = self._stands.get(tp)
            if lane.state is LaneState.HALTED or (lane.state is LaneState.READY and lane.next >= lane.end):
                self._stands.pop(tp, None)
            elif lane.state is LaneState.OPENING:
                if known is not None:
                    known.since += elapsed
            elif known is None or known.next != lane.next:
                self._stands[tp] = _Stand(lane.next, now)
        late = {tp: stand for tp, stand in self._stands.items() if now - stand.since > STANDSTILL_SECONDS}
        found = Stuck(*([tp for tp, stand in late.items() if stand.restarted is again] for again in (False, True)))
        for stand in late.values():
            stand.since, stand.restarted = now, True
        return found
