"""A partition of the orders' table in which small orders count as large, so that their events wait."""

from typing import Any

import orjson
from aiokafka.structs import ConsumerRecord

from processors.orders.agent import Orders
from processors.orders.apply import apply
from processors.orders.table import row_key
from tests.unit.processors.orders.facts import EVERYTHING, ORDER_ID, Json
from tests.unit.processors.orders.sweeps import Raw
from tests.unit.processors.orders.units import TOPICS, FakeUnit, event_record

LINES = [{"id": f"item-{n:03d}", "product_id": f"product-{n:03d}"} for n in range(40)]
CREATED = event_record(0, "order.created", id=ORDER_ID, items=LINES)
BYTES_PER_MS = 10
NOW = 1_000_000
LATER = NOW + 3_600_000


class Table:
    """The rows of a partition, and a handler with a clock of its own."""

    def __init__(self, rules: Any = EVERYTHING, raw: Raw | None = None) -> None:
        self.rows: dict[bytes, bytes | None] = {}
        self.now = NOW
        self.orders = Orders(TOPICS, rules, raw, clock=lambda: self.now)

    def process(self, *records: ConsumerRecord) -> FakeUnit:
        unit = FakeUnit(list(records), self.rows)
        self.orders.process(unit)  # type: ignore[arg-type]  # takes the unit's place
        return unit

    def tick(self) -> tuple[FakeUnit, bool]:
        unit = FakeUnit([], self.rows, now_ms=self.now)
        return unit, self.orders.tick(unit, self.now)  # type: ignore[arg-type]  # as above

    def join(self) -> list[FakeUnit]:
        """Tick until nothing waits."""
        self.now = LATER
        units = []
        while self.keys(b"pending/"):
            unit, more = self.tick()
            assert more
            units += [unit] if unit.put_keys else []
        assert self.keys(b"waiting/") == []
        return units

    def keys(self, prefix: bytes) -> list[bytes]:
        return sorted(key for key, row in self.rows.items() if key.startswith(prefix) and row is not None)

    def document(self, order_id: str = ORDER_ID) -> Json:
        state: Json = orjson.loads(apply(self.rows[row_key(order_id.encode())], [], EVERYTHING).state)
        return state


def assigned(n: int, item: int, order_id: str = ORDER_ID) -> ConsumerRecord:
    """The nth record: a request for one of the items."""
    items = [{"id": f"item-{item:03d}"}]
    return event_record(n, "fulfillment_request.assigned", id=f"request-{n}", order_id=order_id, items=items)


def begun(table: Table, *order_ids: str) -> None:
    """Large orders, each with an event that waits."""
    for order_id in order_ids:
        table.process(event_record(0, "order.created", id=order_id, items=LINES))
        table.process(assigned(1, 1, order_id))


def joined(table: Table) -> list[str]:
    """The orders of which the next two ticks join something. One of the two looks for other work."""
    return [state["order_id"] for _ in range(2) for state in table.tick()[0].states()]
