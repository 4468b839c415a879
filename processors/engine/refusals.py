"""How many records a handler may fail on before the handler is taken to be wrong. Pure."""

from collections import defaultdict, deque
from typing import Final

from faust.types import TP

IN_A_ROW: Final = 10
SHARE: Final = 50
"""Most records put aside of the last `WINDOW` records."""
WINDOW: Final = 1000


class Refusals:
    """Counts the records of one lane, and those that its handler failed on.

    One broken event is put aside; a bad deployment must not put a whole topic aside.
    """

    def __init__(self) -> None:
        self._records = 0
        self._in_a_row = 0
        self._places: deque[int] = deque(maxlen=SHARE)

    def passed(self, records: int) -> None:
        """So many more records (at least one) were processed."""
        self._records += records
        self._in_a_row = 0

    def refused(self) -> None:
        """One more record was put aside."""
        self._records += 1
        self._in_a_row += 1
        self._places.append(self._records)

    @property
    def exhausted(self) -> bool:
        """Whether no further record may be put aside now."""
        full = len(self._places) == SHARE and self._places[0] > self._records - WINDOW
        return full or self._in_a_row >= IN_A_ROW


class RefusalsByLane(defaultdict[TP, Refusals]):
    """The counts of all lanes of a process. Neither a rebalance nor another app begins them anew."""

    def __init__(self) -> None:
        super().__init__(Refusals)
