"""Upgrading rows of older versions: which are read again, in which steps, and how a restart goes on."""

from collections.abc import Collection, Mapping
from datetime import timedelta
from typing import Any

import orjson
import pytest
from structlog.testing import capture_logs

from processors.orders import upgrade
from processors.orders.agent import Orders
from processors.orders.apply import OrderRules, apply
from processors.orders.beginning import Beginning, Remembered
from processors.orders.older_rows import is_older, load, unread_sources
from processors.orders.row import RULES_VERSION
from processors.orders.sweep import MOST_ROW_BYTES
from processors.orders.table import MARGIN, TOTALS_KEY, older_orders, read_totals, row_key
from tests.unit.processors.orders.facts import ORDER_ID, clock, fact, items, of_an_earlier_version
from tests.unit.processors.orders.test_older_rows import OLDER, ROWS_OF_VERSION_2, bodies
from tests.unit.processors.orders.units import TOPICS, FakeUnit, short_of_memory

Rows = dict[bytes, bytes | None]


class Raw:
    """A raw that answers when it is told to."""

    def __init__(self) -> None:
        self.asked: list[Collection[str]] = []
        self.answers: Mapping[str, bytes] | None = None
        self.reads = False

    def ask(self, partition: int, sources: Collection[str]) -> None:
        assert partition == FakeUnit.partition
        self.asked.append(sources)
        self.answers = None

    def answer(self, _partition: int) -> Mapping[str, bytes] | None:
        return self.answers

    def is_reading(self, partition: int) -> bool:
        return self.reads and partition == FakeUnit.partition

    def forget(self, partition: int) -> None:
        assert partition == FakeUnit.partition
        self.answers = None

    def read(self) -> None:
        every = {source: body for older in OLDER for source, body in bodies(older).items()}
        self.answers = {source: every[source] for source in self.asked[-1]}


@pytest.fixture
def rows() -> Rows:
    """A partition as version 1 left it."""
    found: Rows = {row_key(older["order_id"].encode()): older["row"].encode() for older in OLDER}
    found[TOTALS_KEY] = orjson.dumps({"status:completed": len(OLDER)})
    return found


def tick(orders: Orders, rows: Rows, **unit: Any) -> tuple[bool, FakeUnit]:
    made = FakeUnit([], rows, now_ms=5, **unit)
    return orders.tick(made, 5), made  # type: ignore[arg-type]  # takes the unit's place


def handler() -> tuple[Orders, Raw]:
    raw = Raw()
    return Orders(TOPICS, OrderRules(), raw=raw), raw


def bring_up(rows: Rows) -> Raw:
    """Look at the rows, and write them once raw has answered."""
    orders, raw = handler()
    tick(orders, rows)
    raw.read()
    tick(orders, rows)
    return raw


def older(rows: Rows) -> int:
    return sum(is_older(row) for key, row in rows.items() if row and key.startswith(b"order/"))


def test_all_are_read_again_and_then_nothing_is_left_to_do(rows: Rows) -> None:
    orders, raw = handler()
    states = []
    for _ in range(9):
        more, unit = tick(orders, rows)
        states += unit.states()
        raw.read()
    assert not more
    assert older(rows) == 0
    assert older_orders(read_totals(rows[TOTALS_KEY])) == 0
    assert {state["order_id"] for state in states} == {each["order_id"] for each in OLDER}
    assert "unknown" not in {state["payment_status"] for state in states}


def test_of_rows_of_version_2_only_the_events_that_say_more_are_read() -> None:
    rows: Rows = {row_key(order_id.encode()): row for order_id, row in ROWS_OF_VERSION_2.items()}
    rows[TOTALS_KEY] = orjson.dumps({"status:completed": len(rows), "rules:2": len(rows)})
    orders, raw = handler()
    while older_orders(read_totals(rows[TOTALS_KEY])):
        assert tick(orders, rows)[0]
        raw.read()
    assert older(rows) == 0
    [asked] = raw.asked
    assert 0 < len(asked) < sum(len(bodies(each)) for each in OLDER)


