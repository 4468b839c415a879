"""The table "orders": which rows it has, and how a unit writes an order into it and into the state topic."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final, Self

import orjson

from processors.engine.unit import Unit
from processors.orders.apply import Applied, Summary
from processors.orders.blind import BLIND, BlindReturn
from processors.orders.gone import Gone, gone_key
from processors.orders.index import PRESENT, Since, id_keys, keys_of, list_changes
from processors.orders.older_rows import load
from processors.orders.reached import Reached
from processors.orders.render.lines import Line
from processors.orders.row import RULES_VERSION, Row
from processors.orders.state_headers import Made, line_headers, shared_by_lines, state_headers
from processors.orders.too_large import Full, most_bytes
from processors.orders.unprocessed import SOURCE, Unprocessed, pack
from processors.orders.waiting import WaitingRoom, pending_key
from schemas.topics import Topics

TABLE: Final = "orders"
TOTALS_KEY: Final = b"totals"
"""Row with the partition's numbers of orders, for the metrics: counting them would mean reading all rows."""
REACHED_KEY: Final = b"reached"
"""Row that says how far this partition's orders are in raw; see `reached`."""
JUDGED_BY: Final = b"judged-by"
"""Row with the hash of the settings by which all listed orders of this partition are judged (`OrderRules.judged_by`);
none while that is not known, or changes."""
UNPROCESSED: Final = b"unprocessed/"
"""Prefix of rows that keep events which could not be joined; the rest of the key is the event's source."""

ORDER: Final = b"order/"
"""Prefix of orders' rows."""
DUE: Final = b"due/"
"""Prefix of the index of orders that have to be looked at. The rest of the key is when (8 bytes, so that keys sort by
time), and the order's id."""
WAITING: Final = "waiting"
_STATUS: Final = "status:"
_OF_THESE_RULES: Final = f"rules:{RULES_VERSION}"
"""Names of totals."""
MARGIN: Final = 64 * 1024
"""Bytes that an order's row and state take besides their values: keys, headers and totals."""
_FULL: Final = b"full/"
"""Prefix for orders that have reached the largest size, before the order's id; see `Full`."""


def row_key(order_id: bytes) -> bytes:
    """Key of an order's row. Order ids may be any string: the prefix keeps them apart from other rows."""
    return ORDER + order_id


def order_id_of(key: bytes) -> bytes | None:
    """The order whose row has this key; None: it is another row."""
    return key.removeprefix(ORDER) if key.startswith(ORDER) else None


class Due(Since):
    """A row of the index `DUE`."""

    @property
    def key(self) -> bytes:
        """Its key; the row itself says nothing."""
        return DUE + self.packed

    @classmethod
    def read(cls, key: bytes) -> Self:
        """Read it from a key."""
        return super().read(key.removeprefix(DUE))


def due_orders(unit: Unit, now_ms: int, after: bytes, most: int) -> list[Due]:
    """At most so many orders whose deadline has passed, behind a key of the index, the longest waiting first. Does not
    see what this unit itself has written."""
    found = (Due.read(key) for key, _ in unit.scan(TABLE, DUE, after, most))
    return [due for due in found if due.at <= now_ms]


def read_totals(row: bytes | None) -> Counter[str]:
    """Orders by ``status:<status>``, ``provisional``, ``incomplete``, ``stalled``, ``partial_history`` and
    ``rules:<version>``; under ``waiting`` the events that wait for large ones."""
    return Counter(orjson.loads(row)) if row else Counter()


def older_orders(totals: Mapping[str, int]) -> int:
    """How many orders are of older rules."""
    every = sum(number for name, number in totals.items() if name.startswith(_STATUS))
    return every - totals.get(_OF_THESE_RULES, 0)


