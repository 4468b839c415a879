"""A partition of the orders' table that takes random turns: records, ticks, changes, failures, restarts, upgrades."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from random import Random
from typing import Any

import orjson
import pytest
from aiokafka.structs import ConsumerRecord

from processors.orders import agent
from processors.orders.acknowledging import acknowledging
from processors.orders.agent import Orders
from processors.orders.apply import OrderRules
from processors.orders.beginning import BEGAN, Beginning, Remembered
from processors.orders.erasing import erasing
from processors.orders.fact import Fact
from processors.orders.older_rows import is_older, load
from processors.orders.render.document import render
from processors.orders.row import RULES_VERSION, Row
from processors.orders.table import ORDER, TOTALS_KEY, read_totals
from processors.orders.too_large import fitting
from tests.unit.processors.orders.facts import TENANT, Json, cleaned, of_an_earlier_version
from tests.unit.processors.orders.lifecycles import EVENTS, INSTANTS, odd
from tests.unit.processors.orders.sweeps import Raw
from tests.unit.processors.orders.test_beginning import First
from tests.unit.processors.orders.units import TOPICS, FakeUnit

BEGUN_MS = 1_714_557_600_000
RETENTION_MS = 60_000_000
PATIENCE = OrderRules().patience._replace(
    opened=20_000, captured=20_000, refunded=20_000, completed=20_000, handed_over=20_000
)


@dataclass
class Unit(FakeUnit):
    """Scans the table without what it has written itself."""

    committed: Mapping[bytes, bytes | None] = field(default_factory=dict)

    def scan(self, table: str, prefix: bytes, after: bytes, limit: int) -> list[tuple[bytes, bytes]]:
        return FakeUnit([], dict(self.committed)).scan(table, prefix, after, limit)


class Forgetful:
    """A raw that has nothing any more."""

    def ask(self, _partition: int, _sources: Collection[str]) -> None:
        pass

    def answer(self, _partition: int) -> Mapping[str, bytes]:
        return {}

    def is_reading(self, _partition: int) -> bool:
        return False

    def forget(self, _partition: int) -> None:
        pass


class Partition:
    """A partition's rows, and the states that its units sent. A turn is one unit or a few, each whole or not at all."""

    def __init__(self, seed: int) -> None:
        self.random, self.now, self.opening, self.count = Random(seed), BEGUN_MS, 0, 0
        self.rows: dict[bytes, bytes | None] = {}
        self.states: dict[bytes, bytes | None] = {}
        self.first, self.records, self.most = First(None), list[ConsumerRecord](), 0
        self.restart()

    def take_turn(self) -> str:
        turns: dict[Callable[[], None], float] = {
            self.deliver: 8,
            self.tick: 10,
            self.set_gap_aside: 2,
            self.erase: 0.4,
            self.refuse: 1,
            self.fail: 0.6,
            self.restart: 1,
            self.age: 0.4,
        }
        [turn] = self.random.choices([*turns], [*turns.values()])
        turn()
        return turn.__name__

    # -- turns ----------------------------------------------------------------------------------------------

    def restart(self) -> None:
        """Restart with other settings. Whatever was remembered is forgotten."""
        random, beginning = self.random, Beginning(timedelta(days=120))
        self.opening += 1
        self.raw = Raw()
        self.rules = OrderRules(
            late_after_ms=5_000,
            retention_ms=RETENTION_MS,
            beginning=beginning,
            patience=PATIENCE,
            writes_lines=random.random() < 0.3,
            withholds_customer=random.random() < 0.3,
        )
        self.most = random.choice([100_000, 12_000])
        if began := self.rows.get(BEGAN):
            beginning.learn(int(began))
        remembered = Remembered(beginning, self.first)
        self.orders = Orders(TOPICS, self.rules, self.raw, Forgetful(), remembered, clock=lambda: self.now)

    def deliver(self) -> None:
        unit = self.unit(*(self.record() for _ in range(self.random.choice([1, 1, 3, 8]))))
        self.orders.process(unit)
        self.commit(unit)

    def tick(self) -> None:
        random = self.random
        self.now += random.choice([0, 500, 5_000] if random.random() < 0.7 else [10_000, 30_000, RETENTION_MS // 2])
        if self.first.received is None and random.random() < 0.3:
            self.first.received = BEGUN_MS
        if random.random() < 0.7:
            self.answer()
        unit = self.unit()
        self.orders.tick(unit, self.now)
        self.commit(unit)

    def set_gap_aside(self) -> None:
        orders = self.all_orders()
        if not orders:
            return
        order = self.random.choice(orders)
        seen = render(order, self.rules)
        name = self.random.choice([*seen.awaited, *(each.name for each in seen.upcoming), "nothing"])
        said = (name, self.random.choice(["a", "b"]), "2024-05-01T10:00:00.000Z")
        self.change(acknowledging(order.order_id, said, TOPICS, self.rules))

    def erase(self) -> None:
        self.change(erasing(f"o{self.random.randrange(5)}", TOPICS, self.rules))

    def refuse(self) -> None:
        unit = self.unit(self.record())
        self.orders.refuse(unit, ValueError("a bug"))
        self.commit(unit)

    def fail(self) -> None:
        """Join with code that fails on every fifth event."""

        def failing(row: bytes | None, facts: list[Fact], *others: Any) -> Any:
            if any(fact.source.endswith(("0", "5")) for fact in facts):
                raise RuntimeError("a bug")
            return fitting(row, facts, *others)

        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(agent, "fitting", failing)
            for record in [self.record() for _ in range(3)]:
                unit = self.unit(record)
                try:
                    self.orders.process(unit)
                except RuntimeError as error:
                    unit = self.unit(record)
                    self.orders.refuse(unit, error)
                self.commit(unit)
            self.now += 5_000
            for _ in range(3):
                self.tick()

    def age(self) -> None:
        """Make an order's row one of the version before."""
        keys = [key for key, row in self.rows.items() if key.startswith(ORDER) and row and not is_older(row)]
        if keys:
            key = self.random.choice(keys)
            self.rows[key] = of_an_earlier_version(self.rows[key] or b"")
            totals = read_totals(self.rows[TOTALS_KEY])
            totals[f"rules:{RULES_VERSION}"] -= 1
            self.rows[TOTALS_KEY] = orjson.dumps({name: count for name, count in totals.items() if count})
            self.opening += 1

    # -- what they are made of ------------------------------------------------------------------------------

    def unit(self, *records: ConsumerRecord) -> Any:
        room = self.random.choice([10 * self.most, self.most, 3_000])
        options: dict[str, Any] = {"opening": self.opening, "room": room, "max_value_bytes": self.most}
        now_ms = None if records else self.now
        return Unit([*records], dict(self.rows), now_ms=now_ms, committed=self.rows, **options)

    def commit(self, unit: Unit) -> None:
        self.rows = unit.rows
        self.states |= {record[2]: record[3] for record in unit.emitted if record[0] == TOPICS.order_state}

    def change(self, change: Callable[[Any], object]) -> None:
        unit = self.unit()
        change(unit)
        self.commit(unit)

    def answer(self) -> None:
        for asked in self.raw.asked:
            asked.end = 0

    def record(self) -> ConsumerRecord:
        """A new record, or one that came before."""
        self.count += 1
        self.now += self.random.randrange(3_000)
        if self.records and self.random.random() < 0.15:
            again = self.random.choice(self.records)
            return ConsumerRecord(
                TOPICS.orders, 3, self.count, self.now, 0, b"k", again.value, None, 1, 1, again.headers
            )
        body, source = orjson.dumps(self.envelope()), f"0:{self.count}"
        value, headers = cleaned(body, received_at_ms=self.now, source=source)
        fields = (b"k", value, None, 1, len(value), tuple(headers.items()))
        self.records.append(ConsumerRecord(TOPICS.orders, 3, self.count, self.now, 0, *fields))
        return self.records[-1]

    def envelope(self) -> Json:
        random = self.random
        payload_of, names = random.choice(EVENTS)
        payload, name = payload_of(random), random.choice(names)
        if random.random() < 0.2:
            payload = odd(random, payload)
        if name.startswith(("order.", "payment_account.")):
            payload["id"] = f"o{random.randrange(5)}"
        elif name == "return.processed" and random.random() < 0.3:
            payload["external_order_id"] = random.choice(["0042", "7"])
        else:
            payload["order_id"] = f"o{random.randrange(5)}"
        if random.random() < 0.1:
            payload["extended_attributes"] = [{"name": "x", "value": "y" * random.choice([10, 3_000])}]
        if random.random() < 0.1:
            payload["items"] = [{"id": f"{self.count}-{n}"} for n in range(random.choice([5, 60]))]
        at = random.choice([*INSTANTS, f"2024-05-01T10:{random.randrange(60):02d}:00Z"])
        return {"tenant": TENANT, "name": name, "published_at": at, "payload": payload}

    def all_orders(self) -> list[Row]:
        return [load(row) for key, row in self.rows.items() if key.startswith(ORDER) and row is not None]
