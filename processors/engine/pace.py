"""How long a lane rests between two small units. Pure: time comes in."""

from typing import Final

from processors.engine.chunk import SMALL_RECORDS

_LONGEST_S: Final = 0.1


class Pace:
    """Knows the last unit of a lane.

    A transaction costs the broker and the worker the same, however small it is. If many lanes have little to do each,
    one that rests has more records in its next unit, and all lanes get theirs sooner.
    """

    def __init__(self) -> None:
        self._rests, self._took, self._ended = False, 0.0, 0.0

    def committed(self, records: int, seconds: float, now: float) -> None:
        """A unit of ``records`` records took ``seconds`` and ended at ``now``."""
        self._rests, self._took, self._ended = records < SMALL_RECORDS // 2, seconds, now

    def rest(self, share: float, now: float) -> float:
        """Seconds until ``share`` of the last unit's duration, at most 0.1 s, has passed since its end; 0 if it was not
        small."""
        return max(0.0, self._ended + min(share * self._took, _LONGEST_S) - now) if self._rests else 0.0
