"""Orders written before anybody knew since when the bridge listens: in the first seconds of a deployment."""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import partial
from typing import Final

from bridge.log import get_logger
from processors.engine.errors import NOT_ITS_FAULT
from processors.engine.memory import Memory
from processors.engine.unit import Unit
from processors.orders.apply import Applied, OrderRules, looked_at
from processors.orders.index import PRESENT
from processors.orders.older_rows import is_newer
from processors.orders.sweep import MOST_ROW_BYTES
from processors.orders.table import TABLE, OrderWriter
from schemas.topics import Topics

log = get_logger(__name__)

UNJUDGED: Final = b"unjudged/"
"""Prefix of such orders' ids: whichever process has the partition once that is known judges them."""
_AT_ONCE: Final = 100


@dataclass(slots=True)
class _Look:
    after: bytes | None = b""
    """The key of the last order looked at; None when all were."""


class Unjudged:
    """Keeps these orders until their documents can say whether part of their history was never sent to the bridge."""

    def __init__(self, topics: Topics, rules: OrderRules) -> None:
        self._topics, self._rules = topics, rules
        self._looks = Memory(_Look)

    def note(self, unit: Unit, order_id: str) -> None:
        """Note an order that ``unit`` writes, if it cannot be judged yet."""
        if self._rules.beginning is not None and self._rules.before is None:
            unit.put(TABLE, UNJUDGED + order_id.encode(), PRESENT, unit.timestamp)

    def go_on(self, unit: Unit, now_ms: int) -> bool:
        """Write the documents that have changed by now, as far as there is room; return whether there were orders to
        look at."""
        look = self._looks.of(unit)
        if look.after is None or self._rules.before is None:
            return False
        found = [key for key, _ in unit.scan(TABLE, UNJUDGED, look.after, _AT_ONCE)]
        after = self._judge(unit, found, now_ms, look.after) if found else None
        unit.on_commit(partial(setattr, look, "after", after))
        return bool(found)

    def _judge(self, unit: Unit, keys: Iterable[bytes], now_ms: int, after: bytes) -> bytes:
        """Return the key of the last order that it came to, `after` if it came to none."""
        writer, seen_bytes = OrderWriter(unit, self._topics), 0
        for key in keys:
            if max(seen_bytes, unit.written) > MOST_ROW_BYTES:
                break
            order_id = key.removeprefix(UNJUDGED).decode()
            row = writer.row(order_id)
            if row is not None and not writer.has_room(2 * len(row)):
                break
            after = key
            if row is not None:
                seen_bytes += len(row)
                if is_newer(row):
                    continue  # left to that version
                applied = self._looked_at(order_id, row, now_ms)
                if applied is not None and applied.state and writer.holds(applied):
                    writer.write(order_id, applied, unit.timestamp)
            unit.put(TABLE, key, None, unit.timestamp)
        writer.close()
        return after

    def _looked_at(self, order_id: str, row: bytes, now_ms: int) -> Applied | None:
        try:
            return looked_at(row, now_ms, self._rules)  # None: something is due by now, and the sweep writes it
        except NOT_ITS_FAULT:
            raise
        except Exception:  # it must hold up nothing else; its next event is refused, and that is told
            log.exception("an order cannot be looked at", order_id=order_id)
            return None
