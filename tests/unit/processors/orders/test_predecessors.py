"""What must have happened but was not seen."""

from processors.orders.status import FoldRules
from tests.unit.processors.orders.facts import clock, fact, request, state_of

CREATED = fact("order.created", clock(0))
OPENED = fact("order.opened", clock(1))


def test_every_event_needs_the_order_to_be_created() -> None:
    for event in ("order.opened", "invoice.created", "payment_account.amount_voided", "order.gift_wrapped"):
        state = state_of(fact(event))
        assert (state["missing"], state["provisional"]) == (["order.created"], True)


def test_with_its_predecessors_an_order_is_final() -> None:
    state = state_of(CREATED, OPENED, request("assigned", 2), request("items_completed", 3))
    assert (state["missing"], state["provisional"]) == ([], False)


def test_completion_and_fulfilment_need_the_order_to_be_opened() -> None:
    assert state_of(CREATED, fact("order.completed", clock(5)))["missing"] == ["order.opened"]
    assert state_of(CREATED, request("assigned", 2))["missing"] == ["order.opened"]


def test_a_cancelled_order_need_not_have_been_opened() -> None:
    assert state_of(CREATED, fact("order.cancelled", clock(5)))["missing"] == []


def test_a_requests_events_need_its_own_assignment() -> None:
    facts = [CREATED, OPENED, request("assigned", 2), request("items_teleported", 3, request_id="request-2")]
    assert state_of(*facts)["missing"] == ["fulfillment_request.assigned:request-2"]
    assert state_of(*facts, request("assigned", 2, request_id="request-2"))["missing"] == []


def test_missing_names_are_sorted() -> None:
    facts = [request("items_failed", 3, request_id=each) for each in ("b", "a")]
    assert state_of(*facts)["missing"] == [
        "fulfillment_request.assigned:a",
        "fulfillment_request.assigned:b",
        "order.created",
        "order.opened",
    ]


def test_a_request_without_a_usable_id_lacks_no_assignment() -> None:
    nameless = fact("fulfillment_request.items_failed", id=None)
    assert state_of(CREATED, OPENED, nameless)["missing"] == []


def test_names_the_integration_is_not_subscribed_to_are_never_missing() -> None:
    facts = [request("items_completed", 3)]

    def missing(*subscribed: str) -> list[str]:
        state = state_of(*facts, rules=FoldRules(events=frozenset(subscribed)))
        assert state["provisional"] is bool(state["missing"])
        return [str(name) for name in state["missing"]]

    assert missing("fulfillment_request.items_completed") == []
    assert missing("order.opened") == ["order.opened"]
    assert missing("order.created") == ["order.created"]
    assert missing("fulfillment_request.assigned") == ["fulfillment_request.assigned:request-1"]