class OrderWriter:
    """Writes the orders of one unit; ``close`` updates the partition's own rows."""

    def __init__(self, unit: Unit, topics: Topics) -> None:
        self._unit, self._topics = unit, topics
        self._totals: Counter[str] = Counter()
        self._reached = Reached()
        self._rooms: list[WaitingRoom] = []

    @property
    def most_bytes(self) -> int:
        """How large an order's row may be, and its state."""
        return most_bytes(self._unit.max_value_bytes)

    def has_room(self, size: int) -> bool:
        """Whether the unit has room for so many bytes of rows and states; until it has written something, for any."""
        return not self._unit.written or size + MARGIN <= self._unit.room

    def row(self, order_id: str) -> bytes | None:
        """The order's row as it is now."""
        return self._unit.get_many(TABLE, [row_key(order_id.encode())])[0]

    def waiting(self, now_ms: int = 0) -> WaitingRoom:
        """The waiting events of large orders; ``now_ms`` is the time of the clock."""
        self._rooms.append(WaitingRoom(self._unit, TABLE, now_ms))
        return self._rooms[-1]

    def waits(self, order_id: bytes) -> bool:
        """Whether the order has waiting events, which its row lacks."""
        return self._unit.get_many(TABLE, [pending_key(order_id)])[0] is not None

    def forget_due(self, due: Due, timestamp: int) -> None:
        """Remove an order from the index if the table does not have it."""
        self._unit.put(TABLE, due.key, None, timestamp)

    def due_row(self, due: Due) -> bytes | None:
        """The row of an order in the index; None: this entry of the index is gone, or the order has no row."""
        indexed, row = self._unit.get_many(TABLE, [due.key, row_key(due.id)])
        return None if indexed is None else row

    def full(self, order_id: str) -> Full | None:
        """What is known of an order that takes no further event; None: perhaps it takes some."""
        return Full.load(self._unit.get_many(TABLE, [_FULL + order_id.encode()])[0], self.most_bytes)

    def fill(self, order_id: str, timestamp: int, *, listed: bool) -> None:
        """Note that the order takes no further event; `listed`: nor can it list one."""
        full = Full(RULES_VERSION, self.most_bytes, listed)
        self._unit.put(TABLE, _FULL + order_id.encode(), full.dump(), timestamp)

    def keep(self, event: Unprocessed, record: Any) -> None:
        """Keep the record of an event that could not be joined, if it fits, for another process to try again."""
        kept = pack(record.value, dict(record.headers))
        if self._unit.holds(kept):
            self._unit.put(TABLE, UNPROCESSED + event.source.encode(), kept, record.timestamp)

    def gone(self, order_id: str) -> Gone | None:
        """What is left of an order that has no row; None: it never had one, or went long ago."""
        [row] = self._unit.get_many(TABLE, [gone_key(order_id)])
        return None if row is None else Gone.read(row)

    def known(self, order_id: str) -> Row | Gone | None:
        """What tells which events the order takes: its row, or what is left of it; None: it takes all."""
        row = self.row(order_id)
        return self.gone(order_id) if row is None else load(row)

    def begins_with(self, order_id: str, tenant: str) -> bytes | None:
        """The row into which new events are joined: the order's own, or a new one if it is gone and begins anew; None:
        nothing came of it before."""
        if (row := self.row(order_id)) is not None:
            return row
        gone = self.gone(order_id)
        return None if gone is None else gone.begun_anew(order_id, tenant)

    def leave(self, order_id: str, gone: Gone, timestamp: int) -> None:
        """Note that an order without a row is gone, and has no state."""
        unit, key = self._unit, order_id.encode()
        self._remove([_FULL + key], timestamp)
        unit.put(TABLE, gone_key(order_id), gone.dump(), timestamp)
        unit.emit(self._topics.order_state, unit.partition, key, None, timestamp)

    def _remove(self, keys: Sequence[bytes], timestamp: int) -> None:
        """Remove these rows, as far as they exist."""
        for key, row in zip(keys, self._unit.get_many(TABLE, keys), strict=True):
            if row is not None:
                self._unit.put(TABLE, key, None, timestamp)

    def forget(self, order: Row, gone: Gone, timestamp: int, lines: Iterable[Line]) -> None:
        """Remove an order, as its row has it, from table, index and totals; write tombstones for state and lines."""
        key = order.order_id.encode()
        kept = [UNPROCESSED + entry[SOURCE].encode() for entry in order.unprocessed]
        self._remove([row_key(key), Due(order.due, key).key, *kept, *keys_of(order)], timestamp)
        self.waiting().forget(key)
        self._totals.subtract(_counted(order.summary))
        self._emit(lines, key, Made(order.tenant, order.revision, order.version, timestamp))
        self.leave(order.order_id, gone, timestamp)

    def holds(self, applied: Applied) -> bool:
        """Whether its row and its state each fit into a record."""
        return self._unit.holds(applied.row) and self._unit.holds(applied.state)

    def write(self, order_id: str, applied: Applied, timestamp: int) -> None:
        """Write an order's row, its state and lines if there are any, and what changes in the index; ``timestamp`` in
        milliseconds. ValueError: the order is too large."""
        unit, key = self._unit, order_id.encode()
        made = Made(applied.tenant, applied.revision, applied.after.rules, timestamp)
        unit.put(TABLE, row_key(key), applied.row, timestamp)
        if applied.state:
            # The orders topic is keyed by order id too, so the state belongs to the partition of the same number.
            unit.emit(self._topics.order_state, unit.partition, key, applied.state, timestamp, state_headers(key, made))
        if applied.lines:
            self._emit(applied.lines, key, made)
        if applied.due != applied.due_before:
            self._index(key, applied, timestamp)
        for index_key in id_keys(key, applied.ids):
            unit.put(TABLE, index_key, PRESENT, timestamp)
        before = applied.before.standing if applied.before else {}
        if before != applied.after.standing:
            for index_key, present in list_changes(key, before, applied.after.standing):
                unit.put(TABLE, index_key, present, timestamp)
        self._totals.update(_counted(applied.after))
        self._totals.subtract(_counted(applied.before))

    def _emit(self, lines: Iterable[Line], order_id: bytes, made: Made) -> None:
        """Write lines into their order's partition, so that they keep step with its state."""
        topic, partition, shared = self._topics.order_lines, self._unit.partition, shared_by_lines(order_id, made)
        for key, value in lines:
            of = None if value is None else line_headers(key, shared, made)
            self._unit.emit(topic, partition, key, value, made.timestamp, of)

    def write_due(self, due: Due, applied: Applied, timestamp: int) -> None:
        """Write an order that the index `DUE` has. If a version without index has written its row meanwhile, the row
        does not know its key there. So that key is removed here: else it would stay for ever."""
        if applied.due_before != due.at:
            self._unit.put(TABLE, due.key, None, timestamp)
        self.write(str(due.id, "utf-8"), applied, timestamp)

    def _index(self, order_id: bytes, applied: Applied, timestamp: int) -> None:
        if applied.due_before:
            self._unit.put(TABLE, Due(applied.due_before, order_id).key, None, timestamp)
        if applied.due:
            self._unit.put(TABLE, Due(applied.due, order_id).key, PRESENT, timestamp)

    def write_blind(self, blind: BlindReturn, timestamp: int) -> None:
        """Write a return that belongs to no order."""
        self._unit.put(TABLE, BLIND + blind.place, blind.row, timestamp)
        for key in blind.keys:
            self._unit.put(TABLE, key, PRESENT, timestamp)

    def forget_blind(self, blind: BlindReturn, timestamp: int) -> None:
        """Remove such a return."""
        for key in (BLIND + blind.place, *blind.keys):
            self._unit.put(TABLE, key, None, timestamp)

    def reach(self, source: str) -> None:
        """Note that the unit has taken the event of this raw record."""
        self._reached.take(source)

    def close(self) -> None:
        """Write the totals, and how far raw was read, if they changed."""
        if (reached := self._reached.after(self._unit.get_many(TABLE, [REACHED_KEY])[0])) is not None:
            self._unit.put(TABLE, REACHED_KEY, reached, self._unit.timestamp)
        self._totals[WAITING] += sum(room.more for room in self._rooms)
        if any(self._totals.values()):
            self._totals.update(read_totals(self._unit.get_many(TABLE, [TOTALS_KEY])[0]))
            totals = {name: count for name, count in self._totals.items() if count}
            row = orjson.dumps(totals, option=orjson.OPT_SORT_KEYS)
            self._unit.put(TABLE, TOTALS_KEY, row, self._unit.timestamp)


def _counted(summary: Summary | None) -> dict[str, int]:
    if summary is None:
        return {}
    return {
        f"{_STATUS}{summary.status}": 1,
        "provisional": int(summary.provisional),
        "incomplete": int(summary.incomplete),
        "stalled": int(summary.stalled),
        "partial_history": int(summary.partial_history),
        _OF_THESE_RULES: int(summary.rules == RULES_VERSION),
    }
