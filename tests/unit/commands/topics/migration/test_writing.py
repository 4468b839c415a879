"""What changed rows lead to, and what belongs into one transaction."""

from functools import partial

from commands.topics.migration.changes import Change
from commands.topics.migration.writing import by_row, order_writes, seen_writes
from processors.orders.apply import OrderRules, apply
from processors.orders.row import RULES_VERSION
from processors.orders.table import row_key, state_headers
from schemas.topics import Topics
from tests.unit.processors.orders.facts import ORDER_ID, fact

TOPICS, RULES = Topics("n"), OrderRules()
ROW = apply(None, [fact("order.created")], RULES)
KEY = row_key(ORDER_ID.encode())


def test_an_order_that_moves_is_removed_and_written_with_its_state_at_once() -> None:
    """In between it would be nowhere, or in two partitions."""
    changes = [Change(KEY, 1, None, 9), Change(KEY, 5, ROW.row, 7)]
    [writes] = by_row(changes, partial(order_writes, TOPICS, RULES))
    assert [(write.topic, write.partition, write.key, write.value, write.timestamp) for write in writes] == [
        (TOPICS.orders_changelog, 1, KEY, None, 9),
        (TOPICS.order_state, 1, ORDER_ID.encode(), None, 9),
        (TOPICS.orders_changelog, 5, KEY, ROW.row, 7),
        (TOPICS.order_state, 5, ORDER_ID.encode(), ROW.state, 7),
    ]
    of_state = state_headers(ORDER_ID.encode(), ROW.tenant, ROW.revision, RULES_VERSION, 7)
    assert [write.headers for write in writes] == [[], [], [], of_state]


def test_rows_that_are_no_orders_have_no_state() -> None:
    [writes] = by_row([Change(b"totals", 1, b"{}", 7)], partial(order_writes, TOPICS, RULES))
    assert [write.topic for write in writes] == [TOPICS.orders_changelog]


def test_each_row_is_by_itself() -> None:
    changes = [Change(b"a", 1, b"row", 7), Change(b"b", 1, None, 9), Change(b"b", 2, b"row", 7)]
    assert [len(writes) for writes in by_row(changes, partial(seen_writes, TOPICS))] == [1, 2]
