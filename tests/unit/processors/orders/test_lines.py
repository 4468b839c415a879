"""The lines of an order: what is in them, when they are written, and when they go."""

from typing import Any

import orjson
import pytest

from processors.engine.errors import UnitFullError
from processors.orders.apply import OrderRules, apply, lines_gone, lines_of
from processors.orders.erasing import erasing
from processors.orders.older_rows import load
from processors.orders.render.lines import Line
from schemas.order_line import OrderLine, OrderLineKey
from schemas.order_state import OrderState
from tests.unit.processors.orders.facts import ORDER_ID, clock, fact, items, paid
from tests.unit.processors.orders.kept import RETENTION, Table
from tests.unit.processors.orders.sweeps import record
from tests.unit.processors.orders.units import TOPICS, FakeUnit

LINES = OrderRules(writes_lines=True)
FACTS = [
    fact(
        "order.opened",
        clock(1),
        items=items("A", "B", list_price=19.990, quantity=2),
        external_id="E-1",
        currency="EUR",
        grand_total=39.98,
        customer_email="ada@example.com",
    ),
    fact("order.items_cancelled", clock(2), n=1, items=items("B", cancellation_reason="sold out")),
    paid("authorized", 3, "t-1", 39.98),
]


def values(lines: Any) -> list[dict[str, Any]]:
    return [orjson.loads(value) for _, value in lines if value is not None]


def written(*units: FakeUnit) -> list[tuple[dict[str, str], dict[str, Any] | None]]:
    """Keys and values of the records of lines."""
    emitted = [record for unit in units for record in unit.emitted if record[0] == TOPICS.order_lines]
    return [(orjson.loads(key), value and orjson.loads(value)) for _, _, key, value, *_ in emitted]


def of(order_id: str, line_id: str) -> dict[str, str]:
    return {"order_id": order_id, "line_id": line_id}


def test_a_line_says_of_its_item_and_its_order_what_the_state_says() -> None:
    """Every field of a line is one of the state, by its own name or behind a prefix that tells whose it is."""
    applied = apply(None, FACTS, LINES)
    state = orjson.loads(applied.state)
    for line, (line_id, item) in zip(values(applied.lines), state["items"].items(), strict=True):
        OrderLine.model_validate(line)
        assert (line.pop("line_id"), line.pop("line_status"), line.pop("order_status")) == (
            line_id,
            item["status"],
            state["status"],
        )
        assert line.pop("line_count") == 2
        for name, value in line.items():
            block = next(each for each in (item, state, state["order"]) if name in each or each is state["order"])
            assert value == block.get(name, block.get(name.removeprefix("order_"), "not there")), name
    assert [line["list_price"] for line in values(applied.lines)] == ["19.99", "19.99"]
    assert [line["payment_status"] for line in values(applied.lines)] == ["authorized"] * 2


def test_no_line_tells_of_the_customer_and_every_field_is_always_there() -> None:
    applied = apply(None, FACTS, LINES)
    assert "ada@example.com" in applied.state.decode()
    for line in values(applied.lines):
        assert list(line) == list(OrderLine.model_fields)
        assert "ada@example.com" not in line.values()


def test_lines_of_an_order_whose_list_is_not_known_have_nulls_for_it() -> None:
    [line] = values(apply(None, [fact("order.items_cancelled", items=items("A"))], LINES).lines)
    OrderLine.model_validate(line)
    assert (line["order_grand_total"], line["currency"], line["line_status"]) == (None, None, "cancelled")


def test_keys_are_the_same_bytes_for_ever() -> None:
    [line] = apply(None, [fact("order.opened", items=items('1/"ü'))], LINES).lines
    assert line.key == '{"order_id":"order-1","line_id":"1/\\"ü"}'.encode()
    assert OrderLineKey.model_validate_json(line.key).line_id == '1/"ü'


def test_a_state_that_is_not_written_again_writes_no_lines_either() -> None:
    assert len(lines_of(apply(None, FACTS, LINES).row, LINES)) == 2
    assert apply(None, FACTS, OrderRules()).lines == lines_of(apply(None, FACTS, LINES).row, OrderRules()) == ()


def test_lines_beyond_the_largest_document_are_deleted_and_counted() -> None:
    """Which lines these are depends on all ids, so one that was written before must not stay."""
    whole = apply(None, FACTS, LINES).lines
    assert whole[0].value is not None
    bounded = apply(None, FACTS, OrderRules(writes_lines=True, document_bytes=len(whole[0].value))).lines
    assert bounded == [whole[0], Line(whole[1].key, None)]
    assert values(bounded)[0]["line_count"] == 2