def test_rows_that_lack_nothing_are_judged_anew_and_raw_is_not_asked() -> None:
    rows = of_version_3(3, lines=1)
    orders, raw = handler()
    while older_orders(read_totals(rows[TOTALS_KEY])):
        assert tick(orders, rows)[0]
    assert older(rows) == 0
    assert raw.asked == []


def test_where_rows_of_several_versions_are_mixed_each_is_read_as_far_as_it_needs(rows: Rows) -> None:
    one, *_ = ROWS_OF_VERSION_2
    rows[row_key(one.encode())] = ROWS_OF_VERSION_2[one]
    orders, raw = handler()
    for _ in range(9):
        tick(orders, rows)
        raw.read()
    assert older(rows) == 0
    whole = {source for each in OLDER if each["order_id"] != one for source in bodies(each)}
    assert raw.asked == [whole.union(unread_sources(ROWS_OF_VERSION_2[one]))]


def test_a_row_stays_until_its_events_are_read(rows: Rows) -> None:
    orders, raw = handler()
    before = dict(rows)
    assert tick(orders, rows)[0]
    assert raw.asked == [{source for each in OLDER for source in bodies(each)}]
    assert not tick(orders, rows)[0], "there is nothing to do at once"
    raw.reads = True
    assert tick(orders, rows)[0], "the answer is a matter of moments"
    assert rows == before


def test_as_many_are_written_as_a_unit_has_room_for_but_always_one(rows: Rows) -> None:
    orders, raw = handler()
    tick(orders, rows)
    raw.read()
    left = []
    while older(rows):
        _, unit = tick(orders, rows, room=1)
        assert len(unit.states()) == 1
        left.append(older(rows))
    assert left == [*range(len(OLDER) - 1, -1, -1)]


@pytest.mark.parametrize(("short", "written"), [(1, 1), (0, 2)])
def test_the_next_one_is_written_where_there_is_room_for_its_row_and_its_document(short: int, written: int) -> None:
    rows = of_version_3(2, lines=40)
    _, whole = tick_twice(dict(rows), room=1 << 30)
    size = len(whole.rows[row_key(b"o-00001")] or b"") + len(whole.emitted[1][3])
    _, unit = tick_twice(rows, room=MARGIN + size - short)
    assert len(unit.states()) == written


def test_an_order_that_has_become_too_large_for_a_record_stays_as_it_is_and_is_told() -> None:
    rows = of_version_3(1, lines=40)
    before = dict(rows)
    with capture_logs() as lines:
        tick_twice(rows, max_value_bytes=100)
    assert rows == before
    told = [(line["event"], line["order_id"]) for line in lines if line["log_level"] == "error"]
    assert told == [("an order has become too large for a record: it stays as it is", "o-00000")]


def tick_twice(rows: Rows, **unit: Any) -> tuple[bool, FakeUnit]:
    """The first tick looks for what the second one writes."""
    orders, _ = handler()
    tick(orders, rows)
    return tick(orders, rows, **unit)


def of_version_3(orders: int, lines: int) -> Rows:
    """Rows of so many orders of so many lines, which lack nothing."""
    held = fact("order.items_on_hold", clock(0), items=items(*(f"item-{n}" for n in range(lines))))
    row = of_an_earlier_version(apply(None, [held], OrderRules()).row)
    ids = [b"o-%05d" % n for n in range(orders)]
    rows: Rows = {row_key(each): row.replace(ORDER_ID.encode(), each) for each in ids}
    return rows | {TOTALS_KEY: orjson.dumps({"status:completed": orders, "rules:3": orders})}


def test_a_tick_reads_and_writes_no_more_than_keeps_the_event_loop_for_a_moment() -> None:
    """This holds whatever a unit has room for, and however many rows are looked at."""
    rows = of_version_3(100, lines=400)
    [size] = {len(row) for key, row in rows.items() if row and key != TOTALS_KEY}
    orders, ticks = handler()[0], 0
    while older(rows):
        _, unit = tick(orders, rows, room=1 << 30, max_value_bytes=1 << 20)
        assert unit.read < MOST_ROW_BYTES + 11 * size
        assert unit.written < MOST_ROW_BYTES + 20 * size
        ticks += 1
    assert 5 < ticks < 20


