"""Orders of the first seconds, once it is known since when the bridge listens."""

from datetime import timedelta

from processors.orders.agent import Orders
from processors.orders.apply import OrderRules, apply
from processors.orders.beginning import Beginning, Remembered
from processors.orders.sweep import MOST_ROW_BYTES
from processors.orders.table import row_key
from processors.orders.unjudged import UNJUDGED
from tests.unit.processors.orders.facts import ORDER_ID, clock, fact, items
from tests.unit.processors.orders.test_beginning import APRIL, MAY, First
from tests.unit.processors.orders.units import TOPICS, FakeUnit

Rows = dict[bytes, bytes | None]


def handler(first: First) -> Orders:
    beginning = Beginning(timedelta(days=120))
    return Orders(TOPICS, OrderRules(beginning=beginning), None, None, Remembered(beginning, first))


def tick(orders: Orders, rows: Rows) -> FakeUnit:
    unit = FakeUnit([], rows, now_ms=MAY, max_value_bytes=1 << 20, room=1 << 30)
    orders.tick(unit, MAY)  # type: ignore[arg-type]  # takes the unit's place
    return unit


def noted(rows: Rows) -> list[bytes]:
    return [key for key, row in rows.items() if key.startswith(UNJUDGED) and row is not None]


def large(orders: int) -> Rows:
    """So many orders of 400 lines, all to be judged."""
    opened = fact("order.opened", clock(0), items=items(*(f"item-{n}" for n in range(400))))
    row = apply(None, [opened], OrderRules()).row
    ids = [b"o-%05d" % n for n in range(orders)]
    rows: Rows = {row_key(each): row.replace(ORDER_ID.encode(), each) for each in ids}
    return rows | {UNJUDGED + each: b"1" for each in ids}


def test_a_tick_reads_and_writes_no_more_than_keeps_the_event_loop_for_a_moment() -> None:
    """Whether what it reads is to be written or not."""
    for began in (MAY, APRIL - 400 * 86_400_000):
        rows = large(90)
        orders, most = handler(First(began)), MOST_ROW_BYTES + 20 * len(rows[row_key(b"o-00000")] or b"")
        units = []
        while noted(rows):
            units.append(tick(orders, rows))
        assert max(max(unit.read, unit.written) for unit in units) < most
        assert 2 <= len(units) < 20
