"""Orders of the first seconds, once it is known since when the bridge listens."""

from datetime import timedelta
from typing import Any

import pytest
from structlog.testing import capture_logs

from processors.orders import unjudged
from processors.orders.agent import Orders
from processors.orders.apply import OrderRules, apply
from processors.orders.beginning import Beginning, Remembered
from processors.orders.erasing import erasing
from processors.orders.gone import Gone
from processors.orders.sweep import MOST_ROW_BYTES
from processors.orders.table import MARGIN, row_key
from processors.orders.unjudged import UNJUDGED
from tests.unit.processors.orders.facts import ORDER_ID, clock, fact, items, of_a_later_version
from tests.unit.processors.orders.sweeps import record
from tests.unit.processors.orders.test_beginning import APRIL, MAY, First
from tests.unit.processors.orders.units import TOPICS, FakeUnit, short_of_memory

Rows = dict[bytes, bytes | None]


def handler(first: First) -> Orders:
    beginning = Beginning(timedelta(days=120))
    return Orders(TOPICS, OrderRules(beginning=beginning), None, None, Remembered(beginning, first))


def tick(orders: Orders, rows: Rows, *, room: int = 1 << 30) -> FakeUnit:
    unit = FakeUnit([], rows, now_ms=MAY, max_value_bytes=1 << 20, room=room)
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


@pytest.mark.thorough
def test_a_tick_reads_and_writes_no_more_than_keeps_the_event_loop_for_a_moment() -> None:
    """This holds whether what the tick reads is to be written or not."""
    for began in (MAY, APRIL - 400 * 86_400_000):
        rows = large(90)
        orders, most = handler(First(began)), MOST_ROW_BYTES + 20 * len(rows[row_key(b"o-00000")] or b"")
        units = []
        while noted(rows):
            units.append(tick(orders, rows))
        assert max(max(unit.read, unit.written) for unit in units) < most
        assert 2 <= len(units) < 20


@pytest.mark.thorough
def test_the_note_of_an_order_of_a_later_version_is_left_to_that_and_holds_up_no_other() -> None:
    rows = large(120)  # more than are looked at together
    key = row_key(b"o-00000")
    rows[key] = of_a_later_version(rows[key] or b"")
    orders, newer = handler(First(MAY)), rows[key]
    units = [tick(orders, rows) for _ in range(20)]
    assert noted(rows) == [UNJUDGED + b"o-00000"]
    assert rows[key] == newer
    assert sum(len(unit.states()) for unit in units) == 119
    assert not units[-1].read


def test_notes_are_looked_at_again_where_that_was_not_committed(monkeypatch: pytest.MonkeyPatch) -> None:
    rows = large(2)
    orders, before = handler(First(MAY)), dict(rows)
    monkeypatch.setattr(FakeUnit, "on_commit", lambda _self, _action: None)
    tick(orders, rows)
    monkeypatch.undo()
    rows = before
    for _ in range(3):
        tick(orders, rows)
    assert noted(rows) == []


def test_an_erased_order_leaves_no_note() -> None:
    rows = large(2)
    unit: Any = FakeUnit([], rows, now_ms=MAY)
    assert isinstance(erasing("o-00000", TOPICS, OrderRules())(unit), Gone)
    assert noted(rows) == [UNJUDGED + b"o-00001"]
    again: Any = FakeUnit([], rows, now_ms=MAY)
    erasing("o-00000", TOPICS, OrderRules())(again)
    assert again.put_keys == []


@pytest.mark.parametrize(("short", "judged"), [(1, [0, 1, 1, 1]), (0, [3, 0, 0, 0])])
def test_as_many_are_judged_as_a_unit_has_room_for_but_one_where_it_has_written_nothing(
    short: int, judged: list[int]
) -> None:
    """The first tick has written since when the bridge listens."""
    rows = large(3)
    room = MARGIN + 2 * len(rows[row_key(b"o-00000")] or b"") - short
    orders = handler(First(MAY))
    assert [len(tick(orders, rows, room=room).states()) for _ in judged] == judged
    assert noted(rows) == []


def test_a_note_of_an_order_that_is_not_there_goes() -> None:
    rows = large(2)
    rows[row_key(b"o-00000")] = None
    assert [state["order_id"] for state in tick(handler(First(MAY)), rows).states()] == ["o-00001"]
    assert noted(rows) == []


def test_one_of_a_later_version_holds_up_none_of_the_same_tick() -> None:
    rows = large(3)
    rows[row_key(b"o-00000")] = of_a_later_version(rows[row_key(b"o-00000")] or b"")
    states = tick(handler(First(MAY)), rows).states()
    assert [state["order_id"] for state in states] == ["o-00001", "o-00002"]


def test_an_order_that_began_after_the_bridge_stays_as_it_is_and_one_that_cannot_be_read_is_told() -> None:
    rows = large(2)
    rows[row_key(b"o-00001")] = b"broken"
    with capture_logs() as lines:
        assert tick(handler(First(APRIL - 400 * 86_400_000)), rows).states() == []
    assert noted(rows) == []
    told = [(line["event"], line["order_id"]) for line in lines]
    assert told == [("an order cannot be looked at", "o-00001")]


def test_one_that_begins_with_an_event_that_could_not_be_joined_is_judged_too() -> None:
    rows: Rows = {}
    first = First(None)
    handler(first).refuse(FakeUnit([record(0, "opened", at=MAY)], rows), ValueError("a bug"))  # type: ignore[arg-type]
    orders = handler(first)
    orders.process(FakeUnit([record(1, "opened", "b", at=MAY)], rows))  # type: ignore[arg-type]  # takes the unit's place
    first.received = MAY
    judged = {state["order_id"]: state["partial_history"] for state in tick(orders, rows).states()}
    assert judged == {"a": True, "b": True}


def test_that_memory_was_short_says_nothing_about_an_order(monkeypatch: pytest.MonkeyPatch) -> None:
    rows = large(1)
    orders = handler(First(MAY))
    with monkeypatch.context() as patch:
        patch.setattr(unjudged, "looked_at", short_of_memory)
        with pytest.raises(MemoryError):
            tick(orders, rows)
    assert noted(rows) == [UNJUDGED + b"o-00000"]
