"""Whose orders there are, by a changelog's rows."""

from collections.abc import Sequence
from typing import Any

import pytest

from commands.erase.orders import KeptOrder, RowsOfALaterVersion, Search, is_of
from commands.erase.reading import Meant
from processors.orders.apply import OrderRules, apply, list_unprocessed
from processors.orders.older_rows import load
from processors.orders.table import TOTALS_KEY, UNPROCESSED, row_key
from processors.orders.unprocessed import Unprocessed, pack, unprocessed
from processors.orders.waiting import WaitingRoom
from tests.unit.processors.orders.facts import clock, fact, of_a_later_version
from tests.unit.processors.orders.units import FakeUnit, event_record

KEY = row_key(b"order-1")
OTHER = row_key(b"order-2")


def row(event: str = "order.opened", before: bytes | None = None, **said: Any) -> bytes:
    return apply(before, [fact(event, clock(len(before or b"") and 9), **said)], OrderRules()).row


ADAS = row(customer_id="c-1", customer_email="Ada@Example.com")


@pytest.mark.parametrize("customer", ["c-1", "Ada@Example.com", "ada@example.COM", " ada@example.com "])
def test_an_order_is_its_customers_by_id_and_by_address(customer: str) -> None:
    assert is_of(load(ADAS), customer)


@pytest.mark.parametrize("customer", ["c-2", "C-1", "c-1 ", "ada", "example.com", ""])
def test_nobody_elses(customer: str) -> None:
    assert not is_of(load(ADAS), customer)


def test_nor_is_one_that_names_nobody() -> None:
    assert not is_of(load(row()), "")
    assert not is_of(load(row("order.completed")), "c-1")


def test_both_are_meant_where_created_and_opened_name_different_ones() -> None:
    both = row("order.created", ADAS, customer_id="c-2")
    assert [is_of(load(both), customer) for customer in ("c-1", "c-2", "c-3")] == [True, True, False]


def found(search: Search) -> dict[str, bool]:
    return {order.order_id: order.is_kept for order in search.orders()}


def test_what_came_last_of_an_order_counts() -> None:
    search = Search(Meant([], ["c-1"]))
    for key, value in ((KEY, ADAS), (OTHER, ADAS), (TOTALS_KEY, b"{}"), (b"due/12345678order-1", b"1"), (OTHER, None)):
        search.take(3, key, value)
    assert found(search) == {"order-1": True}
    search.take(3, KEY, None)
    assert found(search) == {}


@pytest.mark.parametrize("turn", [(1, 5), (5, 1)], ids=["the old partition first", "the new one first"])
def test_an_order_that_a_migration_has_moved_is_found_whichever_partition_is_read_first(turn: Sequence[int]) -> None:
    """The tombstone in the old partition says nothing of the row in the new one."""
    rows: dict[bytes, bytes | None] = {}
    room = WaitingRoom(FakeUnit([], rows), "orders", 0)  # type: ignore[arg-type]  # takes the unit's place
    room.add("order-2", [event_record(1, "order.opened", id="order-2", customer_id="c-1")])
    moved = [(KEY, ADAS), *rows.items()]
    logs = {1: [*moved, *((key, None) for key, _ in moved)], 5: moved}
    search = Search(Meant([], ["c-1"]))
    for partition in turn:
        for key, value in logs[partition]:
            search.take(partition, key, value)
    assert found(search) == {"order-1": True, "order-2": True}


def test_an_order_is_its_customers_before_the_event_is_joined_that_says_so() -> None:
    """Events of a large order wait in rows of their own."""
    rows: dict[bytes, bytes | None] = {KEY: row("order.completed")}
    room = WaitingRoom(FakeUnit([], rows), "orders", 0)  # type: ignore[arg-type]  # takes the unit's place
    named: dict[str, Any] = {"customer_id": "c-1", "items": []}
    room.add("order-1", [event_record(1, "order.opened", id="order-1", **named)], rows[KEY])
    room.add("order-2", [event_record(2, "customer.note", order_id="order-2", **named)], rows[KEY])
    search = Search(Meant([], ["c-1"]))
    for key, value in rows.items():
        search.take(3, key, value)
    assert found(search) == {"order-1": True}
    for key in rows:
        search.take(3, key, None)
    assert found(search) == {}


