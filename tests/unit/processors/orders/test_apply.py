"""Rows: what is kept, and that nothing but new facts changes it."""

import dataclasses

import orjson

from processors.orders.apply import FoldRules, Summary, apply
from tests.unit.processors.orders.facts import EVERYTHING, ORDER_ID, TENANT, clock, fact, items, request

CREATED = fact("order.created", clock(0), n=1, items=items("A"))
OPENED = fact("order.opened", clock(1), n=2, items=items("A"))
SHIPPED = request("items_completed", 2, "A")


def test_a_known_envelope_changes_not_a_byte_of_the_row() -> None:
    row = apply(None, [CREATED, OPENED], EVERYTHING).row
    again = dataclasses.replace(CREATED, received_at="2030-01-01T00:00:00.000Z", source="9:9")
    assert apply(row, [again, OPENED, again], EVERYTHING).row == row


def test_of_deliveries_with_another_published_at_the_one_read_first_counts() -> None:
    later = fact("order.created", clock(30), n=9, items=items("A"))
    row = apply(None, [CREATED], EVERYTHING).row
    assert apply(row, [later], EVERYTHING).row == row
    assert apply(None, [CREATED, later], EVERYTHING).row == row
    assert apply(None, [later, CREATED], EVERYTHING).row != row


def test_without_new_facts_the_state_is_that_of_the_row() -> None:
    applied = apply(None, [CREATED, OPENED], EVERYTHING)
    assert apply(applied.row, [], EVERYTHING) == dataclasses.replace(applied, before=applied.after)


def test_the_summary_before_is_what_the_row_was_counted_as() -> None:
    first = apply(None, [OPENED], EVERYTHING)
    assert first.before is None
    assert first.after == Summary(status="open", provisional=True, incomplete=False)
    second = apply(first.row, [CREATED], FoldRules(events=frozenset()))
    assert second.before == first.after
    assert second.after == Summary(status="open", provisional=False, incomplete=False)


def test_other_rules_change_the_summary_of_a_row_without_new_facts() -> None:
    first = apply(None, [OPENED], EVERYTHING)
    second = apply(first.row, [OPENED], FoldRules(events=frozenset()))
    third = apply(second.row, [OPENED], FoldRules(events=frozenset()))
    assert (second.before, second.after) == (first.after, third.before)
    assert second.after.provisional is False


def test_order_and_tenant_are_those_of_the_facts() -> None:
    state = orjson.loads(apply(None, [CREATED], EVERYTHING).state)
    assert (state["order_id"], state["tenant"]) == (ORDER_ID, TENANT)
    assert orjson.loads(apply(apply(None, [CREATED], EVERYTHING).row, [OPENED], EVERYTHING).state)["tenant"] == TENANT


def test_a_row_of_another_version_of_the_fold_is_folded_again() -> None:
    row = apply(None, [CREATED, SHIPPED], EVERYTHING).row
    head, *data = row.split(b"\n")
    order = orjson.loads(head)
    order["fold_version"] = 0
    order["folded"] = {"of": "another shape"}
    stale = b"\n".join((orjson.dumps(order), *data))
    assert apply(stale, [], EVERYTHING) == apply(row, [], EVERYTHING)


def test_text_with_line_breaks_keeps_to_its_line() -> None:
    odd = fact("order.opened", clock(1), items=[{"id": "A\nB", "product_id": "\r\n\u2028"}])
    applied = apply(apply(None, [odd], EVERYTHING).row, [CREATED], EVERYTHING)
    assert orjson.loads(applied.state)["items"]["A\nB"]["product_id"] == "\r\n\u2028"
