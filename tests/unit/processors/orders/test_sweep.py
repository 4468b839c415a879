"""The sweep: who is marked, when, and that nobody is whose missing event may be on its way."""

import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import pytest
from aiokafka.structs import ConsumerRecord

from processors.orders import sweep as sweeping
from processors.orders.agent import Orders
from processors.orders.apply import Applied, OrderRules, mark_late
from processors.orders.row import dump, load
from processors.orders.table import TOTALS_KEY, Due, read_totals, row_key
from tests.unit.processors.orders.facts import TENANT, Json, cleaned
from tests.unit.processors.orders.units import TOPICS, FakeUnit

LATE_AFTER = 5_000
DAY = 86_400_000
RULES = OrderRules(late_after_ms=LATE_AFTER)


@dataclass
class Asked:
    """A question; `end` is where the lane must stand, once that is known."""

    partition: int
    end: int | None = None

    def is_answered(self, position: int) -> bool:
        return self.end is not None and position >= self.end


@dataclass
class Raw:
    """Whom the sweep asks."""

    asked: list[Asked] = field(default_factory=list)

    def ask(self, partition: int) -> Asked:
        self.asked.append(Asked(partition))
        return self.asked[-1]


class Table:
    """A partition's rows, and the handlers of one process after the other."""

    def __init__(self) -> None:
        self.rows: dict[bytes, bytes | None] = {}
        self.restart()

    def restart(self) -> None:
        self.raw = Raw()
        self.orders = Orders(TOPICS, RULES, self.raw)

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
    """The nth record of the orders topic, received at so many milliseconds."""
    envelope = {"tenant": TENANT, "name": f"order.{event}", "published_at": "2024-05-01T10:00:00Z"}
    body = json.dumps({**envelope, "payload": {"id": order, "items": items}}).encode()
    value, headers = cleaned(body, received_at_ms=at, source=f"0:{n}")
    return ConsumerRecord(TOPICS.orders, 3, n, n, 0, b"k", value, None, 1, len(value), tuple(headers.items()))


def said(unit: FakeUnit) -> dict[str, bool]:
    """By order whether its document says that it is incomplete; each is written once."""
    states = unit.states()
    found = {state["order_id"]: state["incomplete"] for state in states}
    assert len(found) == len(states)
    return found


@pytest.fixture
def table() -> Table:
    return Table()


def test_the_index_follows_the_row(table: Table) -> None:
    table.deliver(record(0, "opened", at=1_000))
    assert table.index == [Due(6_000, b"a")]
    table.deliver(record(1, "items_cancelled", at=500))  # of two facts that need it the earlier one counts
    assert table.index == [Due(5_500, b"a")]
    table.deliver(record(2, "created"))
    assert table.index == [Due(5_500, b"a")]  # it need not know that nothing is due then
    assert (table.tick(5_500)[0], table.index) == (False, [])


def test_what_a_unit_settles_itself_is_never_in_the_index(table: Table) -> None:
    table.deliver(record(0, "opened"), record(1, "created"))
    assert not any(key.startswith(b"due/") for key in table.rows)


def index_writes(unit: FakeUnit) -> list[bytes]:
    return [key for key in unit.put_keys if key.startswith(b"due/")]


def test_most_writes_leave_the_index_alone(table: Table) -> None:
    """A whole life: it is written once, when the order begins, and by the look that finds nothing due."""
    lives = [("created", 1_000), ("opened", 2_000), ("items_on_hold", 3_000), ("items_cancelled", 4_000)]
    written = [index_writes(table.deliver(record(n, event, at=at))) for n, (event, at) in enumerate(lives)]
    assert written == [[Due(1_000 + DAY, b"a").key], [], [], []]
    unit = table.tick(1_000 + DAY)[1]
    assert (unit.put_keys, unit.emitted) == ([row_key(b"a"), Due(1_000 + DAY, b"a").key], [])
    assert (table.raw.asked, table.index) == ([], [])


