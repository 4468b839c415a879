"""What the engine tells about itself: an interface, so that the engine knows no metrics library."""

from collections.abc import Sequence
from enum import StrEnum
from typing import Any, Protocol

from faust.types import TP


class LaneState(StrEnum):
    """A lane is in exactly one of these states; `moves` says which may follow."""

    OPENING = "opening"
    """It fences older owners, brings its tables up to date and finds its start."""
    VERIFYING = "verifying"
    """It reads the last record it has processed once more: the log must still have it."""
    READY = "ready"
    FAILED = "failed"
    """Its last unit failed or has an unknown outcome; it is being opened again."""
    HALTED = "halted"
    """It refuses to go on; see the log for what it found."""
    CLOSED = "closed"

    @property
    def moves(self) -> "frozenset[LaneState]":
        """The states that may follow this one."""
        return _MOVES[self]


_ENDS = {LaneState.FAILED, LaneState.HALTED, LaneState.CLOSED}
_MOVES = {
    LaneState.OPENING: frozenset({LaneState.VERIFYING, LaneState.READY} | _ENDS),
    LaneState.VERIFYING: frozenset({LaneState.READY} | _ENDS),
    LaneState.READY: frozenset({LaneState.VERIFYING} | _ENDS),
    LaneState.FAILED: frozenset({LaneState.OPENING, LaneState.CLOSED}),
    LaneState.HALTED: frozenset({LaneState.OPENING, LaneState.CLOSED}),
    LaneState.CLOSED: frozenset[LaneState](),
}


class Observer(Protocol):
    """Called on the event loop; must not raise or block."""

    def lane_state(self, tp: TP, state: LaneState) -> None:
        """The lane of ``tp`` changed its state."""

    def unit_committed(self, tp: TP, records: Sequence[Any], seconds: float) -> None:
        """A unit of these source records (none: no record caused it) was committed; its transaction took
        ``seconds``."""

    def record_refused(self, tp: TP) -> None:
        """A record of ``tp`` was put aside: its handler failed on it."""

    def passed_over(self, tp: TP, offsets: range) -> None:
        """The lane of ``tp`` goes past these offsets unprocessed: somebody other than a lane has set the group's offset
        behind them. Told again at each opening until something behind them was processed."""

    def purged(self, table: str, rows: int) -> None:
        """``rows`` of a table were due and were deleted."""

    def recovered(self, table: str, rows: int, seconds: float) -> None:
        """``rows`` changelog records were read into a table; ``seconds`` since the recovery began."""
