"""Since when the bridge listens, where no setting says so: since the first record that raw has ever had was received.

Raw forgets it one day, so each partition of the orders has it in a row of its own, which comes with its other rows
wherever it goes, and of which nobody else has to be asked.
"""

from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Final, Protocol

from processors.engine.unit import Unit
from processors.orders.order_rules import History
from processors.orders.table import TABLE

BEGAN: Final = b"began"
"""Key of that row; milliseconds since 1970, as text."""

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)


class Beginning:
    """What this process knows of it; `window`: for so long after an order was placed something still comes of it."""

    def __init__(self, window: timedelta) -> None:
        self._window = window
        self.received_ms: int | None = None
        """The earliest that anybody told; None: nobody did yet."""
        self.history: History | None = None
        """What is from before; None while that is not known."""

    def learn(self, received_ms: int) -> None:
        """Somebody knows of a record that was received then."""
        if self.received_ms is None or received_ms < self.received_ms:
            self.received_ms = received_ms
            self.history = History.before(_EPOCH + timedelta(milliseconds=received_ms), self._window)

    def recall(self, row: bytes | None) -> None:
        """Learn what a partition's row says, if it has one: raw may have forgotten more than it knows."""
        if row is not None:
            self.learn(int(row))


class FirstRecord(Protocol):
    """Who can say what raw holds at present."""

    def first_received(self) -> int | None:
        """When the first record of raw was received (ms since 1970), 0 if raw holds none; None: that is not known yet.
        Asking once is enough."""


class Remembered:
    """Keeps the beginning in each partition's row."""

    def __init__(self, beginning: Beginning, first: FirstRecord) -> None:
        self._beginning, self._first = beginning, first
        self._kept = set[int]()
        """Partitions whose row is known to be there."""

    def recall(self, unit: Unit) -> None:
        """Learn what the partition's row says, if that was not done. While it has none each unit looks: the partition
        may have been elsewhere, and have got one there."""
        if unit.partition not in self._kept:
            row = unit.get_many(TABLE, [BEGAN])[0]
            self._beginning.recall(row)
            if row is not None:
                self._kept.add(unit.partition)

    def keep(self, unit: Unit) -> bool:
        """See to it that the partition has its row; returns whether orders can be judged by their age: not before it is
        known since when the bridge listens. Where raw holds nothing there is nothing to wait for."""
        self.recall(unit)
        if unit.partition in self._kept:
            return True
        received_ms = self._first.first_received()
        if received_ms is None:
            return False
        if received_ms:
            self._beginning.learn(received_ms)
            unit.put(TABLE, BEGAN, b"%d" % (self._beginning.received_ms or received_ms), unit.timestamp)
            unit.on_commit(partial(self._kept.add, unit.partition))
        return True
