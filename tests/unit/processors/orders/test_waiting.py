"""Events of large orders: they wait, nothing is judged or forgotten without them, and the order is the same at last."""

from collections.abc import Callable, Iterator
from itertools import pairwise
from random import Random
from typing import Any

import orjson
import pytest
from aiokafka.structs import ConsumerRecord
from hypothesis import given
from hypothesis import strategies as st

from processors.orders import agent, too_large, waiting
from processors.orders.agent import Orders
from processors.orders.apply import apply
from processors.orders.older_rows import NewerRowError
from processors.orders.row import RULES_VERSION, load
from processors.orders.table import TOTALS_KEY, WAITING, OrderWriter, read_totals, row_key
from processors.orders.waiting import waiting_records, with_waiting
from tests.unit.processors.orders.facts import EVERYTHING, ORDER_ID, Json, without_arrival
from tests.unit.processors.orders.test_sweep import RULES, Raw
from tests.unit.processors.orders.units import MOST_BYTES, TOPICS, FakeUnit, event_record

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


@pytest.fixture(scope="module", autouse=True)
def _sizes() -> Iterator[None]:
    """A large order need not be one here."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(waiting, "LARGE_BYTES", 1_000)
        patch.setattr(waiting, "_EACH_BYTES", 100)
        patch.setattr(waiting, "_BYTES_PER_MS", BYTES_PER_MS)
        yield


@pytest.fixture
def table() -> Table:
    table = Table()
    table.process(CREATED)
    return table


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


def test_small_orders_do_not_wait() -> None:
    table = Table()
    table.process(event_record(0, "order.created", id=ORDER_ID, items=LINES[:1]))
    [state] = table.process(assigned(1, 1)).states()
    assert state["version"] == 2
    assert table.keys(b"pending/") == []


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


def begun(table: Table, *order_ids: str) -> None:
    """Large orders, each with an event that waits."""
    for order_id in order_ids:
        table.process(event_record(0, "order.created", id=order_id, items=LINES))
        table.process(assigned(1, 1, order_id))


def joined(table: Table) -> list[str]:
    """Of which orders the next two ticks join something, one of which looks for other things."""
    return [state["order_id"] for _ in range(2) for state in table.tick()[0].states()]


def test_who_has_waited_longest_is_first(monkeypatch: pytest.MonkeyPatch) -> None:
    """Orders that always have new events hold up none whose ids come behind theirs."""
    table = Table()
    begun(table, "b")
    table.now += 1
    begun(table, "a")
    table.now = LATER
    monkeypatch.setattr(waiting, "_TICK_BYTES", 1)
    assert [joined(table), joined(table)] == [["b"], ["a"]]


def test_of_more_orders_than_are_looked_through_together_none_waits_for_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(waiting, "_ORDERS", 2)
    monkeypatch.setattr(waiting, "_TICK_BYTES", 1)
    table, found = Table(), set[str]()
    begun(table, *"abcde")
    table.now = LATER
    for n in range(2, 12):
        found |= {*joined(table)}
        table.process(*(assigned(10 * n, n, order_id) for order_id in "abcd"))
        table.now += LATER
    assert "e" in found


def test_a_clock_that_was_wrong_lets_nothing_wait_for_long(table: Table) -> None:
    table.now += 86_400_000
    table.process(assigned(1, 1))
    table.now = NOW
    assert joined(table) == [ORDER_ID]


def test_joining_holds_up_nothing_else() -> None:
    raw = Raw()
    table = Table(RULES, raw)
    begun(table, "a")
    table.process(event_record(1, "order.opened", id="b"))
    table.now = LATER
    table.tick()
    table.process(assigned(2, 2, "a"))
    table.now += LATER
    table.tick()
    assert len(raw.asked) == 1
    assert table.keys(b"pending/")


def test_what_waits_for_an_order_of_a_later_version_is_left_to_that_and_holds_up_no_other() -> None:
    table = Table()
    begun(table, "a", "b")
    row = bytearray(table.rows[row_key(b"a")] or b"")
    row[3 if row[0] == 0xDC else 1] = RULES_VERSION + 1
    table.rows[row_key(b"a")] = bytes(row)
    table.now = LATER
    assert joined(table) == ["b"]
    assert table.keys(b"pending/") == [b"pending/a"]
    assert len(table.keys(b"waiting/")) == 1
    table.rows[b"pending/a"] = None
    with pytest.raises(NewerRowError):
        table.process(assigned(3, 3, "a"))


def test_what_is_left_over_is_joined_by_the_next_tick(table: Table, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(waiting, "_AT_ONCE", 4)
    for n in range(1, 11):
        table.process(assigned(n, n))
    versions = [state["version"] for unit in table.join() for state in unit.states()]
    assert versions == [5, 9, 11]


def test_bytes_bound_what_is_joined_together(table: Table, monkeypatch: pytest.MonkeyPatch) -> None:
    for n in range(1, 5):
        table.process(assigned(n, n))
    [key, *_] = table.keys(b"waiting/")
    monkeypatch.setattr(waiting, "_MOST_BYTES", 2 * len(table.rows[key] or b"") - 1)
    assert [state["version"] for unit in table.join() for state in unit.states()] == [3, 5]


def test_one_tick_joins_several_orders_and_leaves_the_event_loop_in_between(monkeypatch: pytest.MonkeyPatch) -> None:
    table, ids = Table(), [f"order-{n}" for n in range(6)]
    for order_id in ids:
        table.process(event_record(0, "order.created", id=order_id, items=LINES))
        table.process(assigned(1, 1, order_id))
    monkeypatch.setattr(waiting, "_TICK_BYTES", 2 * len(table.rows[row_key(b"order-0")] or b""))
    assert [len(unit.states()) for unit in table.join()] == [2, 2, 2]


def test_events_that_are_not_small_beside_their_order_do_not_wait(table: Table) -> None:
    row = len(table.rows[row_key(ORDER_ID.encode())] or b"")
    large = event_record(1, "order.note", id=ORDER_ID, note="x" * (row // 4))
    [state] = table.process(large).states()
    assert state["version"] == 2


def test_an_event_that_a_row_may_not_hold_is_joined_at_once(table: Table) -> None:
    table.process(assigned(1, 1))
    [state] = table.process(event_record(2, "order.note", id=ORDER_ID, note="x" * (MOST_BYTES // 2))).states()
    assert state["version"] == 2
    table.join()
    assert table.document()["version"] == 3


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


def failing_on(source: str, of: Callable[..., Any]) -> Callable[..., Any]:
    def fitting(row: bytes, facts: Any, *others: Any) -> Any:
        if any(fact.source == source for fact in facts):
            raise ValueError("cannot be joined")
        return of(row, facts, *others)

    return fitting


def test_only_the_event_is_put_aside_that_cannot_be_joined(table: Table, monkeypatch: pytest.MonkeyPatch) -> None:
    for n in range(1, 8):
        table.process(assigned(n, n))
    monkeypatch.setattr(agent, "fitting", failing_on("0:5", too_large.fitting))
    [unit] = table.join()
    assert [record[3] for record in unit.emitted if record[0] == TOPICS.quarantine] == [assigned(5, 5).value]
    document = table.document()
    assert document["version"] == 7
    assert [each["source"] for each in document["unprocessed"]] == ["0:5"]
    assert unit.aside == 1
    assert table.keys(b"unprocessed/") == [b"unprocessed/0:5"]


def test_who_asks_gets_the_order_with_what_waits(table: Table) -> None:
    table.process(assigned(1, 1))
    row = table.rows[row_key(ORDER_ID.encode())]
    assert row is not None
    view = FakeUnit([], table.rows)
    shown = with_waiting(load(row), OrderWriter(view, TOPICS).waiting())  # type: ignore[arg-type]  # as above
    assert [fact.source for fact in shown.facts] == ["0:0", "0:1"]


def test_a_forgotten_order_leaves_nothing_that_waits(table: Table) -> None:
    table.process(assigned(1, 1))
    row = table.rows[row_key(ORDER_ID.encode())]
    assert row is not None
    OrderWriter(FakeUnit([], table.rows, now_ms=NOW), TOPICS).forget(load(row), NOW, ())  # type: ignore[arg-type]  # as above
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
    orders.forget(load(row), NOW, ())
    orders.close()
    assert counted() == 0


def test_no_order_is_judged_while_something_waits_for_it() -> None:
    raw = Raw()
    table = Table(RULES, raw)
    table.process(event_record(1, "order.opened", id=ORDER_ID, items=LINES))
    table.process(event_record(2, "order.created", id=ORDER_ID, items=LINES[:1]))
    assert table.keys(b"pending/")
    table.orders._clock = lambda: NOW
    table.now = LATER
    unit, _ = table.tick()
    assert (raw.asked, unit.states()) == ([], [])
    table.orders._clock = lambda: LATER
    table.join()
    table.tick()
    assert raw.asked == []  # nothing is missing any more


def test_waiting_records_are_in_the_order_in_which_they_were_read(table: Table) -> None:
    for n in (9, 10, 11, 300):
        table.process(assigned(n, 1))
    view = OrderWriter(FakeUnit([], table.rows), TOPICS).waiting()  # type: ignore[arg-type]  # as above
    assert [record.offset for record in waiting_records(view, ORDER_ID.encode())] == [9, 10, 11, 300]
