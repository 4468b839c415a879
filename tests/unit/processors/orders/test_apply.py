"""What rows keep. Only new facts change them."""

import dataclasses

import orjson
from msgspec import structs

from processors.orders.apply import OrderRules, Summary, apply
from processors.orders.fact import Fact
from processors.orders.row import RULES_VERSION
from tests.unit.processors.orders.facts import (
    EVERYTHING,
    ORDER_ID,
    TENANT,
    Json,
    clock,
    fact,
    items,
)

CREATED = fact("order.created", clock(0), n=1, items=items("A"))
OPENED = fact("order.opened", clock(1), n=2, items=items("A"))


def state_of_chunks(*chunks: list[Fact]) -> Json:
    """Return the state after the chunks, without its revision."""
    row: bytes | None = None
    for chunk in chunks:
        row = apply(row, chunk, EVERYTHING).row
    state: Json = orjson.loads(apply(row, [], EVERYTHING).state)
    return {**state, "revision": None}


def test_a_known_envelope_changes_not_a_byte_of_the_row() -> None:
    row = apply(None, [CREATED, OPENED], EVERYTHING).row
    again = structs.replace(CREATED, received_at="2030-01-01T00:00:00.000Z", source="9:9")
    assert apply(row, [again, OPENED, again], EVERYTHING).row == row
    assert apply(None, [CREATED, OPENED, again, OPENED, again], EVERYTHING).row == row


def test_of_deliveries_with_another_published_at_the_one_read_first_counts() -> None:
    later = fact("order.created", clock(30), n=9, items=items("A"))
    once = state_of_chunks([CREATED])
    assert state_of_chunks([CREATED], [later]) == state_of_chunks([CREATED, later]) == once
    assert state_of_chunks([later, CREATED])["timeline"][0]["published_at"] == clock(30)


def test_a_hold_at_another_instant_is_another_fact() -> None:
    """A hold's key contains the instant."""
    holds = [fact("order.items_on_hold", clock(second), items=items("A")) for second in (2, 30)]
    assert state_of_chunks(holds[:1], holds[1:])["version"] == 2


def test_without_new_facts_the_state_is_that_of_the_row() -> None:
    applied = apply(None, [CREATED, OPENED], EVERYTHING)
    assert apply(applied.row, [], EVERYTHING) == dataclasses.replace(applied, before=applied.after, ids=[])


def test_the_summary_before_is_what_the_row_was_counted_as() -> None:
    first = apply(None, [OPENED], EVERYTHING)
    assert first.before is None
    stands = first.after.standing
    assert first.after == Summary("open", provisional=True, incomplete=False, rules=RULES_VERSION, standing=stands)
    second = apply(first.row, [CREATED], OrderRules(events=frozenset()))
    assert second.before == first.after
    assert second.after == Summary("open", provisional=False, incomplete=False, rules=RULES_VERSION, standing=stands)


def test_other_rules_change_the_summary_of_a_row_without_new_facts() -> None:
    first = apply(None, [OPENED], EVERYTHING)
    second = apply(first.row, [OPENED], OrderRules(events=frozenset()))
    third = apply(second.row, [OPENED], OrderRules(events=frozenset()))
    assert (second.before, second.after) == (first.after, third.before)
    assert second.after.provisional is False


def test_order_and_tenant_are_those_of_the_facts() -> None:
    state = orjson.loads(apply(None, [CREATED], EVERYTHING).state)
    assert (state["order_id"], state["tenant"]) == (ORDER_ID, TENANT)
    assert orjson.loads(apply(apply(None, [CREATED], EVERYTHING).row, [OPENED], EVERYTHING).state)["tenant"] == TENANT


def test_text_with_line_breaks_keeps_to_its_line() -> None:
    odd = fact("order.opened", clock(1), items=[{"id": "A\nB", "product_id": "\r\n\u2028"}])
    applied = apply(apply(None, [odd], EVERYTHING).row, [CREATED], EVERYTHING)
    assert orjson.loads(applied.state)["items"]["A\nB"]["product_id"] == "\r\n\u2028"
