"""The orders agent: cleaned records of the orders topic in, one state per order out."""

from collections import Counter
from collections.abc import AsyncIterator
from typing import Any

import orjson

from processors.engine.chunk import Chunk
from processors.engine.lanes import Lanes
from processors.engine.unit import Unit
from processors.orders.apply import Applied, FoldRules, Summary, apply
from processors.orders.fact import Fact, fact_of
from schemas.headers import CONTENT_TYPE
from schemas.topics import Topics

TABLE = "orders"
TOTALS_KEY = b"totals"
"""Row with the number of this partition's orders by what the metrics tell: counting them would mean reading all."""

_HEADERS = [(CONTENT_TYPE, b"application/json")]


def row_key(order_id: bytes) -> bytes:
    """Key of an order's row; the prefix keeps order ids, which may be any string, apart from other rows."""
    return b"order/" + order_id


class Orders:
    """Folds the events of a chunk into their orders' states."""

    def __init__(self, topics: Topics, rules: FoldRules) -> None:
        self._topics, self._rules = topics, rules

    def process(self, unit: Unit) -> None:
        """Fold every record of ``unit`` and write what changed."""
        facts: dict[str, list[Fact]] = {}
        received: dict[str, int] = {}
        for record in unit.records:
            fact = fact_of(record.value, dict(record.headers))
            if fact is not None:
                facts.setdefault(fact.order_id, []).append(fact)
                received[fact.order_id] = record.timestamp
        totals: Counter[str] = Counter()
        rows = unit.get_many(TABLE, [row_key(order_id.encode()) for order_id in facts])
        for (order_id, new), row in zip(facts.items(), rows, strict=True):
            applied = apply(row, new, self._rules)
            self._write(unit, order_id.encode(), applied, received[order_id])
            totals.update(_counted(applied.after))
            totals.subtract(_counted(applied.before))
        if any(totals.values()):
            self._add(unit, totals)

    def _write(self, unit: Unit, order_id: bytes, applied: Applied, timestamp: int) -> None:
        unit.put(TABLE, row_key(order_id), applied.row, timestamp)
        # The orders topic is keyed by order id too, so the state belongs to the partition of the same number.
        unit.emit(self._topics.order_state, unit.partition, order_id, applied.state, timestamp, _HEADERS)

    def _add(self, unit: Unit, totals: Counter[str]) -> None:
        known = unit.get_many(TABLE, [TOTALS_KEY])[0]
        totals.update(read_totals(known))
        row = orjson.dumps({name: count for name, count in totals.items() if count}, option=orjson.OPT_SORT_KEYS)
        unit.put(TABLE, TOTALS_KEY, row, unit.records[-1].timestamp)


def read_totals(row: bytes | None) -> Counter[str]:
    """Orders by ``status:<status>``, ``provisional`` and ``incomplete``."""
    return Counter(orjson.loads(row)) if row else Counter()


def _counted(summary: Summary | None) -> dict[str, int]:
    if summary is None:
        return {}
    return {
        f"status:{summary.status}": 1,
        "provisional": int(summary.provisional),
        "incomplete": int(summary.incomplete),
    }


def orders_agent(lanes: Lanes, orders: Orders) -> Any:
    """The function that becomes a Faust agent."""

    async def run(chunks: AsyncIterator[Chunk]) -> None:
        async for chunk in chunks:
            async with await lanes.unit(chunk) as unit:
                if unit.records:
                    orders.process(unit)

    return run
