"""How long a lane rests between two small units. Pure: time comes in."""

from typing import Final

from processors.engine.chunk import SMALL_RECORDS

_LONGEST_S: Final = 0.1


class Pace:
    """Knows the last unit of a lane.

    Each transaction costs the broker and the worker what it costs, however small it is. Where many lanes have a little
    to do each, one that rests has more records in its next unit, and all of them get theirs sooner.
    """

    def __init__(self) -> None:
        self._rests, self._took, self._ended = False, 0.0, 0.0

    def committed(self, records: int, seconds: float, now: float) -> None:
        """A unit of so many records took so many ``seconds``, until ``now``."""
        self._rests, self._took, self._ended = records < SMALL_RECORDS // 2, seconds, now

    def rest(self, share: float, now: float) -> float:
        """Seconds until ``share`` of what the last unit took has gone by since; 0 if that was no small one."""
        return max(0.0, self._ended + min(share * self._took, _LONGEST_S) - now) if self._rests else 0.0
