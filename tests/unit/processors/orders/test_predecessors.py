"""Events that must have happened but were not seen."""

import pytest

from processors.orders.apply import OrderRules
from processors.orders.fact import Fact
from schemas.events import EVENT_NAMES
from schemas.routing import aggregate_of
from tests.unit.processors.orders.facts import back, clock, fact, in_any_order, items, paid, pieces, request, state_of

CREATED = fact("order.created", clock(0), items=items("A"))
OPENED = fact("order.opened", clock(1), items=items("A"))
STEPS = ["items_ready_for_handover", "items_failed", "items_completed"]
OF_ORDERS = sorted(name for name in EVENT_NAMES if aggregate_of(name) == "orders")
NEED_OPENED = {
    "fulfillment_request.assigned",
    "fulfillment_request.items_completed",
    "fulfillment_request.items_failed",
    "fulfillment_request.items_ready_for_handover",
    "invoice.created",
    "order.completed",
    "order.shipped",
}


@pytest.mark.parametrize("event", [*OF_ORDERS, "order.gift_wrapped", "invoice.eaten"])
def test_every_event_needs_the_order_to_be_created(event: str) -> None:
    state = state_of(fact(event))
    assert state["provisional"] is (event != "order.created")
    assert ("order.created" in state["missing"]) is state["provisional"]


@pytest.mark.parametrize("event", [name for name in OF_ORDERS if name != "order.created"])
def test_what_comes_after_the_grace_period_needs_the_order_to_be_opened(event: str) -> None:
    missing = in_any_order(CREATED, fact(event, clock(5)))["missing"]
    assert ("order.opened" in missing) is (event in NEED_OPENED)


def test_an_unknown_event_of_a_request_needs_the_order_to_be_opened_and_no_assignment() -> None:
    assert in_any_order(CREATED, request("items_teleported", 3, "A"))["missing"] == ["order.opened"]


@pytest.mark.parametrize("step", STEPS)
def test_a_requests_events_need_its_own_assignment(step: str) -> None:
    facts = [CREATED, OPENED, request("assigned", 2, "A"), request(step, 3, "A", request_id="request-2")]
    assert in_any_order(*facts)["missing"] == ["fulfillment_request.assigned:request-2"]
    assert in_any_order(*facts, request("assigned", 2, "A", request_id="request-2"))["missing"] == []


@pytest.mark.parametrize("step", STEPS)
@pytest.mark.parametrize(("level", "needed"), [("IN_STORE_HANDOVER", False), ("STANDARD", True), (None, True)])
def test_a_handover_in_the_store_needs_no_assignment(step: str, level: str | None, needed: bool) -> None:
    missing = in_any_order(CREATED, OPENED, request(step, 3, "A", service_level=level))["missing"]
    assert missing == (["fulfillment_request.assigned:request-1"] if needed else [])


def test_any_event_of_a_request_may_tell_that_it_is_a_handover_in_the_store() -> None:
    ready = request("items_ready_for_handover", 3, "A", service_level="IN_STORE_HANDOVER")
    assert in_any_order(CREATED, OPENED, ready, request("items_completed", 4, "A"))["missing"] == []


def test_with_its_predecessors_an_order_is_final() -> None:
    state = in_any_order(CREATED, OPENED, request("assigned", 2), request("items_completed", 3))
    assert (state["missing"], state["provisional"]) == ([], False)


def test_missing_names_are_sorted() -> None:
    facts = [request("items_failed", 3, request_id=each) for each in ("b", "a")]
    assert in_any_order(*facts)["missing"] == [
        "fulfillment_request.assigned:a",
        "fulfillment_request.assigned:b",
        "order.created",
        "order.opened",
    ]


@pytest.mark.parametrize("name", ["order.created", "order.opened"])
def test_of_an_imported_order_nothing_is_ever_missing(name: str) -> None:
    imported = fact(name, clock(0), items=items("A"), is_historical=True)
    facts = [fact("order.completed", clock(5)), request("items_completed", 3, "A"), back("r", 9, pieces("A"))]
    state = in_any_order(imported, *facts)
    assert (state["missing"], state["provisional"]) == ([], False)


def test_an_order_cancelled_before_it_is_opened_lacks_nothing() -> None:
    cancelled = fact("order.cancelled", clock(5), items=items("A"))
    early = state_of(cancelled)
    assert (early["status"], early["provisional"]) == ("cancelled", True)
    late = in_any_order(cancelled, CREATED)
    assert (late["status"], late["provisional"], late["missing"]) == ("cancelled", False, [])


@pytest.mark.parametrize(
    "event",
    [
        fact("order.items_cancelled", clock(5), items=items("A")),
        fact("order.items_swapped", clock(5), items=items("A")),
        fact("order.items_on_hold", clock(5), items=items("A")),
        paid("captured", 5, "t", 5),
        back("r", 5, pieces("A")),
    ],
)
def test_what_may_happen_in_the_grace_period_or_after_the_end_needs_no_opened_order(event: Fact) -> None:
    assert in_any_order(CREATED, event)["missing"] == []


def test_names_the_integration_is_not_subscribed_to_are_never_missing() -> None:
    def missing(*subscribed: str) -> list[str]:
        state = state_of(request("items_completed", 3), rules=OrderRules(events=frozenset(subscribed)))
        assert state["provisional"] is bool(state["missing"])
        return [str(name) for name in state["missing"]]

    assert missing("fulfillment_request.items_completed") == []
    assert missing("order.opened") == ["order.opened"]
    assert missing("order.created") == ["order.created"]
    assert missing("fulfillment_request.assigned") == ["fulfillment_request.assigned:request-1"]
