"""What happens beside the orders: transfers in chunks, counts, cash drawers, customers, staff."""

from collections import defaultdict
from decimal import Decimal

import pytest

from commands.simulate.inventory import CHUNK
from tests.unit.commands.simulate.retailer import Json, Received, named, received

pytestmark = pytest.mark.thorough  # simulates

_TRANSFER = (
    "inventory_transaction.transfer_order_created",
    "inventory_transaction.items_ready_for_handover",
    "inventory_transaction.asn_created",
    "inventory_transaction.items_received",
    "inventory_transaction.asn_closed",
    "inventory_transaction.transfer_order_closed",
)


def by(field: str, *names: str) -> dict[str, list[Received]]:
    found = defaultdict(list)
    for event in named(*names):
        found[str(event.payload[field])].append(event)
    return found


def test_large_lists_come_in_numbered_chunks_of_one_id() -> None:
    chunked = [event for event in received() if "chunk_number" in event.payload]
    of_one: dict[tuple[str, str], list[Json]] = defaultdict(list)
    for event in chunked:
        of_one[event.name, event.payload["id"]].append(event.payload)
    assert {1, 3} <= {len(chunks) for chunks in of_one.values()} <= {1, 2, 3}
    for chunks in of_one.values():
        assert [chunk["chunk_number"] for chunk in chunks] == list(range(1, len(chunks) + 1))
        assert {chunk.get("total_chunks", len(chunks)) for chunk in chunks} == {len(chunks)}
        assert all(0 < len(chunk["items"]) <= CHUNK for chunk in chunks)


def test_a_transfer_is_ordered_announced_received_and_closed() -> None:
    transfers: dict[str, list[Received]] = defaultdict(list)
    for event in named(*_TRANSFER):
        transfers[event.payload.get("transfer_order_ref") or event.payload["order_ref"]].append(event)
    assert len(transfers) == 15
    for events in transfers.values():
        assert tuple(dict.fromkeys(event.name for event in events)) == _TRANSFER
        opened, closed = events[0].payload["id"], events[-1].payload["id"]
        assert opened == closed


def pieces(events: list[Received]) -> dict[str, Decimal]:
    found: dict[str, Decimal] = defaultdict(Decimal)
    for event in events:
        for item in event.payload["items"]:
            found[item["product_id"]] += item["quantity"]
    return found


def test_what_is_received_is_what_was_announced_though_not_always_at_once() -> None:
    announced = by("id", "inventory_transaction.asn_created")
    arrived = by("asn_id", "inventory_transaction.items_received")
    assert {asn: pieces(events) for asn, events in announced.items()} == {
        asn: pieces(events) for asn, events in arrived.items()
    }
    assert {len({event.payload["id"] for event in events}) for events in arrived.values()} == {1, 2}


def test_a_cash_drawers_count_is_its_float_and_what_went_in_and_out() -> None:
    names = ("float_defined", "transaction_completed", "activity_recorded", "count_submitted")
    drawers = by("id", *(f"cash_drawer.{name}" for name in names))
    lacking = set()
    for events in drawers.values():
        *before, counted = (event.payload for event in events)
        assert counted["expected_amount"] == sum(payload["amount"] for payload in before)
        assert 0 <= counted["expected_amount"] - counted["counted_amount"] < 1
        lacking.add(counted["expected_amount"] != counted["counted_amount"])
    assert lacking == {True, False}


def test_drawers_customers_employees_and_addresses_are_made_before_they_change() -> None:
    for made, changed in (
        ("cash_drawer.drawer_created", "cash_drawer.drawer_updated"),
        ("customer.created", "customer.updated"),
        ("customer.address_created", "customer.address_updated"),
        ("customer.address_created", "customer.address_deleted"),
        ("employee.created", "employee.updated"),
    ):
        known = {event.payload["id"]: event.moment for event in named(made)}
        later = named(changed)
        assert later
        assert all(known[event.payload["id"]] < event.moment for event in later)


def test_imported_orders_are_old_and_come_in_bursts() -> None:
    imported = [event for event in named("order.created") if event.payload["is_historical"]]
    assert len(imported) > 40
    assert all(event.payload["created_at"] < "2025-12-03" for event in imported)
    orders = {event.payload["id"] for event in imported}
    completed = [event.moment for event in named("order.completed") if event.payload["id"] in orders]
    seconds = [(event.moment.replace(microsecond=0)) for event in imported]
    assert len(completed) == len(imported)
    assert max(map(seconds.count, seconds)) > 3
