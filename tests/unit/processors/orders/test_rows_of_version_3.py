"""Rows of version 3, of any life. Once their events are read again, they are the rows that these rules make."""

from collections.abc import Mapping, Sequence
from random import Random
from typing import Any

import msgspec
import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from processors.orders.apply import apply, read_again
from processors.orders.fact import Fact, fact_of
from processors.orders.older_rows import is_older, load, unread_sources
from processors.orders.row import RULES_VERSION, Row
from processors.orders.table import TOTALS_KEY, row_key
from tests.programs.checker.record import Record
from tests.unit.processors.orders.facts import (
    EVERYTHING,
    ORDER_ID,
    TENANT,
    Json,
    back,
    cleaned,
    clock,
    fact,
    items,
    paid,
    state_of,
    state_of_row,
    without_arrival,
)
from tests.unit.processors.orders.lifecycles import often
from tests.unit.processors.orders.test_older_rows import OLDER, ROWS_OF_VERSION_3, facts_of
from tests.unit.processors.orders.test_upgrade import Rows, handler, tick
from tests.unit.processors.orders.units import FakeUnit, event_record
from tests.unit.programs.checker.wild_orders import wild_orders

_ITEM, _REQUESTED, _REQUEST_ITEMS = 14, 7, 7
"""How many fields an item had, and an item in a request; where a request has its items."""


def of_version_3(row: bytes, *, knows_unclear: bool = True) -> bytes:
    """Return a row of this version as version 3 laid it out. Its first revisions had no `unclear`."""
    order = msgspec.msgpack.decode(row)
    without_nanoseconds(order[7])
    _, _, _, items_, requests, *_ = slots = order[7]
    order[0] = order[4][3] = 3
    for item in items_.values():
        del item[_ITEM:]
    for request in requests.values():
        for item in request[_REQUEST_ITEMS].values():
            del item[_REQUESTED:]
    del slots[15 if knows_unclear else 14 :]
    return msgspec.msgpack.encode(order)


def without_nanoseconds(slots: list[Any]) -> None:
    """Remove from a row's slots the logical timestamps that no version up to 5 recognized."""
    for request in slots[4].values():
        request[1] = {at: turn for at, turn in request[1].items() if turn < 10**18}


@pytest.mark.parametrize("older", OLDER, ids=lambda older: older["order_id"][:8])
def test_this_is_how_version_3_laid_rows_out(older: Json) -> None:
    assert of_version_3(apply(None, facts_of(older), EVERYTHING).row) == ROWS_OF_VERSION_3[older["order_id"]]


def life(seed: int) -> tuple[list[Fact], dict[str, bytes]]:
    """Return the facts of a made-up order, and the bodies of its events by source."""
    events = [output.source for output in wild_orders(Random(seed), 1)]
    return [made(event) for event in events], {str(event.source): event.value or b"" for event in events}


def made(event: Record) -> Fact:
    return fact_in(*cleaned(event.value or b"", received_at_ms=event.timestamp, source=str(event.source)))


def brought_up(row: bytes, bodies: dict[str, bytes]) -> bytes:
    """Return a row after the worker has read what it asks raw for."""
    return brought_up_since(unread_sources(row), row, bodies)


def brought_up_since(asked: Sequence[str], row: bytes, bodies: dict[str, bytes]) -> bytes:
    """The same, for what the worker asked before."""
    return read_again(row, asked, {source: bodies[source] for source in asked}, EVERYTHING).row


def without_revision(row: bytes) -> Row:
    order = load(row)
    order.revision = 0
    order.slots.unclear.sort()  # a set of facts, in the order in which they were read
    return order


@often
@given(seed=st.integers(0, 2**32), knows_unclear=st.booleans())
def test_a_row_that_was_brought_up_from_raw_is_that_of_the_same_events(seed: int, *, knows_unclear: bool) -> None:
    facts, bodies = life(seed)
    row = apply(None, facts, EVERYTHING).row
    older = of_version_3(row, knows_unclear=knows_unclear)
    assert is_older(older)
    assert without_revision(brought_up(older, bodies)) == without_revision(row)


