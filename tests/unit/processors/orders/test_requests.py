"""Fulfilment requests: within one, an item's state only goes up, whatever the clock says."""

import pytest

from processors.orders.fact import Fact
from tests.unit.processors.orders.facts import Json, clock, fact, in_any_order, items, request

OPENED = fact("order.opened", clock(1), items=items("A", "B", quantity=1))
STEPS = {
    "assigned": "assigned",
    "items_ready_for_handover": "ready",
    "items_failed": "failed",
    "items_completed": "completed",
}


@pytest.mark.parametrize(
    ("facts", "status"),
    [
        ([request("assigned", 2, "A", "B")], "assigned"),
        ([request("items_ready_for_handover", 3, "A", "B")], "ready"),
        ([request("items_ready_for_handover", 3, "A"), request("items_failed", 3, "B")], "ready"),
        ([request("items_completed", 3, "A"), request("assigned", 2, "A", "B")], "partially_completed"),
        ([request("items_completed", 3, "A"), request("items_ready_for_handover", 2, "B")], "partially_completed"),
        ([request("items_completed", 3, "A", "B")], "completed"),
        ([request("items_completed", 3, "A"), request("items_failed", 4, "B")], "completed"),
        ([request("items_completed", 3, "A")], "completed"),
        ([request("items_failed", 3, "A", "B")], "failed"),
    ],
)
def test_a_request_sums_up_its_items(facts: list[Fact], status: str) -> None:
    assert in_any_order(OPENED, *facts)["fulfillment_requests"]["request-1"]["status"] == status


@pytest.mark.parametrize("later", list(STEPS))
@pytest.mark.parametrize("earlier", list(STEPS))
def test_in_a_request_an_item_is_as_far_as_any_event_says(earlier: str, later: str) -> None:
    furthest = max(earlier, later, key=list(STEPS).index)
    state = in_any_order(OPENED, request(earlier, 2, "A"), request(later, 9, "A"))
    assert state["fulfillment_requests"]["request-1"]["items"]["A"]["status"] == STEPS[furthest]


@pytest.mark.parametrize("clocks", [(2, 3, 4), (9, 5, 1)])
def test_an_item_in_a_request_is_what_its_first_fact_names_and_in_the_parcel_of_its_furthest(
    clocks: tuple[int, int, int],
) -> None:
    """No clock decides between steps. What the furthest step leaves out, an earlier one has said."""
    steps = ("assigned", "items_ready_for_handover", "items_completed")
    carriers = ("UPS", "DHL", None)
    facts = [
        fact(
            f"fulfillment_request.{step}",
            clock(second),
            id="request-1",
            logical_timestamp=n,
            items=[{"id": "A", "product_id": f"product-{second}", "carrier": carrier, "tracking_code": f"{step}-code"}],
        )
        for n, (step, second, carrier) in enumerate(zip(steps, clocks, carriers, strict=True))
    ]
    item = in_any_order(OPENED, *facts)["fulfillment_requests"]["request-1"]["items"]["A"]
    assert item["product_id"] == f"product-{min(clocks)}"
    assert (item["carrier"], item["tracking_code"]) == ("DHL", "items_completed-code")


def test_rerouting_gives_a_new_request_and_the_old_one_keeps_its_state() -> None:
    state = in_any_order(
        OPENED,
        request("assigned", 2, "A", fulfillment_location_id="US01"),
        request("items_failed", 3, "A", fulfillment_location_id="US01"),
        request("assigned", 4, "A", request_id="request-2", fulfillment_location_id="US02"),
    )
    assert {key: each["status"] for key, each in state["fulfillment_requests"].items()} == {
        "request-1": "failed",
        "request-2": "assigned",
    }
    item = state["items"]["A"]
    assert (item["fulfillment_request_id"], item["fulfillment_location_id"]) == ("request-2", "US02")


def test_what_becomes_of_other_items_makes_no_older_request_the_place_of_one_that_was_rerouted() -> None:
    facts = [
        request("assigned", 5, "A", "B", fulfillment_location_id="US01"),
        request("assigned", 8, "A", request_id="request-2", fulfillment_location_id="US02"),
        request("items_completed", 10, "B", fulfillment_location_id="US01"),
    ]
    items_ = in_any_order(OPENED, *facts)["items"]
    assert {item_id: item["fulfillment_location_id"] for item_id, item in items_.items()} == {"A": "US02", "B": "US01"}


def test_of_two_requests_that_completed_an_item_the_one_that_did_so_last_has_its_parcel() -> None:
    facts = [
        request("items_completed", 5, "A"),
        request("items_completed", 8, "A", request_id="request-2"),
        request("items_completed", 10, "B"),
    ]
    assert in_any_order(OPENED, *facts)["items"]["A"]["fulfillment_request_id"] == "request-2"


