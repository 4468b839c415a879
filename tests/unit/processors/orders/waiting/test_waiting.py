"""Events of large orders wait. Nothing is judged or forgotten without them, and the order is the same at last."""

from itertools import pairwise
from random import Random

import pytest
from aiokafka.structs import ConsumerRecord
from hypothesis import given
from hypothesis import strategies as st
from structlog.testing import capture_logs

from processors.orders import waiting
from processors.orders.agent import Orders
from processors.orders.gone import Gone
from processors.orders.row import load
from processors.orders.table import TOTALS_KEY, WAITING, OrderWriter, read_totals, row_key
from processors.orders.waiting import Waiting, waiting_facts, waiting_of, waiting_records, with_waiting
from schemas.instant import rfc3339_millis
from tests.unit.processors.orders.facts import EVERYTHING, ORDER_ID, without_arrival
from tests.unit.processors.orders.sweeps import RULES, Raw
from tests.unit.processors.orders.units import (
    MOST_BYTES,
    ODD_HEADERS,
    TOPICS,
    FakeUnit,
    event_record,
    short_of_memory,
    with_header,
)
from tests.unit.processors.orders.waiting.tables import BYTES_PER_MS, CREATED, LATER, LINES, NOW, Table, assigned

DAY_LATER = LATER + 86_400_000
GONE = Gone.of(ORDER_ID, rfc3339_millis(NOW), erased=False)


def test_of_a_large_order_neither_row_nor_document_is_written_for_each_event(table: Table) -> None:
    row, written = table.rows[row_key(ORDER_ID.encode())], list[int]()
    for n in range(1, 20):
        unit = table.process(assigned(n, n))
        assert unit.states() == []
        written.append(sum(len(unit.rows[key] or b"") for key in unit.put_keys))
    assert table.rows[row_key(ORDER_ID.encode())] == row
    assert max(written) < len(row or b"") / 2
    [unit] = table.join()
    [state] = unit.states()
    assert (state["version"], len(state["fulfillment_requests"])) == (20, 19)


@pytest.mark.parametrize(("name", "value"), ODD_HEADERS)
def test_an_event_with_a_header_that_is_no_text_waits_too(table: Table, name: str, value: bytes | None) -> None:
    table.process(with_header(assigned(1, 1), name, value))
    assert table.keys(b"waiting/")
    [unit] = table.join()
    [state] = unit.states()
    assert [*state["fulfillment_requests"]] == ["request-1"]


def test_small_orders_do_not_wait() -> None:
    table = Table()
    table.process(event_record(0, "order.created", id=ORDER_ID, items=LINES[:1]))
    [state] = table.process(assigned(1, 1)).states()
    assert state["version"] == 2
    assert table.keys(b"pending/") == []