def test_a_look_finds_the_next_time_and_changes_no_document(table: Table) -> None:
    table.deliver(record(0, "created"), record(1, "opened", at=2_000))
    table.deliver(record(2, "completed", at=3_000, items=[{"id": "A", "status": "complete"}]))
    revision = load(table.rows[row_key(b"a")] or b"").revision
    assert (table.tick(1_000 + DAY)[1].states(), table.raw.asked) == ([], [])
    assert table.index == [Due(3_000 + DAY, b"a")]
    assert load(table.rows[row_key(b"a")] or b"").revision == revision
    assert table.totals["status:completed"] == 1


def test_looks_and_marks_are_kept_apart(table: Table) -> None:
    table.deliver(record(0, "created", "looked-at", at=0), record(1, "opened", "looked-at"))
    table.deliver(record(2, "created", "marked", at=0))
    assert {due.at for due in table.index} == {DAY}
    unit = table.sweep(DAY)
    assert [(each["order_id"], each["stalled"]) for each in unit.states()] == [("marked", ["order.opened"])]
    assert (len(table.raw.asked), table.totals["stalled"], table.index) == (1, 1, [])


def test_an_index_row_without_an_order_goes(table: Table) -> None:
    table.deliver(record(0, "opened"))
    table.rows[row_key(b"a")] = None
    assert (table.tick(6_000)[0], table.index, table.raw.asked) == (False, [], [])


def test_looks_are_bounded_by_what_they_read(table: Table, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sweeping, "MOST_ROW_BYTES", 1)
    for n in range(3):
        table.deliver(record(2 * n, "created", f"o-{n}", at=n))
        table.deliver(record(2 * n + 1, "opened", f"o-{n}"))
    assert [(table.tick(9 * DAY)[0], len(table.index)) for _ in range(3)] == [(True, 2), (True, 1), (False, 0)]


def test_one_that_cannot_be_looked_at_keeps_no_other_waiting(table: Table, monkeypatch: pytest.MonkeyPatch) -> None:
    table.deliver(record(0, "opened", at=1_000), record(1, "opened", "b", at=2_000))
    whole = table.rows[row_key(b"a")]
    table.rows[row_key(b"a")] = b"broken"
    assert said(table.sweep(9_000)) == {"b": True}
    assert (table.tick(9_000)[0], table.index) == (False, [Due(6_000, b"a")])
    table.rows[row_key(b"a")] = whole
    table.restart()
    assert said(table.sweep(9_000)) == {"a": True}


@pytest.mark.parametrize("order", ["a", "a/b\x00", "\x00", "ü"])
def test_the_index_is_in_the_order_of_time_whatever_orders_are_called(table: Table, order: str) -> None:
    for n, at in enumerate((3 << 38, 2 << 32, 0xFF, 0x100, 1 << 40)):
        table.deliver(record(n, "opened", f"{order}{n}", at))
    index = table.index
    assert [due.at - LATE_AFTER for due in index] == [0xFF, 0x100, 2 << 32, 3 << 38, 1 << 40]
    assert {due.order_id.decode() for due in index} == {f"{order}{n}" for n in range(5)}


def test_before_its_deadline_nobody_is_asked(table: Table) -> None:
    table.deliver(record(0, "opened"))
    assert table.tick(5_999)[0] is False
    assert table.raw.asked == []


def test_an_order_is_marked_when_all_is_folded_that_raw_held_after_its_deadline(table: Table) -> None:
    table.deliver(record(0, "opened"))
    table.tick(6_000, position=10)
    [question] = table.raw.asked
    assert question.partition == 3
    assert said(table.tick(6_001, position=11)[1]) == {}  # nobody knows how far raw goes
    question.end = 13
    assert said(table.tick(6_002, position=12)[1]) == {}  # this lane is not there
    more, unit = table.tick(6_003, position=13)
    assert (more, said(unit), table.index) == (True, {"a": True}, [])
    assert (table.totals["incomplete"], table.totals["provisional"]) == (1, 1)
    assert len(table.raw.asked) == 1
    assert table.tick(99_999, position=99)[0] is False


def test_who_gets_what_was_missing_meanwhile_is_not_marked(table: Table) -> None:
    table.deliver(record(0, "opened"), record(1, "opened", "b"))
    table.tick(6_000)
    table.raw.asked[0].end = 0
    table.deliver(record(2, "created"))
    assert said(table.tick(6_001)[1]) == {"b": True}


