"""Rows of version 4, of any life. They lack how many pieces an order's end sends and cancels, and what rows of version
5 lack."""

from random import Random

import msgspec
import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from processors.orders.apply import apply
from processors.orders.older_rows import is_older, load, unread_sources
from processors.orders.row import RULES_VERSION
from tests.unit.processors.orders.facts import (
    EVERYTHING,
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
from tests.unit.processors.orders.test_older_rows import OLDER, facts_of, rows_of
from tests.unit.processors.orders.test_rows_of_version_3 import brought_up, life, row_of, without_nanoseconds

_ENDED = 15
"""How many fields an item had."""


def of_version_4(row: bytes) -> bytes:
    """Return a row of this version as version 4 laid it out."""
    order = msgspec.msgpack.decode(row, strict=False)
    order[0] = order[4][3] = 4
    without_nanoseconds(order[7])
    for item in order[7][3].values():
        del item[_ENDED:]
    return msgspec.msgpack.encode(order)


@pytest.mark.parametrize("older", OLDER, ids=lambda older: older["order_id"][:8])
def test_this_is_how_version_4_laid_rows_out(older: Json) -> None:
    assert of_version_4(apply(None, facts_of(older), EVERYTHING).row) == rows_of(4)[older["order_id"]]


@often
@given(st.integers(0, 2**32))
def test_a_row_that_was_brought_up_from_raw_is_that_of_the_same_events(seed: int) -> None:
    facts, bodies = life(seed)
    older = of_version_4(row_of(facts))
    assert is_older(older)
    brought = brought_up(older, bodies)
    assert without_arrival(state_of_row(brought)) == without_arrival(state_of(*facts))
    assert load(brought).lost == []


@often
@given(st.integers(0, 2**32))
def test_so_is_one_that_gets_events_before_raw_was_read(seed: int) -> None:
    facts, bodies = life(seed)
    Random(seed).shuffle(facts)
    half = (len(facts) + 1) // 2
    touched = apply(of_version_4(row_of(facts[:half])), facts[half:], EVERYTHING).row
    assert without_arrival(state_of_row(brought_up(touched, bodies))) == without_arrival(state_of(*facts))


@pytest.mark.parametrize(("quantity", "asked"), [(1, []), (2, ["0:4"]), (None, ["0:4"])])
def test_raw_is_asked_only_for_ends_of_what_may_be_several_pieces(quantity: int | None, asked: list[str]) -> None:
    lines: list[Json] = [{"id": "A", "quantity": 1, "status": status} for status in ("complete", "cancelled")]
    opened = fact("order.opened", clock(2), n=1, items=items("A", quantity=quantity))
    end = fact("order.completed", clock(8), n=4, items=lines)
    older = of_version_4(row_of([opened, end]))
    assert unread_sources(older) == asked
    assert load(older).version == (4 if asked else RULES_VERSION)


def test_until_then_the_end_speaks_of_all_pieces() -> None:
    lines: list[Json] = [{"id": "A", "quantity": 1, "status": status} for status in ("complete", "cancelled")]
    opened = fact("order.opened", clock(2), n=1, items=items("A", quantity=2))
    end = fact("order.completed", clock(8), n=4, items=lines)
    older = of_version_4(row_of([opened, end]))
    assert state_of_row(older)["items"]["A"]["shipped_quantity"] == 2
    body = {
        "tenant": TENANT,
        "name": "order.completed",
        "published_at": clock(8),
        "payload": {"id": load(older).order_id, "items": lines},
    }
    brought = brought_up(older, {"0:4": orjson.dumps(body)})
    assert state_of_row(brought)["items"] == state_of(opened, end)["items"]
    assert state_of_row(brought)["items"]["A"]["shipped_quantity"] == 1


def test_what_goes_back_lost_its_minus() -> None:
    """Revisions up to 188c162 wrote rows of version 4 with the minus."""
    asked = fact("refund_request.issued", clock(5), id="ask", amount=5)
    row = msgspec.msgpack.decode(of_version_4(row_of([asked])), strict=False)
    row[7][7]["ask"][1][0] = "-5"
    older = msgspec.msgpack.encode(row)
    assert without_arrival(state_of_row(older)) == without_arrival(state_of(asked))
