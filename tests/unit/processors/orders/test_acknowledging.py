"""Gaps that somebody set aside raise no alarm, are still missing, and are forgotten once the event comes."""

import json
from typing import Any

import orjson
import pytest
from msgspec.structs import replace

from processors.orders.acknowledging import NoSuchGapError, NotSetAside, acknowledging
from processors.orders.apply import Applied, Found, OrderRules, acknowledge, apply, mark_late, still_late
from processors.orders.fact import fact_of
from processors.orders.ids import TRACKING
from processors.orders.index import id_prefix
from processors.orders.older_rows import NewerRowError
from processors.orders.row import RULES_VERSION, load
from processors.orders.table import TOTALS_KEY, OrderWriter, read_totals, row_key
from processors.orders.too_large import OrderTooLargeError
from schemas.order_state import OrderState
from tests.unit.processors.orders.facts import ORDER_ID, Json, clock, fact, of_an_earlier_version
from tests.unit.processors.orders.units import TOPICS, FakeUnit, event_record

RULES = OrderRules(late_after_ms=5_000)
CREATED, OPENED, COMPLETED = (
    fact(f"order.{name}", clock(n), n=100) for n, name in enumerate(("created", "opened", "completed"))
)
LATER = 1 << 45
AT = "2026-01-01T00:00:00.000Z"


def late(*facts: Any) -> bytes:
    """The row of an order that has waited for too long."""
    return mark_late(apply(None, facts, RULES).row, LATER, RULES).row


def said(row: bytes, name: str, reason: str = "lost for good", at: str = AT) -> Applied:
    applied = acknowledge(row, (name, reason, at), RULES)
    assert applied is not None
    return applied


def state(applied: Applied) -> Json:
    found: Json = orjson.loads(applied.state)
    OrderState.model_validate(found)
    return found


def test_a_gap_that_is_set_aside_is_missing_and_no_alarm() -> None:
    row = late(COMPLETED)
    one = said(row, "order.created")
    assert (state(one)["incomplete"], state(one)["missing"]) == (True, ["order.created", "order.opened"])
    both = said(one.row, "order.opened", "as well", "2026-01-02T00:00:00.000Z")
    found = state(both)
    assert (found["incomplete"], found["provisional"]) == (False, True)
    assert found["missing"] == ["order.created", "order.opened"]
    assert found["acknowledged"] == [
        {"name": "order.created", "reason": "lost for good", "at": AT},
        {"name": "order.opened", "reason": "as well", "at": "2026-01-02T00:00:00.000Z"},
    ]
    assert (both.before, both.after.incomplete) == (one.after, False)
    assert state(both)["revision"] == state(one)["revision"] + 1 == load(row).revision + 2


def test_an_order_that_stands_still_may_do_so() -> None:
    applied = said(late(CREATED), "order.opened")
    assert (state(applied)["stalled"], applied.after.stalled) == ([], False)
    assert [each["name"] for each in state(applied)["acknowledged"]] == ["order.opened"]


def test_nobody_marks_again_what_was_set_aside_nor_waits_for_it() -> None:
    applied = said(late(CREATED), "order.opened")
    assert (applied.due, mark_late(applied.row, LATER, RULES).after.stalled) == (0, False)
    early = said(apply(None, [fact("order.items_cancelled", n=100)], RULES).row, "order.created")
    assert mark_late(early.row, LATER, RULES).after.incomplete is False


def test_other_events_leave_it_and_the_event_itself_ends_it() -> None:
    applied = said(said(late(COMPLETED), "order.created").row, "order.opened")
    more = apply(applied.row, [fact("order.items_cancelled", clock(7), n=100)], RULES)
    assert [each["name"] for each in state(more)["acknowledged"]] == ["order.created", "order.opened"]
    come = apply(more.row, [CREATED], RULES)
    assert [each["name"] for each in state(come)["acknowledged"]] == ["order.opened"]
    assert [name for name, _, _ in load(come.row).acknowledged] == ["order.opened"]


