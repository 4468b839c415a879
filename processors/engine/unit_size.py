"""How many records the next unit of a lane takes, and how much room one without records has. Pure."""

from math import ceil
from typing import Final

START: Final = 500
"""Records of a unit before anything is known."""
_FILLED: Final = 0.75
"""The share of a unit to fill: what records come to varies, and a unit that gets too full is work for nothing."""
_LEAST_ROOM: Final = 64 * 1024
"""A thing that needs more than half of this needs a unit of its own."""


class UnitSize:
    """Chooses so many records that their results stay within ``max_bytes``, which one record alone may exceed.

    The number follows what the last units wrote for each record: at once if that has grown, slowly if it has shrunk. It
    at most doubles from one unit to the next.
    """

    def __init__(self, max_records: int, max_bytes: int) -> None:
        self.max_bytes = max_bytes
        self._max_records = max_records
        self._records = min(START, max_records)
        self._each = 0.0
        self.room = max_bytes
        """Bytes for a unit without records; 0: one thing, whatever its size."""

    def of(self, records: int) -> int:
        """How many of so many records (at least one) go into the next unit; later ones are not much smaller."""
        return ceil(records / ceil(records / self._records))

    def committed(self, records: int, written: int) -> None:
        """A unit of so many records was committed, which had written so many bytes."""
        if not records:
            self.room = min(max(2 * self.room, _LEAST_ROOM), self.max_bytes)
            return
        if 2 * records < self._records:
            return  # the end of a chunk says little about a whole one
        each = written / records
        self._each = max(each, (self._each + each) / 2)
        fitting = int(_FILLED * self.max_bytes / self._each) if self._each else self._max_records
        self._records = max(1, min(fitting, 2 * self._records, self._max_records))

    def exceeded(self, records: int) -> None:
        """What came of so many records (0: of a tick) was too much for one unit, or for a unit's time."""
        if not records:
            self.room = self.room // 2 if self.room > _LEAST_ROOM else 0
            return
        self._records = max(1, records // 2)
