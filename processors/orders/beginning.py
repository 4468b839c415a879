"""Since when the bridge listens, if no setting says so: since the first record that raw ever had was received.

Raw forgets that record one day. So each partition of the orders table keeps the time in a row of its own. The row goes
wherever the partition goes, and nobody else has to be asked.
"""

from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Final, Protocol

from processors.engine.unit import Unit
from processors.orders.order_rules import History
from processors.orders.table import TABLE

BEGAN: Final = b"began"
"""Key of that row; its value is milliseconds since 1970, as text."""

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)


class Beginning:
    """What this process knows of that time. `window`: how long after an order was placed its events may still come."""

    def __init__(self, window: timedelta) -> None:
        self._window = window
        self.received_ms: int | None = None
        """The earliest time that anybody told (ms since 1970); None: nobody did yet."""
        self.history: History | None = None
        """What is from before that time; None while it is not known."""

    def learn(self, received_ms: int) -> None:
        """Take a time when a record of raw was received; the earliest counts."""
        if self.received_ms is None or received_ms < self.received_ms:
            self.received_ms = received_ms
            self.history = History.before(_EPOCH + timedelta(milliseconds=received_ms), self._window)

    def recall(self, row: bytes | None) -> None:
        """Learn what a partition's row says, if it has one: it may know of a record that raw has forgotten."""
        if row is not None:
            self.learn(int(row))


class FirstRecord(Protocol):
    """Knows what raw holds at present."""

    def first_received(self) -> int | None:
        """When the first record of raw was received (ms since 1970); 0: raw holds none; None: not known yet. One call
        is enough to have it looked for."""


class Remembered:
    """Keeps that time in a row of each partition."""

    def __init__(self, beginning: Beginning, first: FirstRecord) -> None:
        self._beginning, self._first = beginning, first
        self._kept = set[int]()
        """Partitions that are known to have the row."""

    def recall(self, unit: Unit) -> None:
        """Learn what the partition's row says, unless that was done. While there is no row, each unit looks again: the
        partition may have got one from another worker."""
        if unit.partition not in self._kept:
            row = unit.get_many(TABLE, [BEGAN])[0]
            self._beginning.recall(row)
            if row is not None:
                self._kept.add(unit.partition)

    def keep(self, unit: Unit) -> bool:
        """Write the partition's row if it has none. Return whether orders can be judged by their age: only once it is
        known since when the bridge listens, or that raw holds nothing."""
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
