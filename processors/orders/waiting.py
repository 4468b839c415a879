"""Events of large orders wait for a moment, each in a row of its own, until many are joined into the order at once.

Joined alone, each would have the order's row and document written anew, which are hundreds of times its size. The
larger the order, the longer they wait. So an order writes about a megabyte a second, however many events it gets.
"""

from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import contextmanager
from operator import itemgetter
from struct import Struct
from typing import Any, Final, NamedTuple, Protocol

from bridge.log import get_logger
from processors.engine.errors import NOT_ITS_FAULT
from processors.engine.unit import Unit
from processors.orders.fact import Fact, fact_of
from processors.orders.row import Row
from processors.orders.unprocessed import pack, unpack

log = get_logger(__name__)

LARGE_BYTES: Final = 32 * 1024
"""An order whose row has more bytes is large."""
_EACH_BYTES: Final = 5_000
"""Joining an event takes about as long as reading and writing so much of a row, with its part of the document."""
_BYTES_PER_MS: Final = 350
"""Bytes of the row for which events wait a millisecond; with its document about three times that is written."""
_AT_ONCE: Final = 2_000
_MOST_BYTES: Final = 4 << 20
"""At most so many events, and so many bytes of them, are joined together, but at least one event."""
_PORTION: Final = 50
"""Rows that are read together."""
_ORDERS: Final = 500
"""Orders looked through together, to find those whose time has come."""
_LONGEST_MS: Final = 600_000
"""No row is so large that its events wait longer: the clock that said so was wrong."""
_TICK_BYTES: Final = 2 << 20
"""Once a tick has written so much it joins no further order: the event loop does nothing else meanwhile."""
_SHARE: Final = 4
"""An event waits in a row of its own: if that is not small beside the order's, waiting saves nothing."""

_PENDING: Final = b"pending/"
"""Prefix before the ids of orders with waiting events; the row says when to join these."""
WAITING: Final = b"waiting/"
"""Prefix of waiting events' rows; the rest is the length of the order's id, the id, and the record's offset."""
_TIME: Final = Struct(">Q")
_OFFSET: Final = Struct(">Q")
_LENGTH: Final = Struct(">H")


class Rows(Protocol):
    """The table, or a unit's view of it, to be looked through."""

    def scan(self, prefix: bytes, after: bytes, limit: int) -> list[tuple[bytes, bytes]]:
        """See `TablePartition.scan`."""


class Waiting(NamedTuple):
    """A record of the orders topic, as far as handlers look at one; `timestamp` in milliseconds."""

    offset: int
    timestamp: int
    value: bytes
    headers: Sequence[tuple[str, bytes]]


def takes(row: bytes | None, records: Sequence[Any]) -> bool:
    """Whether these events should wait, instead of being joined into the order of this row at once."""
    if row is None or len(row) <= LARGE_BYTES:
        return False
    return len(row) > max(len(records) * _EACH_BYTES, _SHARE * sum(len(record.value) for record in records))


def pending_key(order_id: bytes) -> bytes:
    """Key of the row that says when an order's events are to be joined."""
    return _PENDING + order_id


def waiting_rows(rows: Rows, order_id: bytes) -> Iterator[tuple[bytes, bytes]]:
    """All rows of events that wait for an order, in the order in which they were read."""
    after = b""
    while found := rows.scan(_prefix(order_id), after, _PORTION):
        yield from found
        after = found[-1][0]


def waiting_records(rows: Rows, order_id: bytes) -> Iterator[Waiting]:
    """The events that wait for an order."""
    return (_unpack(key, row) for key, row in waiting_rows(rows, order_id))


def waiting_of(key: bytes, row: bytes) -> tuple[bytes, Waiting] | None:
    """The order's id and the waiting event in a row of the table; None: it is another row."""
    if not key.startswith(WAITING):
        return None
    return key[len(WAITING) + _LENGTH.size : -_OFFSET.size], _unpack(key, row)


def waiting_facts(rows: Rows, order_id: str) -> list[Fact]:
    """The events that wait for an order, as facts, as far as they can be read."""
    facts = list[Fact]()
    for record in waiting_records(rows, order_id.encode()):
        try:
            fact = fact_of(record.value, dict(record.headers))
        except NOT_ITS_FAULT:
            raise
        except Exception:  # it is put aside once it is to be joined
            log.exception("an event cannot be read any more", order_id=order_id, offset=record.offset)
        else:
            facts += [] if fact is None else [fact]
    return facts


def with_waiting(order: Row, rows: Rows) -> Row:
    """Join the events that wait for an order into it, and return it."""
    order.add(waiting_facts(rows, order.order_id))
    return order