@often
@given(st.integers(0, 2**32))
def test_so_is_one_that_gets_events_before_raw_was_read(seed: int) -> None:
    facts, bodies = life(seed)
    half = (len(facts) + 1) // 2
    older = of_version_3(apply(None, facts[:half], EVERYTHING).row, knows_unclear=False)
    touched = apply(older, facts[half:], EVERYTHING).row
    whole = apply(None, facts, EVERYTHING)
    expected = without_arrival(orjson.loads(whole.state))
    for asked in {(*unread_sources(older),), (*unread_sources(touched),)}:
        brought = brought_up_since(asked, touched, bodies)
        assert without_revision(brought).slots == without_revision(whole.row).slots
        assert without_arrival(state_of_row(brought)) == expected
        assert load(brought).lost == []


def test_what_comes_while_raw_is_read_is_not_taken_for_lost() -> None:
    """The new event was not asked for, and lacks nothing. If it counted as lost, no later version would read it
    again."""
    created, cancelled = (
        event_record(n, event, id=ORDER_ID, items=items("a"))
        for n, event in enumerate(("order.created", "order.items_cancelled"))
    )
    orders, raw = handler()
    rows: Rows = {
        row_key(ORDER_ID.encode()): of_version_3(row_of([fact_in(created.value, dict(created.headers))])),
        TOTALS_KEY: orjson.dumps({"status:created": 1, "rules:3": 1}),
    }
    tick(orders, rows)
    orders.process(FakeUnit([cancelled], rows))  # type: ignore[arg-type]  # takes the unit's place
    raw.answers = {"0:0": created.value}
    tick(orders, rows)
    order = load(rows[row_key(ORDER_ID.encode())] or b"")
    assert (order.version, order.lost) == (RULES_VERSION, [])


def fact_in(body: bytes, headers: Mapping[str, bytes]) -> Fact:
    found = fact_of(body, headers)
    assert found is not None
    return found


def row_of(facts: Sequence[Fact]) -> bytes:
    return apply(None, facts, EVERYTHING).row


def test_a_list_with_an_item_that_has_no_id_says_nothing_of_all_items_once_raw_was_read() -> None:
    listed: Json = {
        "items": [*items("a", quantity=1), {"product_id": "nameless"}],
        "currency": "EUR",
        "grand_total": 100,
    }
    opened = fact("order.opened", clock(2), n=1, **listed)
    facts = [opened, paid("captured", 4, "c", 100), fact("order.items_cancelled", clock(5), n=4, items=items("a"))]
    older = of_version_3(row_of(facts), knows_unclear=False)
    assert (state_of_row(older)["status"], load(older).version) == ("cancelled", 3)
    assert unread_sources(older) == ["0:1", "0:4"]
    assert state_of(*facts)["status"] == "open"


def test_what_goes_back_lost_its_minus_whether_raw_has_it_or_not() -> None:
    """Version 3 kept the sign of what a return and a refund request give back."""
    asked = fact("refund_request.issued", clock(5), id="ask", amount=5)
    came = back("back", 6, total_refund_amount=9, total_refund_amount_adjusted=7)
    row = msgspec.msgpack.decode(of_version_3(row_of([asked, came])))
    [*_, returns, requests] = row[7][:8]
    requests["ask"][1][0] = "-5"
    returns["back"][1][0][4:6] = ["-9", "-7"]
    older = msgspec.msgpack.encode(row)
    assert load(older).slots.refund_requests == load(row_of([asked])).slots.refund_requests
    assert without_arrival(state_of_row(older)) == without_arrival(state_of(asked, came))


@pytest.mark.parametrize("event", ["order.completed", "order.shipped", "order.cancelled"])
def test_the_end_of_an_order_says_of_each_piece_what_became_of_it_once_raw_was_read(event: str) -> None:
    """Version 3 knew only the last line of an item that has a line for each piece."""
    of_each = [{"id": "A", "quantity": 1, "status": status} for status in ("complete", "cancelled")]
    [older_end, end] = [fact(event, clock(8), n=4, items=lines) for lines in (of_each[1:], of_each)]
    body = {"tenant": TENANT, "name": event, "published_at": clock(8), "payload": {"id": ORDER_ID, "items": of_each}}
    older = of_version_3(row_of([replace(older_end, place=end.place)]))
    assert unread_sources(older) == ["0:4"]
    assert (
        without_revision(brought_up(older, {"0:4": orjson.dumps(body)})).slots.items == load(row_of([end])).slots.items
    )