def test_what_comes_after_it_is_a_gap_of_its_own() -> None:
    """An order that may stay unopened was opened after all. Then the next event may be missing."""
    applied = said(late(CREATED), "order.opened")
    opened = apply(applied.row, [OPENED], RULES)
    assert state(opened)["acknowledged"] == []


def test_who_says_it_again_changes_nothing_and_another_reason_replaces_the_first() -> None:
    first = said(late(COMPLETED), "order.created")
    again = said(first.row, "order.created", at="2026-02-02T00:00:00.000Z")
    assert (again.row, again.state, again.due, again.due_before) == (first.row, b"", first.due, first.due)
    other = said(first.row, "order.created", "asked NewStore", "2026-02-02T00:00:00.000Z")
    assert state(other)["acknowledged"] == [
        {"name": "order.created", "reason": "asked NewStore", "at": "2026-02-02T00:00:00.000Z"}
    ]


def test_who_says_it_again_of_a_row_of_older_rules_has_it_judged_anew() -> None:
    """The row lacks nothing that only raw has."""
    first = said(late(fact("order.items_on_hold")), "order.created")
    again = said(of_an_earlier_version(first.row), "order.created")
    assert again.before is not None
    assert (again.before.rules, again.after.rules) == (RULES_VERSION - 1, RULES_VERSION)
    assert state(again)["acknowledged"] == state(first)["acknowledged"]


@pytest.mark.parametrize("name", ["order.completed", "order.created:7", ""])
def test_what_is_no_gap_cannot_be_set_aside(name: str) -> None:
    assert acknowledge(late(COMPLETED), (name, "why", AT), RULES) is None


def test_what_only_comes_next_is_no_gap_yet() -> None:
    assert acknowledge(apply(None, [CREATED], RULES).row, ("order.opened", "why", AT), RULES) is None


def test_a_migration_keeps_it() -> None:
    applied = said(late(COMPLETED), "order.created")
    again = still_late(
        apply(None, [COMPLETED], RULES).row, Found(*orjson.loads(orjson.dumps([*Found.of(applied.row)]))), RULES
    )
    assert (load(again.row).acknowledged, load(again.row).late) == (
        [("order.created", "lost for good", AT)],
        ["order.opened"],
    )
    assert state(again)["acknowledged"] == state(applied)["acknowledged"]


def table(*facts: Any) -> FakeUnit:
    """A tick's unit whose table has an order that has waited for too long."""
    unit: Any = FakeUnit([], {}, now_ms=LATER)
    orders, whole = OrderWriter(unit, TOPICS), apply(None, facts, RULES)
    orders.write(ORDER_ID, whole, LATER)
    orders.write(ORDER_ID, mark_late(whole.row, LATER, RULES), LATER)
    orders.close()
    unit.emitted.clear()
    unit.put_keys.clear()
    made: FakeUnit = unit
    return made


def change(unit: FakeUnit, order_id: str = ORDER_ID, name: str = "order.created") -> bytes | NotSetAside:
    return acknowledging(order_id, (name, "why", AT), TOPICS, RULES)(unit)  # type: ignore[arg-type]  # takes its place


def test_the_change_writes_row_state_and_totals_and_gives_the_state() -> None:
    unit = table(fact("order.items_cancelled", n=100))
    assert read_totals(unit.rows[TOTALS_KEY])["incomplete"] == 1
    answer = change(unit)
    assert isinstance(answer, bytes)
    assert unit.states() == [json.loads(answer)]
    assert unit.states()[0]["incomplete"] is False
    totals = read_totals(unit.rows[TOTALS_KEY])
    assert (totals["incomplete"], totals["provisional"]) == (0, 1)


def test_the_change_made_again_writes_nothing_and_gives_the_same() -> None:
    unit = table(COMPLETED)
    first = change(unit)
    unit.put_keys.clear()
    assert (change(unit), unit.put_keys, len(unit.emitted)) == (first, [], 1)