class Unfinished:
    """Orders whose joining did not come to an end. What waits for them is left to the next process, and holds up no
    other order's."""

    def __init__(self) -> None:
        self._orders = set[str]()

    def __contains__(self, order_id: str) -> bool:
        return order_id in self._orders

    @contextmanager
    def unless_it_ends(self, order_id: str) -> Iterator[None]:
        """Join an order inside this context. If joining is given up, by an exception that handlers do not catch, the
        order stays here."""
        self._orders.add(order_id)
        try:
            yield
        except Exception:
            self._orders.remove(order_id)
            raise
        self._orders.remove(order_id)


class WaitingRoom:
    """The waiting events, for one unit of the orders handler. `now_ms` is the time of the clock."""

    def __init__(self, unit: Unit, table: str, now_ms: int) -> None:
        self._unit, self._table, self._now_ms = unit, table, now_ms
        self.more = 0
        """How many more events wait than before the unit."""

    def scan(self, prefix: bytes, after: bytes, limit: int) -> list[tuple[bytes, bytes]]:
        """Scan the table, without what the unit itself has written."""
        return self._unit.scan(self._table, prefix, after, limit)

    def pending(self, order_ids: Collection[str]) -> set[str]:
        """Return which of these orders have waiting events."""
        ids = list(order_ids)
        rows = self._unit.get_many(self._table, [pending_key(each.encode()) for each in ids])
        return {order_id for order_id, row in zip(ids, rows, strict=True) if row is not None}

    def holds(self, records: Sequence[Any]) -> bool:
        """Whether these records fit into rows, whose values have a record's headers, too."""
        return all(2 * len(record.value) < self._unit.max_value_bytes for record in records)

    def add(self, order_id: str, records: Sequence[Any], row: bytes | None = None) -> None:
        """Have events wait. `row` is the order's, if none of its events wait yet."""
        unit, prefix = self._unit, _prefix(order_id.encode())
        if row is not None:
            due = _TIME.pack(self._now_ms + len(row) // _BYTES_PER_MS)
            unit.put(self._table, pending_key(order_id.encode()), due, records[-1].timestamp)
        for record in records:
            kept = _TIME.pack(record.timestamp) + pack(record.value, dict(record.headers))
            unit.put(self._table, prefix + _OFFSET.pack(record.offset), kept, record.timestamp)
        self.more += len(records)

    def join_next(
        self, join: Callable[[str, Sequence[Waiting]], None], can: Callable[[str], bool], after: bytes
    ) -> tuple[bool, bytes]:
        """Join the events of orders whose time has come, the longest waiting first. Orders of which `can` is false go
        on waiting.

        Looks at the next orders behind `after`. Returns whether there is more to do at once, and the key behind which
        to look then: if there are too many orders to look through together, later ones do not wait for those before.
        """
        unit, is_any = self._unit, False
        found = self.scan(_PENDING, after, _ORDERS)
        behind = found[-1][0] if len(found) == _ORDERS else b""
        for key, due in sorted(found, key=itemgetter(1)):
            order_id = key.removeprefix(_PENDING)
            if 0 < _TIME.unpack(due)[0] - self._now_ms <= _LONGEST_MS or not can(order_id.decode()):
                continue
            if unit.written > min(_TICK_BYTES, unit.room):
                break
            is_any = True
            self._join_one(order_id, join)
        return is_any or behind != b"", behind

    def _join_one(self, order_id: bytes, join: Callable[[str, Sequence[Waiting]], None]) -> None:
        found, is_all = self._first(order_id)
        join(order_id.decode(), [_unpack(*each) for each in found])
        self._remove([each for each, _ in found])
        if is_all:
            self._unit.put(self._table, pending_key(order_id), None, self._unit.timestamp)

    def _first(self, order_id: bytes) -> tuple[list[tuple[bytes, bytes]], bool]:
        """As many of an order's rows as are joined together, and whether these are all."""
        found, size = list[tuple[bytes, bytes]](), 0
        for key, row in waiting_rows(self, order_id):
            if len(found) == _AT_ONCE or size > _MOST_BYTES:
                return found, False
            found.append((key, row))
            size += len(row)
        return found, True

    def forget(self, order_id: bytes) -> None:
        """Remove what waits for an order."""
        key = pending_key(order_id)
        if self._unit.get_many(self._table, [key])[0] is not None:
            self._remove([each for each, _ in waiting_rows(self, order_id)])
            self._unit.put(self._table, key, None, self._unit.timestamp)

    def _remove(self, keys: Sequence[bytes]) -> None:
        for key in keys:
            self._unit.put(self._table, key, None, self._unit.timestamp)
        self.more -= len(keys)


def _prefix(order_id: bytes) -> bytes:
    return WAITING + _LENGTH.pack(len(order_id)) + order_id


def _unpack(key: bytes, row: bytes) -> Waiting:
    value, headers = unpack(row[_TIME.size :])
    return Waiting(_OFFSET.unpack(key[-_OFFSET.size :])[0], _TIME.unpack_from(row)[0], value, [*headers.items()])
