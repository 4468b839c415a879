"""Noticing a lane that has work and gets nowhere. Pure: time and positions come in."""

from collections.abc import Mapping
from typing import NamedTuple

from faust.types import TP

from processors.engine.observer import LaneState

STANDSTILL_SECONDS = 60.0


class Standing(NamedTuple):
    """A lane at one moment: its state, its next source offset, and the end of its partition."""

    state: LaneState
    next: int
    end: int


class Standstill:
    """Remembers since when each lane has stood where it stands."""

    def __init__(self) -> None:
        self._since: dict[TP, tuple[int, float]] = {}

    def reset(self) -> None:
        """Forget everything: without Kafka nobody gets anywhere."""
        self._since.clear()

    def stuck(self, lanes: Mapping[TP, Standing], now: float) -> list[TP]:
        """The lanes with lag that have not moved for too long at ``now`` (seconds).

        A lane that is being opened may read its tables for minutes; a halted one waits for an operator.
        """
        for tp in self._since.keys() - lanes.keys():
            del self._since[tp]
        for tp, lane in lanes.items():
            known = self._since.get(tp)
            if lane.state is LaneState.HALTED or lane.next >= lane.end:
                self._since.pop(tp, None)
            elif lane.state is not LaneState.OPENING and (known is None or known[0] != lane.next):
                self._since[tp] = (lane.next, now)
        return [tp for tp, (_, since) in self._since.items() if now - since > STANDSTILL_SECONDS]