@pytest.mark.parametrize(("order_id", "name"), [("unknown", "order.created"), (ORDER_ID, "order.shipped")])
def test_the_change_says_where_there_is_no_such_gap(order_id: str, name: str) -> None:
    unit = table(COMPLETED)
    answer = change(unit, order_id, name)
    assert isinstance(answer, NoSuchGapError)
    assert str(answer) == f"order {order_id} waits for no {name}"
    assert (unit.put_keys, unit.emitted) == ([], [])


def test_an_order_that_would_be_too_large_is_left_as_it_is() -> None:
    unit = table(COMPLETED)
    unit.max_value_bytes = 10
    assert isinstance(change(unit), OrderTooLargeError)
    assert (unit.put_keys, unit.emitted) == ([], [])


def test_an_order_that_a_later_version_wrote_is_left_to_that() -> None:
    unit = table(COMPLETED)
    unit.rows[row_key(ORDER_ID.encode())] = b"\x91\x7f"
    assert isinstance(change(unit), NewerRowError)
    assert (unit.put_keys, unit.emitted) == ([], [])


def test_a_gap_is_that_of_the_order_with_what_waits_for_it() -> None:
    """A large order's events wait to be joined, but answers show them already."""
    unit = table(fact("order.items_cancelled", n=100))
    room = OrderWriter(unit, TOPICS).waiting()  # type: ignore[arg-type]  # takes its place
    waiting: Json = {"id": "request-1", "order_id": ORDER_ID, "items": [{"id": "A", "tracking_code": "1Z"}]}
    record = event_record(9, "fulfillment_request.items_completed", **waiting)
    room.add(ORDER_ID, [record], unit.rows[row_key(ORDER_ID.encode())])
    answer = change(unit, name="order.opened")
    assert isinstance(answer, bytes)
    assert [each["name"] for each in json.loads(answer)["acknowledged"]] == ["order.opened"]
    assert id_prefix(TRACKING, "1Z") + ORDER_ID.encode() in unit.put_keys
    assert isinstance(change(unit, name="fulfillment_request.assigned:request-2"), NoSuchGapError)
    row = unit.rows[row_key(ORDER_ID.encode())]
    joined = apply(row, [fact_of(record.value, dict(record.headers))], RULES)  # type: ignore[list-item]  # it is one
    assert (joined.row, joined.ids) == (row, [])


def test_what_came_and_waits_is_no_gap() -> None:
    unit = table(fact("order.items_cancelled", n=100))
    created = event_record(9, "order.created", id=ORDER_ID, items=[])
    room = OrderWriter(unit, TOPICS).waiting()  # type: ignore[arg-type]  # takes its place
    room.add(ORDER_ID, [created], unit.rows[row_key(ORDER_ID.encode())])
    assert isinstance(change(unit), NoSuchGapError)


def test_what_was_received_by_a_clock_that_is_ahead_can_be_set_aside() -> None:
    """The gap gets the fact's time, so it does not seem to be newer than its acknowledgement."""
    early, ahead = "2024-05-01T10:05:00.000Z", "2024-05-01T10:50:00.000Z"
    row = apply(None, [replace(OPENED, received_at=ahead)], RULES).row
    applied = said(row, "order.created", at=early)
    assert state(applied)["acknowledged"] == [{"name": "order.created", "reason": "lost for good", "at": ahead}]
    assert mark_late(applied.row, LATER, RULES).after.incomplete is False
    assert said(applied.row, "order.created", at=early).state == b""
    other = state(said(applied.row, "order.created", "asked NewStore", early))
    assert other["acknowledged"] == [{"name": "order.created", "reason": "asked NewStore", "at": ahead}]


def test_what_is_awaited_since_a_fact_of_a_clock_that_is_ahead_can_be_set_aside() -> None:
    ahead = "2024-05-01T10:50:00.000Z"
    row = late(replace(CREATED, received_at=ahead))
    found = state(said(row, "order.opened", at="2024-05-01T10:05:00.000Z"))
    assert (found["stalled"], [each["at"] for each in found["acknowledged"]]) == ([], [ahead])
