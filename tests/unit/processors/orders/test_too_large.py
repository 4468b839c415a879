"""Orders that would outgrow a record, and events that no reader takes: only these events are put aside."""

from dataclasses import replace

import pytest
from aiokafka.structs import ConsumerRecord

from processors.orders import agent, apply, second_try
from processors.orders.order_rules import OrderRules
from processors.orders.render.document import Rendered, render
from processors.orders.row import RULES_VERSION, Row
from processors.orders.table import OrderWriter, row_key
from processors.orders.too_large import Full, most_bytes
from processors.orders.unprocessed import LISTED
from schemas import headers as header
from tests.unit.processors.orders.facts import ORDER_ID
from tests.unit.processors.orders.test_unprocessed import CREATED, OPENED, Table, record
from tests.unit.processors.orders.units import MOST_BYTES, TOPICS, FakeUnit

FULL = b"full/" + ORDER_ID.encode()


def lines(n: int, count: int, order_id: str = ORDER_ID) -> ConsumerRecord:
    """The nth record: an event that adds so many items."""
    return record(n, "order.opened", id=order_id, items=[{"id": f"{n}-{line}" * 10} for line in range(count)])


def quarantined(unit: FakeUnit) -> list[bytes]:
    return [emitted[3] for emitted in unit.emitted if emitted[0] == TOPICS.quarantine]


def test_only_the_events_that_an_order_cannot_take_are_put_aside() -> None:
    table = Table()
    other = record(8, "order.created", id="another")
    small, too_much = lines(1, 10), lines(2, 1000)
    unit = table.process(CREATED, small, too_much, other)
    assert quarantined(unit) == [too_much.value]
    assert unit.aside == 1
    states = {state["order_id"]: state for state in unit.states()}
    assert (states["another"]["version"], states[ORDER_ID]["version"]) == (1, 2)
    [listed] = states[ORDER_ID]["unprocessed"]
    assert (listed["source"], listed["reason"].partition(":")[0]) == ("0:2", "OrderTooLargeError")
    [headers] = [dict(emitted[5]) for emitted in unit.emitted if emitted[0] == TOPICS.quarantine]
    assert headers[header.ERROR_EXCEPTION].startswith(b"OrderTooLargeError")
    assert table.kept() == [b"unprocessed/0:2"]


def test_the_result_does_not_depend_on_how_the_events_are_cut_into_chunks() -> None:
    records = [CREATED, *(lines(n, 40) for n in range(1, 20))]
    together, apart = Table(), Table()
    together.process(*records)
    for each in records:
        apart.process(each)
    assert together.document() == apart.document()
    assert together.kept() == apart.kept() != []


def test_further_events_cost_neither_the_orders_row_nor_room(monkeypatch: pytest.MonkeyPatch) -> None:
    table = Table()
    table.process(CREATED, lines(1, 1000))
    for n in range(2, LISTED + 3):
        table.process(record(n, "order.note", id=ORDER_ID))
    rows, row = len(table.rows), table.row()
    assert len(table.kept()) == LISTED
    monkeypatch.setattr(agent, "fitting", lambda *_: pytest.fail("the order is read again"))
    monkeypatch.setattr(agent, "list_unprocessed", lambda *_: pytest.fail("the order is read again"))
    further = [record(n, "order.note", id=ORDER_ID) for n in range(100, 1100)]
    unit = table.process(*further)
    assert quarantined(unit) == [each.value for each in further]
    assert (len(table.rows), table.row(), unit.states()) == (rows, row, [])


def test_another_process_leaves_them_where_they_are(monkeypatch: pytest.MonkeyPatch) -> None:
    table = Table()
    table.process(CREATED, lines(1, 1000))
    monkeypatch.setattr(second_try, "within", lambda *_: pytest.fail("the order is folded again"))
    unit = table.restarted().process(record(9, "order.created", id="another"))
    assert (len(unit.states()), table.kept()) == (1, [b"unprocessed/0:1"])


