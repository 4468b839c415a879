"""What changed rows lead to, and what belongs in one transaction."""

from functools import partial

import orjson

from commands.topics.migration.changes import Change
from commands.topics.migration.writing import by_row, order_writes, seen_writes
from processors.orders.apply import OrderRules, apply
from processors.orders.row import RULES_VERSION
from processors.orders.state_headers import Made, state_headers
from processors.orders.table import row_key
from schemas.cloud_events import LINE_CHANGED
from schemas.headers import CE_TYPE
from schemas.topics import Topics
from tests.unit.processors.orders.facts import ORDER_ID, fact, items

TOPICS, RULES = Topics("n"), OrderRules()
ROW = apply(None, [fact("order.created")], RULES)
KEY = row_key(ORDER_ID.encode())
WITH_LINES = OrderRules(writes_lines=True)


def no_lines(_key: bytes, _partition: int) -> list[str]:
    return []


def test_an_order_that_moves_is_removed_and_written_with_its_state_at_once() -> None:
    """In between, the order would be nowhere, or in two partitions."""
    changes = [Change(KEY, 1, None, 9), Change(KEY, 5, ROW.row, 7)]
    [writes] = by_row(changes, partial(order_writes, TOPICS, RULES, no_lines))
    assert [(write.topic, write.partition, write.key, write.value, write.timestamp) for write in writes] == [
        (TOPICS.orders_changelog, 1, KEY, None, 9),
        (TOPICS.order_state, 1, ORDER_ID.encode(), None, 9),
        (TOPICS.orders_changelog, 5, KEY, ROW.row, 7),
        (TOPICS.order_state, 5, ORDER_ID.encode(), ROW.state, 7),
    ]
    of_state = state_headers(ORDER_ID.encode(), Made(ROW.tenant, ROW.revision, RULES_VERSION, 7))
    assert [write.headers for write in writes] == [[], [], [], of_state]


def test_lines_go_with_the_row_and_none_is_left_where_it_was() -> None:
    """A line that the order no longer has does not stay either: by other key rules, a fact that named it may be
    none."""
    row = apply(None, [fact("order.created", items=items("A", "B"))], WITH_LINES).row
    changes = [Change(KEY, 1, None, 9), Change(KEY, 5, row, 7)]
    before = {1: ["A", "B"], 5: ["B", "C"]}
    writes = partial(order_writes, TOPICS, WITH_LINES, lambda key, partition: before[partition] if key == KEY else [])
    [written] = by_row(changes, writes)
    lines = [write for write in written if write.topic == TOPICS.order_lines]
    assert [(write.partition, orjson.loads(write.key or b"")["line_id"], write.value is None) for write in lines] == [
        (1, "A", True),
        (1, "B", True),
        (5, "B", False),
        (5, "C", True),
        (5, "A", False),
    ]
    assert [dict(write.headers).get(CE_TYPE) for write in lines] == [None, None, LINE_CHANGED, None, LINE_CHANGED]


def test_without_lines_nothing_is_written_to_their_topic_which_may_not_be_there() -> None:
    [writes] = by_row([Change(KEY, 1, None, 9)], partial(order_writes, TOPICS, RULES, lambda _key, _partition: ["A"]))
    assert {write.topic for write in writes} == {TOPICS.orders_changelog, TOPICS.order_state}


def test_rows_that_are_no_orders_have_no_state() -> None:
    [writes] = by_row([Change(b"totals", 1, b"{}", 7)], partial(order_writes, TOPICS, RULES, no_lines))
    assert [write.topic for write in writes] == [TOPICS.orders_changelog]


def test_each_row_is_by_itself() -> None:
    changes = [Change(b"a", 1, b"row", 7), Change(b"b", 1, None, 9), Change(b"b", 2, b"row", 7)]
    assert [len(writes) for writes in by_row(changes, partial(seen_writes, TOPICS))] == [1, 2]
