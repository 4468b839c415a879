"""Rows of version 5, of any life. They lack only logical timestamps of more than 18 digits. All are judged anew,
without raw if they lack none."""

from random import Random

import msgspec
import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from processors.orders.apply import apply
from processors.orders.older_rows import is_older, load, unread_sources
from processors.orders.row import RULES_VERSION
from processors.orders.table import TOTALS_KEY, row_key
from tests.unit.processors.orders.facts import (
    EVERYTHING,
    ORDER_ID,
    TENANT,
    Json,
    clock,
    fact,
    items,
    state_of,
    state_of_row,
    without_arrival,
)
from tests.unit.processors.orders.lifecycles import often
from tests.unit.processors.orders.test_instruments import GIFT_CARD, by_method, moved
from tests.unit.processors.orders.test_older_rows import OLDER, facts_of, rows_of
from tests.unit.processors.orders.test_rows_of_version_3 import (
    brought_up,
    brought_up_since,
    life,
    row_of,
    without_nanoseconds,
    without_revision,
)
from tests.unit.processors.orders.test_upgrade import Rows, handler, tick

NANOSECONDS = 1_714_557_600_000_000_000


def of_version_5(row: bytes) -> bytes:
    """Return a row of this version as version 5 laid it out."""
    order = msgspec.msgpack.decode(row, strict=False)
    order[0] = order[4][3] = 5
    without_nanoseconds(order[7])
    return msgspec.msgpack.encode(order)


@pytest.mark.parametrize("older", OLDER, ids=lambda older: older["order_id"][:8])
def test_this_is_how_version_5_laid_rows_out(older: Json) -> None:
    assert of_version_5(apply(None, facts_of(older), EVERYTHING).row) == rows_of(5)[older["order_id"]]


@often
@given(st.integers(0, 2**32))
def test_a_row_that_was_brought_up_from_raw_is_that_of_the_same_events(seed: int) -> None:
    facts, bodies = life(seed)
    row = row_of(facts)
    older = of_version_5(row)
    assert is_older(older)
    brought = without_revision(brought_up(older, bodies))
    assert brought == without_revision(row)
    assert brought.lost == []


@often
@given(st.integers(0, 2**32))
def test_so_is_one_that_gets_events_before_raw_was_read(seed: int) -> None:
    facts, bodies = life(seed)
    Random(seed).shuffle(facts)
    half = (len(facts) + 1) // 2
    older = of_version_5(row_of(facts[:half]))
    touched = apply(older, facts[half:], EVERYTHING).row
    expected = without_arrival(state_of(*facts))
    for asked in {(*unread_sources(older),), (*unread_sources(touched),)}:
        brought = brought_up_since(asked, touched, bodies)
        assert without_arrival(state_of_row(brought)) == expected
        assert load(brought).version == RULES_VERSION


@pytest.mark.parametrize(
    ("turn", "asked"), [(6728211, []), (10**18 - 1, []), (10**18, ["0:4"]), (NANOSECONDS, ["0:4"]), (None, ["0:4"])]
)
def test_raw_is_asked_only_for_events_of_requests_without_a_timestamp(turn: int | None, asked: list[str]) -> None:
    opened = fact("order.opened", clock(2), n=1, items=items("A", quantity=1))
    sent = fact("fulfillment_request.items_completed", clock(8), n=4, items=items("A"), logical_timestamp=turn)
    older = of_version_5(row_of([opened, sent, fact("fulfillment_request.something_new", clock(9), n=5)]))
    assert unread_sources(older) == asked
    assert load(older).version == (5 if asked else RULES_VERSION)


def test_until_then_two_parcels_in_nanoseconds_may_be_one() -> None:
    opened = fact("order.opened", clock(2), n=1, items=items("A", quantity=4))
    name, facts, bodies = "fulfillment_request.items_completed", [opened], dict[str, bytes]()
    for number in (4, 5):
        said: Json = {"id": "request-1", "items": items("A", "A"), "logical_timestamp": NANOSECONDS + number}
        facts.append(fact(name, clock(number), n=number, **said))
        event = {"tenant": TENANT, "name": name, "published_at": None, "payload": {**said, "order_id": ORDER_ID}}
        bodies[f"0:{number}"] = orjson.dumps(event)
    older = of_version_5(row_of(facts))
    assert state_of_row(older)["items"]["A"]["shipped_quantity"] == 2
    assert state_of_row(brought_up(older, bodies))["items"] == state_of(*facts)["items"]
    assert state_of_row(brought_up(older, bodies))["items"]["A"]["shipped_quantity"] == 4


def test_how_a_payment_was_made_is_judged_anew_without_raw() -> None:
    """Version 5 looked only at the payment's own events."""
    orders, raw = handler()
    told = [moved("authorized", 2, 100, GIFT_CARD), moved("captured", 3, 100)]
    rows: Rows = {row_key(ORDER_ID.encode()): of_version_5(row_of(told))}
    rows[TOTALS_KEY] = orjson.dumps({"status:created": 1, "rules:5": 1})
    states = [state for _ in range(2) for state in tick(orders, rows)[1].states()]
    assert ([[*by_method(state)] for state in states], raw.asked) == ([["gift_card"]], [])
