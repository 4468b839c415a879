"""Orders that miss an event for too long: they are found once, and only by a worker that knows that it has not come."""

import msgspec
import orjson

from processors.orders import apply as applying
from processors.orders.apply import Applied, OrderRules, apply, list_unprocessed, mark_late
from processors.orders.render.document import document
from processors.orders.row import load
from processors.orders.unprocessed import Unprocessed
from tests.unit.processors.orders.facts import EVERYTHING, ORDER_ID, TENANT, Json, fact, items, request

RULES = OrderRules(late_after_ms=5_000)


def clock(ms: int) -> str:
    """When a fact is published, in 1970: facts are received within seconds of that."""
    return f"1970-01-01T00:00:00.{ms:03d}Z"


CREATED, OPENED = fact("order.created", clock(0), n=9, items=items("A")), fact("order.opened", clock(1), n=8)
ASSIGNED = request("assigned", 2, "A")
COMPLETED = fact("order.completed", clock(9), n=100, items=items("A"))
SHIPPED = fact("fulfillment_request.items_completed", clock(5), n=2_000, id="request-1", logical_timestamp=5)


def state(applied: Applied) -> Json:
    said: Json = orjson.loads(applied.state)
    assert orjson.loads(applying.state_of(applied.row, RULES)) == said  # as a worker answers, later on
    assert applied.after.incomplete is said["incomplete"]
    return said


def test_an_order_is_incomplete_once_somebody_says_so() -> None:
    waiting = apply(None, [COMPLETED], RULES)
    assert (state(waiting)["incomplete"], waiting.due) == (False, 5_100)
    marked = mark_late(waiting.row, 5_100, RULES)
    assert state(marked)["incomplete"] is True
    assert state(marked)["missing"] == ["order.created", "order.opened"]
    assert (marked.due_before, marked.due) == (5_100, 0)
    assert (state(marked)["revision"], state(marked)["version"]) == (2, 1)
    assert (marked.before, marked.after.incomplete) == (waiting.after, True)


def test_before_its_time_nothing_is_late() -> None:
    marked = mark_late(apply(None, [COMPLETED], RULES).row, 5_099, RULES)
    assert (state(marked)["incomplete"], marked.due) == (False, 5_100)


def test_what_was_late_heals_it_only_when_all_of_it_has_come() -> None:
    marked = mark_late(apply(None, [COMPLETED], RULES).row, 9_999, RULES)
    half = apply(marked.row, [CREATED], RULES)
    assert (state(half)["incomplete"], half.due) == (True, 0)
    whole = apply(half.row, [OPENED], RULES)
    assert (state(whole)["incomplete"], state(whole)["missing"], whole.due) == (False, [], 0)
    assert whole.before.incomplete is True  # type: ignore[union-attr]
    assert load(whole.row).late == []


def test_what_is_missing_since_then_has_its_own_time() -> None:
    """Each deadline has a document of its own. Until then the order is no more incomplete than it was."""
    marked = mark_late(apply(None, [COMPLETED], RULES).row, 5_100, RULES)
    more = apply(marked.row, [SHIPPED], RULES)
    assert (state(more)["incomplete"], more.due) == (True, 7_000)
    healed = apply(more.row, [CREATED, OPENED], RULES)
    assert (state(healed)["incomplete"], healed.due) == (False, 7_000)
    again = mark_late(healed.row, 7_000, RULES)
    assert (state(again)["incomplete"], state(again)["missing"]) == (True, ["fulfillment_request.assigned:request-1"])
    assert state(apply(again.row, [ASSIGNED], RULES))["incomplete"] is False


def test_other_events_heal_nothing() -> None:
    marked = mark_late(apply(None, [COMPLETED], RULES).row, 5_100, RULES)
    assert state(apply(marked.row, [fact("order.items_cancelled", clock(4))], RULES))["incomplete"] is True
    assert apply(marked.row, [COMPLETED], RULES).row == marked.row


def test_an_event_that_could_not_be_processed_is_not_missing() -> None:
    marked = mark_late(apply(None, [fact("order.items_cancelled", clock(0), n=100)], RULES).row, 5_100, RULES)
    event = Unprocessed(ORDER_ID, TENANT, ["order.created", "key", "0:77", "a bug", "2024-05-01T10:00:00.000Z"])
    listed, _ = list_unprocessed(marked.row, [event], RULES)
    assert (state(listed)["incomplete"], state(listed)["provisional"], listed.due) == (False, True, 0)


def test_an_order_that_is_known_by_what_could_not_be_processed_has_no_deadline() -> None:
    event = Unprocessed(ORDER_ID, TENANT, ["order.opened", "key", "0:77", "a bug", "2024-05-01T10:00:00.000Z"])
    listed, _ = list_unprocessed(None, [event], RULES)
    assert (state(listed)["missing"], listed.due) == (["order.created"], 0)


def test_other_rules_count_at_once() -> None:
    marked = mark_late(apply(None, [COMPLETED], RULES).row, 5_100, RULES)
    unsubscribed = OrderRules(events=frozenset({"order.opened"}), late_after_ms=5_000)
    assert orjson.loads(applying.state_of(marked.row, unsubscribed))["incomplete"] is True
    assert orjson.loads(applying.state_of(marked.row, OrderRules(events=frozenset())))["incomplete"] is False


def test_an_order_that_begins_in_another_table_is_as_late_as_it_was_and_not_in_the_index() -> None:
    row = load(mark_late(apply(None, [COMPLETED], RULES).row, 5_100, RULES).row)
    row.due = 77
    begun = applying.begun_with(row, RULES)
    assert (state(begun)["incomplete"], begun.due_before, begun.due) == (True, 0, 0)


def test_a_row_of_before_there_were_deadlines_gets_one_with_its_next_fact() -> None:
    row = load(apply(None, [COMPLETED], EVERYTHING).row)
    *fields, late, due, stalled, acknowledged, _forgotten_at, _withheld, _has_lines = msgspec.structs.astuple(row)
    assert (late, due, stalled, acknowledged) == ([], 900_100, [], [])
    old = msgspec.msgpack.encode(fields)
    assert (load(old).late, load(old).due) == ([], 0)
    assert document(load(old), RULES) == document(row, RULES)
    first = apply(old, [fact("order.items_cancelled", clock(4), n=200)], RULES)
    assert (first.due_before, first.due) == (0, 5_100)