def test_kept_ones_that_their_order_has_no_room_for_stay_and_hold_up_none_behind_them() -> None:
    table = Table()
    table.process(CREATED, lines(1, 100))
    for n in (2, 3):
        table.refuse(lines(n, 100))
    table.refuse(record(4, "order.opened", id="another"))
    row = table.row()
    table.restarted().process(record(9, "order.created", id="another"))
    assert (table.row(), table.kept()) == (row, [b"unprocessed/0:2", b"unprocessed/0:3"])
    most = most_bytes(MOST_BYTES)
    assert Full.load(table.rows[FULL], most) == Full(RULES_VERSION, most, listed=False)


def test_where_not_even_the_list_has_room_they_are_only_put_aside(monkeypatch: pytest.MonkeyPatch) -> None:
    table = Table()
    table.process(CREATED)
    row, too_much = table.row(), lines(1, 1000)
    monkeypatch.setattr(OrderWriter, "holds", lambda *_: False)
    unit = table.process(too_much)
    assert (quarantined(unit), table.kept(), table.row()) == ([too_much.value], [], row)
    most = most_bytes(MOST_BYTES)
    assert Full.load(table.rows[FULL], most) == Full(RULES_VERSION, most, listed=True)


def test_one_that_takes_larger_orders_folds_them() -> None:
    table = Table()
    table.process(CREATED, lines(1, 1000))
    unit = table.restarted().process(OPENED, most=10_000_000)
    assert unit.states()[-1]["unprocessed"] == []
    assert table.kept() == []
    assert unit.aside == 0


def test_one_that_does_not_fit_beside_a_chunk_waits_for_a_smaller_one() -> None:
    table = Table()
    table.refuse(OPENED)
    assert table.restarted().process(CREATED, room=0).states()[0]["unprocessed"] != []
    assert table.process(record(5, "order.created", id="another")).states()[-1]["unprocessed"] == []


def test_an_order_may_be_too_large_from_its_first_event_on() -> None:
    table = Table()
    unit = table.process(lines(1, 2000))
    [state] = unit.states()
    assert (state["version"], len(state["unprocessed"])) == (0, 1)
    assert table.rows[row_key(ORDER_ID.encode())]
    assert table.rows[FULL]


def test_one_for_which_no_unit_has_room_keeps_no_other_waiting_and_goes_beside_a_single_record(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(second_try, "MARGIN", 1000)
    table = Table()
    table.process(CREATED, lines(1, 100))
    room = 2 * len(table.row() or b"")
    table.refuse(record(3, "order.opened", id=ORDER_ID))
    table.refuse(record(4, "order.opened", id="another"))
    table.restarted().process(record(5, "order.created", id="third"), record(6, "order.opened", id="third"), room=room)
    assert table.kept() == [b"unprocessed/0:3"]
    table.restarted().process(record(7, "order.shipped", id="third"), room=room)
    assert table.kept() == []


def test_an_event_with_too_much_structure_is_put_aside_and_no_fault_of_the_handler() -> None:
    """Dedupe passes none on any more, but some older ones may be there."""
    table = Table()
    dense = replace(OPENED, value=b'{"a":[%s1]}' % (b"1," * 200_000))
    unit = table.process(CREATED, dense, most=1_000_000)
    assert quarantined(unit) == [dense.value]
    assert (unit.aside, len(unit.states())) == (1, 1)


def test_no_document_is_made_of_what_is_too_large_without_one(monkeypatch: pytest.MonkeyPatch) -> None:
    """For an event of 8 MB it took all of a worker's memory, again and again."""
    shown: list[int] = []

    def noted(order: Row, rules: OrderRules) -> Rendered:
        shown.append(len(order.slots.items))
        return render(order, rules)

    monkeypatch.setattr(apply, "render", noted)
    table = Table()
    too_much = record(1, "order.opened", id=ORDER_ID, items=[{"id": f"{line:04d}"} for line in range(5000)])
    assert quarantined(table.process(CREATED, too_much)) == [too_much.value]
    del table.rows[FULL]  # as rules of another version find it
    table.restarted().process(record(9, "order.created", id="another"))
    assert table.kept() == [b"unprocessed/0:1"]
    assert table.rows[FULL]
    assert {*shown} == {0}