def kept_aside(n: int, event: str, **said: Any) -> tuple[bytes, bytes, Unprocessed]:
    """Key and row of an event that could not be joined, and its entry in the order's row."""
    record = event_record(n, event, **said)
    aside = unprocessed(record.value, dict(record.headers), "ValueError: nobody expects this")
    assert aside is not None
    return UNPROCESSED + aside.source.encode(), pack(record.value, dict(record.headers)), aside


@pytest.mark.parametrize(
    ("event", "said", "is_its"),
    [
        ("order.created", {"customer_email": "ada@example.com"}, True),
        ("order.opened", {"external_customer_id": 7}, True),
        ("order.created", {"customer_id": "c-2", "channel": "c-1"}, False),
        ("order.shipped", {"customer_id": "c-1"}, False),
    ],
)
def test_an_order_is_its_customers_where_the_event_could_not_be_joined_that_says_so(
    event: str, said: dict[str, Any], is_its: bool
) -> None:
    """The order's row lists the event and names nobody: the body lies in a row of its own."""
    key, kept, aside = kept_aside(1, event, id="order-1", **said)
    applied, _ = list_unprocessed(None, [aside], OrderRules())
    search = Search(Meant([], ["c-1", "7", "Ada@Example.com"]))
    search.take(3, KEY, applied.row)
    search.take(3, key, kept)
    assert found(search) == ({"order-1": True} if is_its else {})
    search.take(3, key, None)
    assert found(search) == {}


def test_orders_are_found_by_id_too_and_named_where_nothing_is_kept() -> None:
    search = Search(Meant(["order-2", "order-1"], []))
    search.take(3, KEY, ADAS)
    assert search.orders() == [KeptOrder("order-1", 1, len(ADAS)), KeptOrder("order-2")]


def test_what_is_kept_beside_orders_is_theirs_by_id_too_and_each_event_counts_once() -> None:
    """If only events were kept, the command said that nothing was, and then removed their bodies."""
    rows: dict[bytes, bytes | None] = {KEY: ADAS}
    room = WaitingRoom(FakeUnit([], rows), "orders", 0)  # type: ignore[arg-type]  # takes the unit's place
    room.add("order-1", [event_record(n, "order.completed", id="order-1") for n in (1, 2)])
    listed_key, rows[listed_key], listed = kept_aside(3, "order.completed", id="order-1")
    rows[KEY] = list_unprocessed(ADAS, [listed], OrderRules())[0].row
    for n, order_id in ((4, "order-1"), (5, "order-2"), (6, "order-2"), (7, "order-3")):
        key, rows[key], _ = kept_aside(n, "refund_request.issued", order_id=order_id)
    search = Search(Meant(["order-1", "order-2"], []))
    for key, value in rows.items():
        search.take(3, key, value)
    assert [(order.order_id, order.events) for order in search.orders()] == [("order-1", 5), ("order-2", 2)]
    sizes = [len(value) for key, value in rows.items() if value and b"order-3" not in value]
    assert sum(order.row_bytes for order in search.orders()) == sum(sizes)


def test_a_row_that_a_migration_has_in_two_partitions_counts_once() -> None:
    key, kept, _ = kept_aside(1, "order.opened", id="order-1")
    search = Search(Meant(["order-1"], []))
    for partition in (1, 5):
        search.take(partition, KEY, ADAS)
        search.take(partition, key, kept)
    assert search.orders() == [KeptOrder("order-1", 2, len(ADAS) + len(kept))]


def test_a_kept_body_beyond_todays_bounds_is_nobodys() -> None:
    """Such a body ended the search in a traceback: while one was kept, no customer's orders could be found."""
    key, kept, _ = kept_aside(1, "order.opened", id="order-1", customer_id="c-1")
    deep = kept.replace(b'"customer_id":"c-1"', b'"customer_id":"c-1","x":' + b"[" * 600 + b"]" * 600)
    assert deep != kept
    search = Search(Meant(["order-1"], ["c-1"]))
    search.take(3, key, deep)
    assert found(search) == {"order-1": False}


def test_rows_of_other_orders_need_not_be_readable() -> None:
    search = Search(Meant(["order-1"], []))
    search.take(3, OTHER, b"\x9enonsense")
    assert found(search) == {"order-1": False}


def test_a_later_versions_rows_are_not_guessed_at() -> None:
    with pytest.raises(RowsOfALaterVersion, match="run the command of that version"):
        Search(Meant([], ["c-1"])).take(3, KEY, of_a_later_version(ADAS))
