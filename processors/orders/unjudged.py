"""Orders that were written while nobody knew since when the bridge listens: in the first seconds of a deployment."""

from collections import defaultdict
from collections.abc import Iterable
from functools import partial
from itertools import islice
from typing import Final

from bridge.log import get_logger
from processors.engine.unit import Unit
from processors.orders.apply import Applied, OrderRules, looked_at
from processors.orders.table import OrderWriter
from schemas.topics import Topics

log = get_logger(__name__)

MOST: Final = 50_000
"""Of a partition; of more than these the next event says it."""
_AT_ONCE: Final = 100


class Unjudged:
    """Remembers them, until their documents can say whether part of their history was never sent to the bridge."""

    def __init__(self, topics: Topics, rules: OrderRules) -> None:
        self._topics, self._rules = topics, rules
        self._orders: defaultdict[int, dict[str, None]] = defaultdict(dict)
        """By partition, in the order in which they came."""

    def note(self, unit: Unit, order_id: str) -> None:
        """The order is written by ``unit``."""
        if self._rules.beginning is not None and self._rules.before is None:
            orders = self._orders[unit.partition]
            if len(orders) < MOST:
                unit.on_commit(partial(orders.setdefault, order_id))

    def go_on(self, unit: Unit, now_ms: int) -> bool:
        """Write the documents that are others by now, as many as there is room for; returns whether there were orders
        to look at."""
        orders = self._orders.get(unit.partition)
        if not orders or self._rules.before is None:
            return False
        writer, looked = OrderWriter(unit, self._topics), list[str]()
        for order_id in islice(orders, _AT_ONCE):
            row = writer.row(order_id)
            if row is not None:
                if not writer.has_room(2 * len(row)):
                    break
                applied = self._looked_at(order_id, row, now_ms)
                if applied is not None and applied.state and writer.holds(applied):
                    writer.write(order_id, applied, unit.timestamp)
            looked.append(order_id)
        writer.close()
        unit.on_commit(partial(self._forget, unit.partition, looked))
        return True

    def _forget(self, partition: int, looked: Iterable[str]) -> None:
        for order_id in looked:
            self._orders[partition].pop(order_id, None)

    def _looked_at(self, order_id: str, row: bytes, now_ms: int) -> Applied | None:
        try:
            return looked_at(row, now_ms, self._rules)  # None: it is due by now, and the sweep writes it
        except Exception:  # nothing else may wait for it; the next event has it refused, and told
            log.exception("an order cannot be looked at", order_id=order_id)
            return None
