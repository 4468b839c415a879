"""The sweep: between records it finds the orders that have waited for something for too long. Lag is no loss.

The index says when to look at an order. Mostly nothing is due by then, and the order is indexed anew. The others are
only suspects, since what they wait for may be on its way. So the sweep asks whether everything that raw holds by now is
joined. Once it is, what a suspect still waits for has not come.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Final, Protocol

from bridge.log import get_logger
from processors.engine.errors import NOT_ITS_FAULT
from processors.engine.memory import Memory
from processors.engine.unit import Unit
from processors.orders.apply import Applied, OrderRules, looked_at, mark_late
from processors.orders.older_rows import NewerRowError
from processors.orders.table import Due, OrderWriter, due_orders
from processors.orders.too_large import OrderTooLargeError
from schemas.topics import Topics

log = get_logger(__name__)

AT_ONCE: Final = 500
"""Orders of a partition that are looked at in one go."""
MOST_ROW_BYTES: Final = 2 << 20
"""At most so many bytes of rows, or one row, in one go: the event loop does nothing else meanwhile."""
PASSED_MS: Final = 600_000
"""For so long the index is passed over up to an order that cannot be marked. Then all of it counts again: an event
received late gives a deadline in what was passed over."""


class Question(Protocol):
    """Whether everything that raw held when this was asked is joined into a partition's orders."""

    def is_answered(self, position: int) -> bool:
        """Whether it is, if the partition's lane is at this offset; once it was, it always is."""


class CaughtUp(Protocol):
    """Takes questions about raw."""

    def ask(self, partition: int) -> Question:
        """Ask about what raw holds by now."""


@dataclass(frozen=True, slots=True)
class _Suspects:
    """Orders that were due at `asked_ms`, when the question was asked."""

    due: Sequence[Due]
    asked_ms: int
    question: Question


@dataclass(slots=True)
class _Passed:
    """Up to which key a partition's index is passed over, and until when: this process cannot mark an order there, and
    that order must not keep the others waiting. Remembering or logging each would have no bound: only the first is
    logged, until then."""

    key: bytes = b""
    until_ms: int = 0
    has_failed: bool = False

    def begin(self, now_ms: int) -> bytes:
        """Return the key behind which to look; if `until_ms` is past, or too far away by a wrong clock, begin anew."""
        if not 0 < self.until_ms - now_ms <= PASSED_MS:
            self.key, self.has_failed = b"", False
        return self.key

    def is_first_failure(self) -> bool:
        """Whether this is the first order on which the code fails, until then. Call it once for each failure."""
        has_failed, self.has_failed = self.has_failed, True
        return not has_failed

    def add(self, due: Due, now_ms: int) -> None:
        """Pass over this order, too."""
        if not self.key:
            self.until_ms = now_ms + PASSED_MS
        self.key = max(self.key, due.key)


class Sweep:
    """Sweeps each partition separately. If it loses what it remembers, it begins the index again."""

    def __init__(self, topics: Topics, rules: OrderRules, caught_up: CaughtUp) -> None:
        self._topics, self._rules, self._caught_up = topics, rules, caught_up
        self._suspects: dict[int, _Suspects] = {}
        self._passed = Memory(_Passed)

    def go_on(self, unit: Unit, now_ms: int) -> bool:
        """Do what a tick can; return whether there is more to do at once."""
        suspects = self._suspects.get(unit.partition)
        if suspects is not None and suspects.asked_ms > now_ms:  # the clock was wrong: they need not be due
            del self._suspects[unit.partition]
            suspects = None
        if suspects is None:
            return self._look(unit, now_ms)
        if not suspects.question.is_answered(unit.chunk.end):
            return False
        left = self._mark(unit, suspects, now_ms)
        unit.on_commit(partial(self._remember, unit.partition, left))
        return True

    def _look(self, unit: Unit, now_ms: int) -> bool:
        """Look at the next orders whose time has come; those of which something is due become suspects."""
        passed = self._passed.of(unit)
        due = due_orders(unit, now_ms, passed.begin(now_ms), AT_ONCE)
        orders, suspects, seen_bytes, left, waiting = OrderWriter(unit, self._topics), [], 0, 0, 0
        tried = partial(self._tried, orders, passed, now_ms)
        for place, each in enumerate(due):
            row = orders.due_row(each)
            size = len(row or b"")
            if place and (seen_bytes + size > MOST_ROW_BYTES or not orders.has_room(2 * size)):
                left = len(due) - place
                break
            seen_bytes += size
            if row is None:
                orders.forget_due(each, unit.timestamp)
            elif orders.waits(each.id):
                waiting += 1  # what it misses may be among its waiting events
            elif (
                looked := tried("an order cannot be looked at", each, partial(looked_at, row, now_ms, self._rules))
            ) is not None:
                orders.write_due(each, looked, unit.timestamp)
            elif each.key != passed.key:
                suspects.append(each)
        orders.close()
        if suspects:
            self._suspects[unit.partition] = _Suspects(suspects, now_ms, self._caught_up.ask(unit.partition))
        return not suspects and (left > 0 or len(due) == AT_ONCE) and waiting < len(due)

    def _mark(self, unit: Unit, suspects: _Suspects, now_ms: int) -> _Suspects | None:
        """Mark as many suspects as the unit has room for; return the others, None if there are none."""
        orders = OrderWriter(unit, self._topics)
        tried = partial(self._tried, orders, self._passed.of(unit), now_ms)
        for place, due in enumerate(suspects.due):
            if (row := orders.due_row(due)) is None:
                continue  # what it missed has come
            if orders.waits(due.id):
                continue  # perhaps it has come: events wait to be joined
            if not orders.has_room(2 * len(row)):
                orders.close()
                return _Suspects(suspects.due[place:], suspects.asked_ms, suspects.question)
            marked = partial(self._marked, row, suspects.asked_ms)
            if (applied := tried("an order cannot be marked", due, marked)) is not None:
                orders.write_due(due, applied, unit.timestamp)
        orders.close()
        return None

    def _marked(self, row: bytes, asked_ms: int) -> Applied:
        """Mark an order, or only set its next look if what was due has come meanwhile."""
        return looked_at(row, asked_ms, self._rules) or mark_late(row, asked_ms, self._rules)

    @staticmethod
    def _tried(
        orders: OrderWriter, passed: _Passed, now_ms: int, failure: str, due: Due, make: Callable[[], Applied | None]
    ) -> Applied | None:
        """Return what is made of an order. If the code fails on it, or it is too large for a record, it is passed over:
        it stays in the index, and is tried again."""
        try:
            made = make()
            if made is not None and not orders.holds(made):
                raise OrderTooLargeError(orders.most_bytes)  # noqa: TRY301 - as if the code failed
        except NOT_ITS_FAULT:
            raise
        except Exception as error:
            # A row of a newer version is no failure: it is left to that version.
            if not isinstance(error, NewerRowError) and passed.is_first_failure():
                log.exception(failure, order_id=str(due.id, "utf-8"))
            passed.add(due, now_ms)
            return None
        return made

    def _remember(self, partition: int, suspects: _Suspects | None) -> None:
        if suspects is None:
            del self._suspects[partition]
        else:
            self._suspects[partition] = suspects
