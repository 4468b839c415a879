"""Brings rows of older versions up to these rules, in the background: what they did not keep is read from raw again."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Final, Protocol

from bridge.log import get_logger
from processors.engine.errors import NOT_ITS_FAULT
from processors.engine.memory import Memory
from processors.engine.unit import Unit
from processors.orders.apply import Applied, read_again
from processors.orders.older_rows import is_older, unread_sources
from processors.orders.order_rules import OrderRules
from processors.orders.sweep import MOST_ROW_BYTES
from processors.orders.table import ORDER, TABLE, TOTALS_KEY, OrderWriter, older_orders, read_totals
from schemas.topics import Topics

log = get_logger(__name__)

_LOOKED_AT: Final = 200
"""Rows in one tick."""
_PORTION: Final = 10
"""Rows read at a time: each may have megabytes."""
_AT_ONCE: Final = 200
"""Events that are asked for together, but at least all of one order."""


class RawEvents(Protocol):
    """Reads bodies of raw records, whenever it can."""

    def ask(self, partition: int, sources: Collection[str]) -> None:
        """Begin to read these for `partition`; a new question replaces its old one."""

    def answer(self, partition: int) -> Mapping[str, bytes] | None:
        """The bodies that raw still has, by source; None: not read yet."""

    def is_reading(self, partition: int) -> bool:
        """Whether its answer is a matter of moments; other questions wait for their turn, or for Kafka."""

    def forget(self, partition: int) -> None:
        """Drop the answer: nobody needs it any more."""


@dataclass(slots=True)
class _Place:
    """How far a partition is."""

    after: bytes | None = None
    """The key of the last row looked at; None when all were."""
    older: int = 0
    """How many older orders there were when it began with the first row."""
    asked: Mapping[str, Sequence[str]] = field(default_factory=dict)
    """The orders to write next, once their events are read, with the sources of these events."""
    reads: bool = False
    """Whether these orders have any events to be read."""


class Upgrade:
    """Goes through the orders of each partition, and again once the partition has come back from another worker. That
    worker may be of an older version, and earlier answers know nothing of what it joined. If a process ends before it
    is done, the next one goes on: finished rows are no longer older ones."""

    def __init__(self, topics: Topics, rules: OrderRules, raw: RawEvents) -> None:
        self._topics, self._rules, self._raw = topics, rules, raw
        self._places = Memory(_Place)

    def go_on(self, unit: Unit) -> bool:
        """Write what was read, or look for what has to be read; return whether there is more to do at once."""
        place = self._places.of(unit)
        if place.asked:
            bodies = self._raw.answer(unit.partition) if place.reads else {}
            if bodies is None:
                return self._raw.is_reading(unit.partition)
            return self._write(unit, place, bodies)
        older = older_orders(read_totals(unit.get_many(TABLE, [TOTALS_KEY])[0]))
        after = place.after
        if after is None and older != place.older:
            place.older, after = older, b""
        return after is not None and older > 0 and self._look(unit, place, after)

    def _look(self, unit: Unit, place: _Place, start: bytes) -> bool:
        after: bytes | None = None
        older: dict[str, list[str]] = {}
        events = seen_bytes = 0
        for rows, (key, row) in enumerate(_rows(unit, start), start=1):
            if is_older(row):
                order_id = key.removeprefix(ORDER).decode()
                older[order_id] = self._unread(order_id, row)
                events += len(older[order_id])
            seen_bytes += len(row)
            if rows == _LOOKED_AT or events >= _AT_ONCE or seen_bytes > MOST_ROW_BYTES:
                after = key
                break
        if unread := {source for sources in older.values() for source in sources}:
            self._raw.ask(unit.partition, unread)
        unit.on_commit(partial(setattr, place, "reads", bool(unread)))
        unit.on_commit(partial(setattr, place, "asked", older))
        unit.on_commit(partial(setattr, place, "after", after))
        return True

    def _write(self, unit: Unit, place: _Place, bodies: Mapping[str, bytes]) -> bool:
        orders, left = OrderWriter(unit, self._topics), dict(place.asked)
        for order_id, asked in place.asked.items():
            if unit.written > MOST_ROW_BYTES:
                break
            row = orders.row(order_id)
            if row is not None and is_older(row):
                applied = self._read_again(order_id, row, asked, bodies)
                if applied is not None and not self._write_one(unit, orders, order_id, applied):
                    break
            del left[order_id]
        orders.close()
        unit.on_commit(partial(setattr, place, "asked", left))
        if not left:
            unit.on_commit(partial(self._raw.forget, unit.partition))
        return True

    @staticmethod
    def _write_one(unit: Unit, orders: OrderWriter, order_id: str, applied: Applied) -> bool:
        """Write an order; False: the unit has no room for it."""
        if not orders.has_room(len(applied.row) + len(applied.state)):
            return False
        if orders.holds(applied):
            orders.write(order_id, applied, unit.timestamp)
        else:
            log.error("an order has become too large for a record: it stays as it is", order_id=order_id)
        return True

    @staticmethod
    def _unread(order_id: str, row: bytes) -> list[str]:
        try:
            return unread_sources(row)
        except NOT_ITS_FAULT:
            raise
        except Exception:  # it must not keep the others waiting; the next process tries it again
            log.exception("an order of older rules cannot be read", order_id=order_id)
            return []

    def _read_again(
        self, order_id: str, row: bytes, asked: Collection[str], bodies: Mapping[str, bytes]
    ) -> Applied | None:
        try:
            return read_again(row, asked, bodies, self._rules)
        except NOT_ITS_FAULT:
            raise
        except Exception:  # as above
            log.exception("an order of older rules cannot be brought up to these", order_id=order_id)
            return None


def _rows(unit: Unit, after: bytes) -> Iterator[tuple[bytes, bytes]]:
    """All orders' rows behind a key, read as they are needed."""
    while found := unit.scan(TABLE, ORDER, after, _PORTION):
        yield from found
        after = found[-1][0]