def test_nor_do_those_that_are_just_not_large(table: Table, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(waiting, "LARGE_BYTES", len(table.rows[row_key(ORDER_ID.encode())] or b""))
    [state] = table.process(assigned(1, 1)).states()
    assert state["version"] == 2


def test_many_events_at_once_do_not_wait(table: Table) -> None:
    [state] = table.process(*(assigned(n, n) for n in range(1, 60))).states()
    assert state["version"] == 60


def test_events_wait_the_longer_the_larger_the_order_is(table: Table) -> None:
    size = len(table.rows[row_key(ORDER_ID.encode())] or b"")
    table.process(assigned(1, 1))
    for table.now in (NOW, NOW + size // BYTES_PER_MS - 1):
        unit, more = table.tick()
        assert (unit.states(), more) == ([], False)
    table.now += 1
    unit, more = table.tick()
    assert (len(unit.states()), more) == (1, True)
    assert [table.tick()[1] for _ in range(2)] == [True, False]


def test_events_that_are_not_small_beside_their_order_do_not_wait(table: Table) -> None:
    row = len(table.rows[row_key(ORDER_ID.encode())] or b"")
    large = event_record(1, "order.note", id=ORDER_ID, note="x" * (row // 4))
    [state] = table.process(large).states()
    assert state["version"] == 2


@pytest.mark.parametrize("others", [[], [assigned(3, 3)]])
def test_an_event_that_a_row_may_not_hold_is_joined_at_once(table: Table, others: list[ConsumerRecord]) -> None:
    table.process(assigned(1, 1))
    large = event_record(2, "order.note", id=ORDER_ID, note="x" * (MOST_BYTES // 2))
    [state] = table.process(large, *others).states()
    assert state["version"] == 2 + len(others)
    table.join()
    assert table.document()["version"] == 3 + len(others)


def test_it_is_the_same_after_a_restart(table: Table) -> None:
    table.process(assigned(1, 1))
    table.orders = Orders(TOPICS, EVERYTHING, clock=lambda: table.now)
    table.join()
    assert table.document()["version"] == 2


def test_ids_that_begin_alike_are_kept_apart() -> None:
    table, ids = Table(), ("a", "a\x00", "a\x00b", "ab", "\x00")
    for order_id in ids:
        table.process(event_record(0, "order.created", id=order_id, items=LINES))
    for n, order_id in enumerate(ids, start=1):
        table.process(*(assigned(10 * n + more, more, order_id) for more in range(n)))
    table.join()
    assert [table.document(order_id)["version"] for order_id in ids] == [2, 3, 4, 5, 6]


@given(st.integers(0, 2**32))
def test_an_order_is_the_same_however_its_events_were_joined(seed: int) -> None:
    chances = Random(seed)
    records = [CREATED, *(assigned(n, n) for n in range(1, 30))]
    chances.shuffle(records)
    table, whole = Table(), Table()
    cuts = [0, *sorted(chances.choices(range(len(records)), k=12)), len(records)]
    for start, end in pairwise(cuts):
        table.process(*records[start:end])
        if chances.random() < 0.3:
            table.now += 100
            table.tick()
    table.join()
    whole.process(*records)
    assert without_arrival(table.document()) == without_arrival(whole.document())


def test_who_asks_gets_the_order_with_what_waits(table: Table) -> None:
    table.process(assigned(1, 1))
    row = table.rows[row_key(ORDER_ID.encode())]
    assert row is not None
    view = FakeUnit([], table.rows)
    shown = with_waiting(load(row), OrderWriter(view, TOPICS).waiting())  # type: ignore[arg-type]  # as above
    assert [fact.source for fact in shown.facts] == ["0:0", "0:1"]


def test_a_row_tells_which_event_waits_for_which_order(table: Table) -> None:
    event = assigned(300, 1)
    table.process(event)
    [key] = table.keys(b"waiting/")
    kept = Waiting(300, 300_000, event.value or b"", [*event.headers])
    assert waiting_of(key, table.rows[key] or b"") == (ORDER_ID.encode(), kept)
    [other] = table.keys(b"pending/")
    assert waiting_of(other, table.rows[other] or b"") is None


def test_who_asks_gets_all_that_can_be_read_of_what_waits(table: Table) -> None:
    table.process(*(assigned(n, n) for n in range(1, 4)))
    [_, broken, _] = table.keys(b"waiting/")
    head, _, _ = (table.rows[broken] or b"").partition(b"\n")
    table.rows[broken] = head + b"\n{"
    view = OrderWriter(FakeUnit([], table.rows), TOPICS).waiting()  # type: ignore[arg-type]  # as above
    with capture_logs() as lines:
        found = waiting_facts(view, ORDER_ID)
    assert [fact.source for fact in found] == ["0:1", "0:3"]
    told = [(line["event"], line["log_level"], line["order_id"], line["offset"]) for line in lines]
    assert told == [("an event cannot be read any more", "error", ORDER_ID, 2)]


def test_a_forgotten_order_leaves_nothing_that_waits(table: Table) -> None:
    table.process(assigned(1, 1))
    row = table.rows[row_key(ORDER_ID.encode())]
    assert row is not None
    OrderWriter(FakeUnit([], table.rows, now_ms=NOW), TOPICS).forget(load(row), GONE, NOW, ())  # type: ignore[arg-type]  # as above
    assert table.keys(b"waiting/") + table.keys(b"pending/") == []


def test_how_many_wait_is_counted(table: Table) -> None:
    def counted() -> int:
        return read_totals(table.rows[TOTALS_KEY])[WAITING]

    for n in range(1, 4):
        table.process(assigned(n, n), assigned(10 + n, n))
        assert counted() == 2 * n
    table.join()
    assert counted() == 0
    table.process(assigned(30, 1))
    row = table.rows[row_key(ORDER_ID.encode())]
    assert row is not None
    orders = OrderWriter(FakeUnit([], table.rows, now_ms=NOW), TOPICS)  # type: ignore[arg-type]  # as above
    orders.forget(load(row), GONE, NOW, ())
    orders.close()
    assert counted() == 0


def test_no_order_is_judged_while_something_waits_for_it() -> None:
    raw = Raw()
    table = Table(RULES, raw)
    table.process(event_record(1, "order.opened", id=ORDER_ID, items=LINES))
    table.process(event_record(2, "order.created", id=ORDER_ID, items=LINES[:1]))
    assert table.keys(b"pending/")
    table.orders._clock = lambda: NOW
    table.now = DAY_LATER  # by then it is due
    unit, _ = table.tick()
    assert (raw.asked, unit.states()) == ([], [])
    table.orders._clock = lambda: LATER
    table.join()
    table.tick()
    assert raw.asked == []  # nothing is missing any more


def test_no_suspect_is_marked_while_what_it_misses_waits_to_be_joined() -> None:
    raw = Raw()
    table = Table(RULES, raw)
    table.process(event_record(1, "order.opened", id=ORDER_ID, items=LINES))
    table.orders._clock = lambda: NOW
    table.now = DAY_LATER
    for _ in range(3):
        table.tick()
    [question] = raw.asked
    table.process(event_record(2, "order.created", id=ORDER_ID, items=LINES[:1]))
    assert table.keys(b"pending/")
    question.end = 0
    assert [state["incomplete"] for _ in range(3) for state in table.tick()[0].states()] == []


def test_who_asks_while_memory_is_short_gets_none_of_it(table: Table, monkeypatch: pytest.MonkeyPatch) -> None:
    """Otherwise the order would be shown, and its gaps judged, without what is known of it."""
    table.process(assigned(1, 1))
    view = OrderWriter(FakeUnit([], table.rows), TOPICS).waiting()  # type: ignore[arg-type]  # as above
    monkeypatch.setattr(waiting, "fact_of", short_of_memory)
    with pytest.raises(MemoryError):
        waiting_facts(view, ORDER_ID)


def test_waiting_records_are_in_the_order_in_which_they_were_read(table: Table) -> None:
    for n in (9, 10, 11, 300):
        table.process(assigned(n, 1))
    view = OrderWriter(FakeUnit([], table.rows), TOPICS).waiting()  # type: ignore[arg-type]  # as above
    assert [record.offset for record in waiting_records(view, ORDER_ID.encode())] == [9, 10, 11, 300]