def test_they_are_written_with_the_state_into_its_partition() -> None:
    table = Table()
    table.restart(LINES)
    unit = table.deliver(record(0, "opened", "a", items=items("1", "2")), record(1, "completed", "a"))
    assert [record[:2] for record in unit.emitted] == [
        (TOPICS.order_state, unit.partition),
        (TOPICS.order_lines, unit.partition),
        (TOPICS.order_lines, unit.partition),
    ]
    state, *lines = (orjson.loads(record[3]) for record in unit.emitted)
    OrderState.model_validate(state)
    assert {(line["version"], line["revision"]) for line in lines} == {(state["version"], state["revision"])}
    again = table.deliver(record(1, "completed", "a"))
    assert written(again) == [(of("a", line["line_id"]), line) for line in lines]


def test_an_order_that_is_forgotten_or_erased_takes_its_lines_with_it() -> None:
    rules = OrderRules(retention_ms=RETENTION, late_after_ms=5_000, writes_lines=True)
    table = Table()
    table.restart(rules)
    table.deliver(record(0, "opened", "a", items=items("1", "2")), record(1, "opened", "b", items=items("3")))
    unit: Any = FakeUnit([], table.rows, now_ms=3_000)
    erasing("b", TOPICS, rules)(unit)
    assert written(unit) == [(of("b", "3"), None)]
    gone = table.go_round(2_000 + RETENTION)
    assert [(key, value) for key, value in written(*gone) if value is None] == [
        (of("a", "1"), None),
        (of("a", "2"), None),
    ]


def test_switched_on_later_every_order_gets_its_lines_by_a_round_and_once() -> None:
    table = Table()
    table.restart(OrderRules(retention_ms=RETENTION))
    unit = table.deliver(record(0, "created", "a", items=items("1")), record(1, "created", "b", items=items("2")))
    assert written(unit) == []
    table.restart(OrderRules(retention_ms=RETENTION, writes_lines=True))
    units = [*table.go_round(RETENTION // 2), *table.go_round(RETENTION - 1)]
    assert [(key, value and value["revision"]) for key, value in written(*units)] == [
        (of("a", "1"), 2),
        (of("b", "2"), 2),
    ]


def test_switched_off_nothing_is_written_and_switched_on_again_they_come_anew() -> None:
    """The topic may be deleted in between, so even an order that goes writes nothing there."""
    table = Table()
    table.restart(OrderRules(retention_ms=RETENTION, writes_lines=True))
    table.deliver(record(0, "created", "a", items=items("1")))
    off = OrderRules(retention_ms=RETENTION)
    [row] = [row for key, row in table.rows.items() if key == b"order/a" and row is not None]
    assert load(row).has_lines
    assert list(lines_gone(load(row), off)) == []
    table.restart(off)
    assert written(*table.go_round(RETENTION // 2)) == []
    table.restart(OrderRules(retention_ms=RETENTION, writes_lines=True))
    assert [key for key, _ in written(*table.go_round(RETENTION - 1))] == [of("a", "1")]


def test_an_order_for_which_a_round_has_no_room_left_is_written_by_half_in_no_unit() -> None:
    table = Table()
    table.restart(OrderRules(retention_ms=RETENTION))
    table.deliver(record(0, "created", "a", items=items("1")))
    table.restart(OrderRules(retention_ms=RETENTION, writes_lines=True))
    table.tick(RETENTION // 2)
    table.raw.asked[-1].end = 0

    def full(*record: Any) -> None:
        if record[0] == TOPICS.order_lines:
            raise UnitFullError

    unit: Any = FakeUnit([], table.rows, now_ms=RETENTION // 2)
    unit.emit = full
    with pytest.raises(UnitFullError):
        table.orders.tick(unit, RETENTION // 2)


def test_the_row_says_whether_the_topic_has_lines() -> None:
    assert [load(apply(None, FACTS, rules).row).has_lines for rules in (LINES, OrderRules())] == [True, False]
    assert [key for key, _ in lines_gone(load(apply(None, FACTS, LINES).row), LINES)] == [
        line.key for line in apply(None, FACTS, LINES).lines
    ]
    assert load(apply(None, FACTS, LINES).row).order_id == ORDER_ID


def test_lines_go_with_their_order_even_if_a_worker_without_the_setting_wrote_its_row_last() -> None:
    row = load(apply(None, FACTS, OrderRules()).row)
    assert [key for key, _ in lines_gone(row, LINES)] == [line.key for line in apply(None, FACTS, LINES).lines]