def test_nothing_is_judged_anew_before_it_is_known_since_when_the_bridge_listens() -> None:
    """Otherwise each order would be written twice, and claim in between that all of its history is here."""

    class First:
        received: int | None = None

        def first_received(self) -> int | None:
            return self.received

    rows, first, beginning = of_version_3(3, lines=1), First(), Beginning(timedelta(days=120))
    orders = Orders(TOPICS, OrderRules(beginning=beginning), raw=Raw(), remembered=Remembered(beginning, first))
    assert not tick(orders, rows)[0]
    assert older(rows) == 3
    first.received = 1_714_557_600_000
    states = [state for _ in range(3) for state in tick(orders, rows)[1].states()]
    assert [state["partial_history"] for state in states] == [True] * 3


def test_the_next_process_goes_on(rows: Rows) -> None:
    orders, raw = handler()
    tick(orders, rows)
    raw.read()
    tick(orders, rows, room=1)
    assert older(rows) == len(OLDER) - 1
    orders, raw = handler()
    tick(orders, rows)
    raw.read()
    tick(orders, rows)
    assert older(rows) == 0


def test_what_another_worker_joined_meanwhile_is_not_taken_for_lost(rows: Rows) -> None:
    """Raw was asked, then the partition was elsewhere, and comes back with one event more."""
    kept = max(OLDER, key=lambda each: len(bodies(each)))
    key, whole = row_key(kept["order_id"].encode()), kept["row"].encode()
    orders, raw = handler()
    tick(orders, rows | {key: _without_last_fact(whole)})
    raw.read()
    while older(rows):
        tick(orders, rows, opening=2)
        if raw.asked:
            raw.read()
    assert load(rows[key] or b"").lost == []


def _without_last_fact(row: bytes) -> bytes:
    head, *said = row.split(b"\n")
    order = orjson.loads(head)
    return b"\n".join([orjson.dumps(order | {"facts": order["facts"][:-1]}), *said[:-1]])


def test_answers_are_let_go_of(rows: Rows) -> None:
    """Bodies of 200 events may be many megabytes."""
    raw = bring_up(rows)
    assert (older(rows), raw.answers) == (0, None)


def test_where_the_totals_know_of_no_older_orders_nothing_is_looked_at(rows: Rows) -> None:
    orders, raw = handler()
    rows[TOTALS_KEY] = orjson.dumps({"status:completed": len(OLDER), f"rules:{RULES_VERSION}": len(OLDER)})
    assert not tick(orders, rows)[0]
    assert raw.asked == []


def test_an_order_that_cannot_be_read_keeps_no_other_waiting(rows: Rows) -> None:
    orders, raw = handler()
    rows[row_key(b"!")] = b"{}"
    rows[TOTALS_KEY] = orjson.dumps({"status:completed": len(OLDER) + 1})
    with capture_logs() as lines:
        for _ in range(15):
            more, _ = tick(orders, rows)
            raw.read()
    assert not more
    told = [f"an order of older rules cannot be {what}" for what in ("read", "brought up to these")]
    assert {(line["event"], line["order_id"]) for line in lines} == {(each, "!") for each in told}
    assert (older(rows), rows[row_key(b"!")]) == (1, b"{}")
    assert older_orders(read_totals(rows[TOTALS_KEY])) == 1


@pytest.mark.parametrize("of", ["unread_sources", "read_again"])
def test_that_memory_was_short_says_nothing_about_an_order(
    rows: Rows, monkeypatch: pytest.MonkeyPatch, of: str
) -> None:
    monkeypatch.setattr(upgrade, of, short_of_memory)
    with pytest.raises(MemoryError):
        bring_up(rows)


def test_rows_that_another_worker_wrote_meanwhile_are_read_again_too(rows: Rows) -> None:
    orders, raw = handler()
    before = dict(rows)
    for again in (before, {**before, row_key(b"!"): b"{}"}):
        rows |= again
        for _ in range(15):
            more, _ = tick(orders, rows)
            raw.read()
        assert not more
        assert older(rows) == len(again) - len(before)