def test_where_no_assignment_is_known_the_request_that_was_heard_of_last_counts() -> None:
    facts = [
        request("assigned", 5, "A"),
        request("items_ready_for_handover", 8, "A", request_id="in-store", service_level="IN_STORE_HANDOVER"),
    ]
    assert in_any_order(OPENED, *facts)["items"]["A"]["fulfillment_request_id"] == "in-store"


def test_a_request_says_what_is_known_of_it() -> None:
    shipment = {"carrier": "UPS", "tracking_code": "1Z", "shipped_at": "2024-05-01T09:00:00"}
    known: Json = {"fulfillment_location_id": "US01", "service_level": "STANDARD", "associate_id": "4"}
    done = fact(
        "fulfillment_request.items_completed",
        clock(3),
        id="request-1",
        logical_timestamp=3,
        items=[{**items("A")[0], **shipment}],
        **known,
    )
    assert in_any_order(OPENED, request("assigned", 2, "A", "B"), done)["fulfillment_requests"] == {
        "request-1": {
            "status": "partially_completed",
            **known,
            "items": {
                "A": {
                    "status": "completed",
                    "product_id": "product-A",
                    **shipment,
                    "shipped_at": "2024-05-01T09:00:00Z",
                },
                "B": {
                    "status": "assigned",
                    "product_id": "product-B",
                    "carrier": None,
                    "tracking_code": None,
                    "shipped_at": None,
                },
            },
        }
    }


def test_an_item_is_where_it_was_completed_whoever_is_asked_later() -> None:
    state = in_any_order(
        OPENED,
        request("items_completed", 3, "A", fulfillment_location_id="US01"),
        request("assigned", 9, "A", request_id="request-2", fulfillment_location_id="US02"),
    )
    item = state["items"]["A"]
    assert (item["fulfillment_request_id"], item["fulfillment_location_id"]) == ("request-1", "US01")


def test_a_request_that_failed_is_no_place_of_its_items() -> None:
    failed = request("items_failed", 9, "A", request_id="request-2", fulfillment_location_id="US02")
    item = in_any_order(OPENED, failed)["items"]["A"]
    assert (item["fulfillment_request_id"], item["fulfillment_location_id"]) == (None, None)
    assigned = request("assigned", 3, "A", fulfillment_location_id="US01")
    item = in_any_order(OPENED, failed, assigned)["items"]["A"]
    assert (item["fulfillment_request_id"], item["fulfillment_location_id"]) == ("request-1", "US01")


@pytest.mark.parametrize("places", [("US01", "US02"), ("US02", "US01")])
@pytest.mark.parametrize(("before", "after"), [(9, 10), (0, 1), (None, 0), ("soon", 0)])
def test_at_one_instant_the_logical_timestamp_decides_and_as_a_number(
    before: object, after: object, places: tuple[str, str]
) -> None:
    facts = [
        fact(
            "fulfillment_request.assigned",
            clock(3),
            id="request-1",
            logical_timestamp=count,
            fulfillment_location_id=place,
            items=items("A"),
        )
        for count, place in zip((before, after), places, strict=True)
    ]
    found = in_any_order(OPENED, *facts)["fulfillment_requests"]["request-1"]["fulfillment_location_id"]
    assert found == places[1]


def test_the_logical_timestamp_decides_nothing_between_steps() -> None:
    facts = [
        fact(
            f"fulfillment_request.{step}",
            clock(3),
            id="request-1",
            logical_timestamp=count,
            fulfillment_location_id=place,
            items=items("A"),
        )
        for step, count, place in (("assigned", 9, "US01"), ("items_ready_for_handover", 2, "US02"))
    ]
    [found] = in_any_order(OPENED, *facts)["fulfillment_requests"].values()
    assert found["fulfillment_location_id"] == "US02"


def test_a_request_without_a_usable_id_is_kept_under_its_key() -> None:
    nameless = fact("fulfillment_request.items_failed", clock(3), id=None, items=items("A"))
    assert list(in_any_order(OPENED, nameless)["fulfillment_requests"]) == [nameless.key]


def test_an_unknown_event_of_a_request_makes_none_and_names_no_item() -> None:
    state = in_any_order(OPENED, request("items_teleported", 3, "A", "X", fulfillment_location_id="US01"))
    assert (state["fulfillment_requests"], sorted(state["items"])) == ({}, ["A", "B"])
    assert state["items"]["A"]["fulfillment_location_id"] is None