def test_who_is_due_later_than_the_question_needs_another_one(table: Table) -> None:
    """Raw may hold what it misses, behind the end that was asked for."""
    table.deliver(record(0, "opened"))
    table.tick(6_000)
    table.deliver(record(1, "opened", "b"), record(2, "opened", "c", at=900))
    table.raw.asked[0].end = 0
    assert said(table.tick(7_000)[1]) == {"a": True}
    assert said(table.sweep(7_001)) == {"b": True, "c": True}


def test_one_that_waits_for_another_event_by_then_waits_on(table: Table) -> None:
    table.deliver(record(0, "opened"))
    table.tick(6_000)
    table.deliver(record(1, "created"), record(2, "opened", "b", at=4_000))
    table.raw.asked[0].end = 0
    assert said(table.tick(6_001)[1]) == {}
    assert table.index == [Due(9_000, b"b")]


def test_what_was_missing_heals_the_order(table: Table) -> None:
    table.deliver(record(0, "opened"))
    table.sweep(6_000)
    assert said(table.deliver(record(1, "created"))) == {"a": False}
    assert (table.totals["incomplete"], table.totals["provisional"]) == (0, 0)


def test_a_process_that_ends_in_between_loses_nothing(table: Table) -> None:
    table.deliver(record(0, "opened"))
    table.tick(6_000)
    table.restart()
    assert said(table.sweep(6_001)) == {"a": True}


def test_more_than_are_swept_at_once_come_one_after_the_other(table: Table, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sweeping, "AT_ONCE", 3)
    table.deliver(*(record(n, "opened", f"o-{n}", 1_000 + n) for n in range(7)))
    swept = [sorted(said(table.sweep(99_999))) for _ in range(3)]
    assert swept == [["o-0", "o-1", "o-2"], ["o-3", "o-4", "o-5"], ["o-6"]]


def test_a_unit_takes_no_more_than_it_has_room_for(table: Table) -> None:
    table.deliver(*(record(n, "opened", f"o-{n}", 1_000 + n) for n in range(3)))
    table.tick(99_999)
    table.raw.asked[0].end = 0
    for n in range(3):
        more, unit = table.tick(99_999, room=1_000)
        assert (more, said(unit)) == (True, {f"o-{n}": True})
    assert len(table.raw.asked) == 1


def test_one_that_cannot_be_marked_keeps_no_other_waiting(table: Table, monkeypatch: pytest.MonkeyPatch) -> None:

    def failing(row: bytes, at_ms: int, rules: OrderRules) -> Applied:
        if load(row).order_id == "a":
            raise ValueError("a bug")
        return mark_late(row, at_ms, rules)

    monkeypatch.setattr(sweeping, "mark_late", failing)
    monkeypatch.setattr(sweeping, "AT_ONCE", 1)
    table.deliver(record(0, "opened", at=1_000), record(1, "opened", "b", at=2_000))
    assert said(table.sweep(9_000)) == {}
    assert said(table.sweep(9_000)) == {"b": True}
    assert table.tick(9_000)[0] is False
    assert table.index == [Due(6_000, b"a")]
    monkeypatch.undo()
    table.restart()  # with the code mended
    assert said(table.sweep(9_000)) == {"a": True}


def test_one_that_would_be_too_large_is_left_as_it_is(table: Table) -> None:
    table.deliver(record(0, "opened"), record(1, "opened", "b"))
    rows = dict(table.rows)
    table.tick(6_000)
    table.raw.asked[0].end = 0
    unit = table.tick(6_000, max_value_bytes=10)[1]
    assert (unit.emitted, table.rows) == ([], rows)


def test_an_index_that_an_older_version_did_not_keep_up_mends_itself(table: Table) -> None:
    """That writes rows without knowing of deadlines."""
    table.deliver(record(0, "opened"), record(1, "opened", "b"))
    stale = table.index
    table.deliver(record(2, "created", "b"))
    for due in stale:
        row = load(table.rows[row_key(due.order_id)] or b"")
        row.due = 0
        table.rows |= {row_key(due.order_id): dump(row), due.key: b"1"}
    assert said(table.sweep(6_000)) == {"a": True}
    assert table.index == []
