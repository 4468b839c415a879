"""A partition of the orders' table that is swept, and records for it."""

import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from aiokafka.structs import ConsumerRecord

from processors.orders.agent import Orders
from processors.orders.apply import OrderRules
from processors.orders.table import TOTALS_KEY, Due, read_totals
from schemas.instant import rfc3339_millis
from tests.unit.processors.orders.facts import TENANT, Json, cleaned
from tests.unit.processors.orders.units import TOPICS, FakeUnit

LATE_AFTER = 5_000
DAY = 86_400_000
RULES = OrderRules(late_after_ms=LATE_AFTER)


@dataclass
class Asked:
    """A question to raw. `end`: where the lane must stand. None: not known yet."""

    partition: int
    end: int | None = None

    def is_answered(self, position: int) -> bool:
        return self.end is not None and position >= self.end


@dataclass
class Raw:
    """A stand-in for raw, which the sweep asks."""

    asked: list[Asked] = field(default_factory=list)

    def ask(self, partition: int) -> Asked:
        self.asked.append(Asked(partition))
        return self.asked[-1]


class Table:
    """A partition's rows, and the handlers of one process after the other."""

    def __init__(self, rules: OrderRules = RULES) -> None:
        self.rows: dict[bytes, bytes | None] = {}
        self.rules = rules
        self.restart()

    def restart(self) -> None:
        self.raw = Raw()
        self.orders = Orders(TOPICS, self.rules, self.raw)

    def deliver(self, *records: ConsumerRecord) -> FakeUnit:
        unit = FakeUnit(list(records), self.rows)
        self.orders.process(unit)  # type: ignore[arg-type]  # takes the unit's place
        return unit

    def tick(self, now_ms: int, position: int = 0, **options: Any) -> tuple[bool, FakeUnit]:
        unit = FakeUnit([], self.rows, now_ms=now_ms, position=position, **options)
        return self.orders.tick(unit, now_ms), unit  # type: ignore[arg-type]  # as above

    def sweep(self, now_ms: int) -> FakeUnit:
        """Two ticks: one that asks, and one that marks."""
        assert self.tick(now_ms)[1].emitted == []
        self.raw.asked[-1].end = 0
        return self.tick(now_ms)[1]

    @property
    def index(self) -> list[Due]:
        keys = sorted(key for key, row in self.rows.items() if key.startswith(b"due/") and row is not None)
        return [Due.read(key) for key in keys]

    @property
    def totals(self) -> Counter[str]:
        return read_totals(self.rows[TOTALS_KEY])


def record(n: int, event: str, order: str = "a", at: int = 1_000, items: Sequence[Json] = ()) -> ConsumerRecord:
    """The nth record of the orders topic, published and received at so many milliseconds."""
    envelope = {"tenant": TENANT, "name": f"order.{event}", "published_at": rfc3339_millis(at)}
    body = json.dumps({**envelope, "payload": {"id": order, "items": items}}).encode()
    value, headers = cleaned(body, received_at_ms=at, source=f"0:{n}")
    return ConsumerRecord(TOPICS.orders, 3, n, n, 0, b"k", value, None, 1, len(value), tuple(headers.items()))


def said(unit: FakeUnit) -> dict[str, bool]:
    """Whether each order's document says that it is incomplete, by order. Each is written once."""
    states = unit.states()
    found = {state["order_id"]: state["incomplete"] for state in states}
    assert len(found) == len(states)
    return found
