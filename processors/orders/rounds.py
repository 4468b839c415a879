"""Rounds: once a day the worker looks at every order, to forget those that have been kept for long enough.

No index says when. An order that waits for nothing is in none, a shorter retention counts at once, and the version that
wrote a row need not have known of an index. Reading a million rows a day costs less than an index row for each.

A round also judges again the orders that other settings marked or listed (`OrderRules.judged_by`): if nothing is due of
them any more, nothing else looks at them. A row of the partition says whether there are any, so this costs nothing
while settings stay.

Only joined events tell that nothing came of an order for so long. So a round first asks whether everything that raw
holds by now is joined. What is received later comes to an order that is there, or begins it anew.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import partial
from typing import Final

from bridge.log import get_logger
from processors.engine.errors import NOT_ITS_FAULT
from processors.engine.unit import Unit
from processors.orders.apply import Applied, OrderRules, judged_again, lines_gone, written_again
from processors.orders.blind import BLIND, BlindReturn
from processors.orders.gone import GONE, Gone
from processors.orders.older_rows import NewerRowError, load
from processors.orders.row import Row
from processors.orders.sweep import CaughtUp, Question
from processors.orders.table import JUDGED_BY, ORDER, TABLE, UNPROCESSED, OrderWriter
from processors.orders.unprocessed import RECEIVED, unpack, unprocessed
from schemas.headers import RECEIVED_AT
from schemas.instant import rfc3339_millis
from schemas.topics import Topics

log = get_logger(__name__)

LONGEST_PAUSE_MS: Final = 86_400_000
_SHARE: Final = 10
"""If the retention is shorter than ten days, a round begins every tenth part of it."""
ROWS: Final = 200
"""Rows that all partitions together look at in a second, the time between two ticks of one: 17 million a day."""
_GOING_MS: Final = 10_000
"""A partition without a tick for so long gets no share of `ROWS` any more: another worker may have it."""
MOST_BYTES: Final = 2 << 20
"""Bytes. A look ends with the portion in which its rows reach this size."""
_PORTION: Final = 10
"""Rows read at a time: each may have megabytes."""


@dataclass(frozen=True, slots=True)
class _Round:
    """A round that began, and asked its question, at `began_ms`. It forgets orders of which nothing came since `until`,
    and what is left of orders gone since before `gone_until` (RFC 3339).

    `judged_by` is the hash of the settings by which it judges orders in lists; empty: it judges none. It reaches all of
    them only if the lane stays in this `opening`. The next row is behind the key `after`, in the kind of rows `stage`.
    """

    began_ms: int
    question: Question
    until: str
    gone_until: str
    judged_by: bytes
    opening: int
    stage: int = 0
    after: bytes = b""


def last_received(order: Row) -> str:
    """When the last event of an order was received (RFC 3339), processed or not."""
    received = [fact.received_at for fact in order.facts] + [entry[RECEIVED] for entry in order.unprocessed]
    return max(received, default="")


class Rounds:
    """Makes rounds in each partition separately. If it loses what it remembers, it begins a round anew."""

    def __init__(self, topics: Topics, rules: OrderRules, caught_up: CaughtUp) -> None:
        self._topics, self._rules, self._caught_up = topics, rules, caught_up
        self._pause_ms = min(LONGEST_PAUSE_MS, rules.retention_ms // _SHARE)
        self._rounds: dict[int, _Round] = {}
        self._next_ms: dict[int, int] = {}
        """By partition: when its next round begins."""
        self._trusted: dict[int, int] = {}
        """By partition: the opening of its lane in which its row `JUDGED_BY` is of this process, or absent."""
        self._ticked_ms: dict[int, int] = {}
        """By partition: when its last tick in a round was."""
        self._stages: Mapping[bytes, Callable[[OrderWriter, Unit, bytes, bytes, _Round], None]] = {
            ORDER: self._order,
            UNPROCESSED: self._kept,
            BLIND: self._blind,
            GONE: self._gone,
        }

    def go_on(self, unit: Unit, now_ms: int) -> bool:
        """Do what a tick can. Returns False: there is never more to do at once."""
        if self._trusted.get(unit.partition) != unit.opening:  # the next round may be a day away
            self._begin_judging(unit)
            unit.on_commit(partial(self._trusted.__setitem__, unit.partition, unit.opening))
        current = self._rounds.get(unit.partition)
        if current is not None and current.began_ms > now_ms:  # the clock was wrong: what it called old may be new
            del self._rounds[unit.partition]
            current = None
        if current is None:
            # If the next round is too far away, the clock was wrong, too.
            if not 0 < self._next_ms.get(unit.partition, 0) - now_ms <= self._pause_ms:
                self._rounds[unit.partition] = self._begin(unit, now_ms)
        elif current.question.is_answered(unit.chunk.end):
            orders = OrderWriter(unit, self._topics)
            left = self._look(unit, orders, current, self._share(unit.partition, now_ms))
            orders.close()
            if left is None and current.judged_by and current.opening == unit.opening:
                unit.put(TABLE, JUDGED_BY, current.judged_by, unit.timestamp)
            unit.on_commit(partial(self._remember, unit.partition, current, left))
        return False

    def _begin(self, unit: Unit, now_ms: int) -> _Round:
        once, twice = (rfc3339_millis(max(0, now_ms - times * self._rules.retention_ms)) for times in (1, 2))
        question = self._caught_up.ask(unit.partition)
        return _Round(now_ms, question, once, twice, self._begin_judging(unit), unit.opening)

    def _begin_judging(self, unit: Unit) -> bytes:
        """Return the hash of the settings to judge by; empty: the partition's orders are known to be judged by
        these."""
        [row], settings = unit.get_many(TABLE, [JUDGED_BY]), self._rules.judged_by
        if row == settings:
            return b""
        if row is not None:  # until the round ends, whoever gets the partition must begin anew, whatever its settings
            unit.put(TABLE, JUDGED_BY, None, unit.timestamp)
        return settings

    def _share(self, partition: int, now_ms: int) -> int:
        """How many rows this partition's tick may look at."""
        self._ticked_ms[partition] = now_ms
        going = sum(abs(now_ms - at) < _GOING_MS for at in self._ticked_ms.values())
        return max(1, ROWS // going)

    def _look(self, unit: Unit, orders: OrderWriter, current: _Round, most: int) -> _Round | None:
        """Look at the next rows, at most `most`; return where to go on, None at the end."""
        prefixes = [*self._stages]
        after, rows, size = current.after, 0, 0
        while rows < most and size < MOST_BYTES:
            prefix, portion = prefixes[current.stage], min(_PORTION, most - rows)
            found = unit.scan(TABLE, prefix, after, portion)
            for key, row in found:
                if not orders.has_room(2 * len(row)):
                    return replace(current, after=after)
                self._stages[prefix](orders, unit, key, row, current)
                after, rows, size = key, rows + 1, size + len(row)
            if not found:
                if current.stage + 1 == len(prefixes):
                    return None
                current, after = replace(current, stage=current.stage + 1), b""
        return replace(current, after=after)

    def _order(self, orders: OrderWriter, unit: Unit, key: bytes, row: bytes, current: _Round) -> None:
        """Forget an order of which nothing came for so long. Otherwise write its document and lines again if the topics
        have them by other settings, or if it stands in lists and counts otherwise by new settings."""
        try:
            order = load(row)
            if orders.waits(order.order_id.encode()):
                return
            if last_received(order) < current.until:
                now = orders.row(order.order_id)  # the sweep may have written it in this very tick
                order = order if now is None else load(now)
                gone = Gone.of(order.order_id, current.until, erased=False)
                orders.forget(order, gone, unit.timestamp, lines_gone(order, self._rules))
            elif (order.withheld, order.has_lines) != (self._rules.withholds_customer, self._rules.writes_lines):
                self._write(orders, order.order_id, written_again(orders.row(order.order_id) or row, self._rules), unit)
            elif current.judged_by and order.summary is not None and order.summary.standing:
                self._write(orders, order.order_id, judged_again(orders.row(order.order_id) or row, self._rules), unit)
        except NOT_ITS_FAULT:
            raise  # part of the order may be written: the unit must not be committed
        except NewerRowError:
            return  # left to a worker of that version
        except Exception:  # it must not keep the others waiting; the next round tries it again
            log.exception("an order cannot be looked at", order_id=str(key.removeprefix(ORDER), "utf-8"))

    @staticmethod
    def _write(orders: OrderWriter, order_id: str, applied: Applied | None, unit: Unit) -> None:
        if applied is not None and orders.holds(applied):
            orders.write(order_id, applied, unit.timestamp)

    def _kept(self, orders: OrderWriter, unit: Unit, key: bytes, row: bytes, current: _Round) -> None:
        """Forget an old record that is kept to be tried again, if its order has no row; others go with their order."""
        value, headers = unpack(row)
        if headers.get(RECEIVED_AT, b"").decode() >= current.until:
            return
        event = unprocessed(value, headers, "")
        if event is None or orders.row(event.order_id) is None:
            unit.put(TABLE, key, None, unit.timestamp)

    def _blind(self, orders: OrderWriter, unit: Unit, key: bytes, row: bytes, current: _Round) -> None:
        """Forget an old return that belongs to no order."""
        blind = BlindReturn.read(key, row)
        if rfc3339_millis(blind.received_ms) < current.until:
            orders.forget_blind(blind, unit.timestamp)

    def _gone(self, orders: OrderWriter, unit: Unit, key: bytes, row: bytes, current: _Round) -> None:
        """Forget that an order was forgotten, after as long again; never forget that one was erased."""
        del orders
        gone = Gone.read(row)
        if not gone.erased and gone.at < current.gone_until:
            unit.put(TABLE, key, None, unit.timestamp)

    def _remember(self, partition: int, current: _Round, left: _Round | None) -> None:
        if left is not None:
            self._rounds[partition] = left
            return
        del self._rounds[partition], self._ticked_ms[partition]
        self._next_ms[partition] = current.began_ms + self._pause_ms
