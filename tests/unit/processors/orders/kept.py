"""A partition of the orders' table that keeps nothing for ever."""

from collections import Counter
from typing import Any

import orjson
from aiokafka.structs import ConsumerRecord

from processors.orders.agent import Orders
from processors.orders.apply import OrderRules
from processors.orders.table import JUDGED_BY, REACHED_KEY, TOTALS_KEY, read_totals
from tests.unit.processors.orders.sweeps import Raw
from tests.unit.processors.orders.units import TOPICS, FakeUnit

RETENTION = 1_000_000
RULES = OrderRules(retention_ms=RETENTION, late_after_ms=5_000)


class Table:
    """A partition's rows, and the handlers of one process after the other."""

    def __init__(self) -> None:
        self.rows: dict[bytes, bytes | None] = {}
        self.restart(RULES)

    def restart(self, rules: OrderRules) -> None:
        self.raw = Raw()
        self.orders = Orders(TOPICS, rules, self.raw)

    def deliver(self, *records: ConsumerRecord) -> FakeUnit:
        unit = FakeUnit(list(records), self.rows)
        self.orders.process(unit)  # type: ignore[arg-type]  # takes the unit's place
        return unit

    def tick(self, now_ms: int, **options: Any) -> FakeUnit:
        """Tick partition 3, or that of `options`. All have the same rows."""
        unit = FakeUnit([], self.rows, now_ms=now_ms, **options)
        self.orders.tick(unit, now_ms)  # type: ignore[arg-type]  # as above
        return unit

    def go_round(self, now_ms: int, **options: Any) -> list[FakeUnit]:
        """Tick at this time until a whole round is over. All that raw holds is always folded."""
        units = []
        for _ in range(20):
            units.append(self.tick(now_ms, **options))
            for asked in self.raw.asked:
                asked.end = 0
        return units

    def left(self) -> set[bytes]:
        """Keys of all rows but the partition's own."""
        return {key for key, row in self.rows.items() if row is not None} - {TOTALS_KEY, REACHED_KEY, JUDGED_BY}

    def left_of(self, order_id: bytes) -> set[bytes]:
        """Keys of rows that name an order, in key or value."""
        return {key for key in self.left() if order_id in key + (self.rows[key] or b"")}

    @property
    def totals(self) -> Counter[str]:
        return read_totals(self.rows[TOTALS_KEY])


def states(*units: FakeUnit) -> list[tuple[bytes, dict[str, Any] | None]]:
    """Records of the state topic by key, None for a tombstone."""
    emitted = [record for unit in units for record in unit.emitted if record[0] == TOPICS.order_state]
    return [(key, None if value is None else orjson.loads(value)) for _, _, key, value, *_ in emitted]


def went(units: list[FakeUnit]) -> list[bytes]:
    """Orders that were forgotten."""
    return [key for key, state in states(*units) if state is None]
