"""Whatever an event refers to was there before."""

import itertools
from collections import Counter

import pytest

from schemas.routing import order_id_of
from tests.unit.commands.simulate.retailer import ORDERS, Received, by_order, named, of, received

pytestmark = pytest.mark.thorough  # simulates

_FROM_BEFORE = {"return.processed", "payment_account.amount_refunded"}


def item_ids(event: Received) -> set[str]:
    return {item["id"] for item in event.payload["items"]}


def test_orders_that_were_never_created_are_from_before_and_only_send_something_back() -> None:
    events = [(order_id_of(event.name, event.payload), event.name) for event in received()]
    unknown = [(order_id, name) for order_id, name in events if order_id and order_id not in by_order()]
    assert {name for _, name in unknown} == _FROM_BEFORE
    assert len({order_id for order_id, _ in unknown}) == ORDERS // 100


def test_every_id_of_an_entity_belongs_to_one_order() -> None:
    names = ("fulfillment_request.assigned", "invoice.created", "return.processed", "refund_request.issued")
    owners: dict[str, set[str | None]] = {}
    for event in named(*names):
        owners.setdefault(event.payload["id"], set()).add(event.payload.get("order_id"))
    assert all(len(orders) == 1 for orders in owners.values())


def test_events_name_only_items_that_the_order_has_at_the_time() -> None:
    """Swapped and cancelled items are never named again, and returned ones are not returned again."""
    for events in by_order().values():
        present = item_ids(events[0])
        returnable: set[str] = set()
        for event in (each for each in events if "items" in each.payload):
            if event.name == "order.items_swapped":
                present -= {item["swapped_item_id"] for item in event.payload["items"]}
                present |= item_ids(event)
            assert item_ids(event) <= present, event
            if event.name == "order.items_cancelled":
                present -= item_ids(event)
            elif event.name == "fulfillment_request.items_completed":
                assert len(item_ids(event)) == 1
                assert not item_ids(event) & returnable
                returnable |= item_ids(event)
            elif event.name == "return.processed":
                assert item_ids(event) <= returnable
                returnable -= item_ids(event)


def test_requests_are_assigned_before_anything_happens_to_them_and_then_count_up() -> None:
    for events in by_order().values():
        assigned: dict[str, set[str]] = {}
        timestamps = []
        for event in (each for each in events if each.name.startswith("fulfillment_request.")):
            timestamps.append(event.payload["logical_timestamp"])
            if event.name == "fulfillment_request.assigned":
                assert event.payload["id"] not in assigned
                assigned[event.payload["id"]] = item_ids(event)
            assert item_ids(event) <= assigned[event.payload["id"]]
        assert timestamps == sorted(set(timestamps))


def test_rerouted_items_go_to_another_location_under_another_request() -> None:
    rerouted = 0
    for events in by_order().values():
        assigned = of(events, "fulfillment_request.assigned")
        failed = of(events, "fulfillment_request.items_failed")
        if len(assigned) == 2 and failed and failed[0]["items"] == assigned[0]["items"] == assigned[1]["items"]:
            rerouted += 1
            assert assigned[0]["id"] == failed[0]["id"] != assigned[1]["id"]
            assert assigned[0]["fulfillment_location_id"] != assigned[1]["fulfillment_location_id"]
    assert rerouted


def test_split_orders_are_fulfilled_by_two_locations_side_by_side() -> None:
    split = [
        of(events, "fulfillment_request.items_completed")
        for events in by_order().values()
        if len(of(events, "fulfillment_request.assigned")) == 2 and not of(events, "fulfillment_request.items_failed")
    ]
    assert split
    places = [[payload["fulfillment_location_id"] for payload in completed] for completed in split]
    assert all(len(set(each)) == 2 for each in places)
    changes = [sum(a != b for a, b in itertools.pairwise(each)) for each in places]
    assert max(changes) > 1


def test_an_exchange_names_the_order_and_the_return_it_replaces() -> None:
    exchanges = [event for event in named("order.created") if event.payload["is_exchange"]]
    assert exchanges
    for event in exchanges:
        (replaced,) = event.payload["exchanges"]
        before = [each for each in by_order()[replaced["order_id"]] if each.moment < event.moment]
        assert replaced["return_id"] in {payload["id"] for payload in of(before, "return.processed")}


def test_blind_returns_name_no_order() -> None:
    blind = [event for event in named("return.processed") if "order_id" not in event.payload]
    assert len(blind) == ORDERS // 40
    assert not Counter(event.payload["id"] for event in blind) - Counter({event.payload["id"] for event in blind})


def test_customers_and_employees_were_there_before_what_names_them() -> None:
    known = {"unknown"}
    for event in received():
        if event.name in {"customer.created", "employee.created"}:
            known.add(event.payload["id"])
        for field in ("customer_id", "associate_id"):
            assert event.payload.get(field, "unknown") in known, event


def test_refunds_of_payments_are_made_by_an_instrument_that_the_order_was_paid_with() -> None:
    for events in by_order().values():
        paid_with = {
            part["instrument_id"]
            for payload in of(events, "payment_account.amount_authorized")
            for part in payload["transactions"]
        }
        for payload in of(events, "payment_account.amount_captured", "payment_account.amount_refunded"):
            used = {part["instrument_id"] for part in payload["transactions"]}
            assert used <= paid_with
            assert used == {instrument["id"] for instrument in payload["instruments"]}
