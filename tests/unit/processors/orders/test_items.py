"""Items: which there are, what is known of them, and their status."""

import pytest

from processors.orders.fact import Fact
from tests.unit.processors.orders.facts import clock, fact, items, request, state_of, statuses

OPENED = fact("order.opened", clock(0), items=items("A", "B", quantity=1))


@pytest.mark.parametrize(
    ("facts", "status"),
    [
        ([], "pending"),
        ([request("assigned", 1, "A")], "in_fulfillment"),
        ([request("items_ready_for_handover", 1, "A")], "in_fulfillment"),
        ([request("items_failed", 1, "A")], "pending"),
        ([request("items_completed", 1, "A")], "complete"),
        ([fact("order.items_on_hold", clock(1), items=items("A"))], "on_hold"),
        ([fact("order.items_cancelled", clock(1), items=items("A"))], "cancelled"),
        ([fact("order.items_swapped", clock(1), items=items("A"))], "pending"),
        ([fact("order.shipped", clock(1), items=items("A"))], "complete"),
        ([fact("return.processed", clock(1), items=items("A", quantity=1))], "returned"),
        ([request("assigned", 1, "A"), request("items_failed", 2, "A")], "pending"),
        (
            [
                request("assigned", 1, "A"),
                request("items_failed", 2, "A"),
                request("assigned", 3, "A", request_id="request-2"),
                request("items_completed", 4, "A", request_id="request-2"),
            ],
            "complete",
        ),
        ([request("items_completed", 1, "A"), request("items_teleported", 2, "A")], "complete"),
    ],
)
def test_an_items_status_is_that_of_the_last_fact_about_it(facts: list[Fact], status: str) -> None:
    expected = {"A": status, "B": "pending"}
    assert statuses(state_of(OPENED, *facts)) == expected
    assert statuses(state_of(*reversed(facts), OPENED)) == expected


def test_the_orders_own_list_never_takes_a_status_back() -> None:
    late = fact("order.opened", clock(9), items=items("A", "B", status="opened"))
    assert statuses(state_of(request("items_completed", 1, "A"), late)) == {"A": "complete", "B": "pending"}


def test_completion_states_what_became_of_items_nothing_else_was_seen_of() -> None:
    done = fact(
        "order.completed",
        clock(5),
        items=[*items("A", status="complete"), *items("B", status="cancelled"), *items("C", status="finished")],
    )
    assert statuses(state_of(OPENED, done)) == {"A": "complete", "B": "cancelled", "C": "complete"}


def test_what_happened_to_an_item_outranks_what_the_orders_end_says_of_it() -> None:
    facts = [
        request("items_completed", 1, "A"),
        fact("order.items_cancelled", clock(1), items=items("B")),
        fact("order.cancelled", clock(2), items=items("A", "B", status="complete")),
    ]
    assert statuses(state_of(OPENED, *facts)) == {"A": "complete", "B": "cancelled"}


def test_cancelling_the_order_cancels_every_item_that_waits_named_or_not() -> None:
    cancelled = fact("order.cancelled", clock(2), items=items("A"))
    facts = [OPENED, request("assigned", 1, "A", "B"), request("items_completed", 1, "C"), cancelled]
    assert statuses(state_of(*facts)) == {"A": "cancelled", "B": "cancelled", "C": "complete"}


def test_cancelling_the_order_holds_at_any_instant() -> None:
    cancelled = fact("order.cancelled", "no time", items=[])
    assert statuses(state_of(OPENED, cancelled)) == {"A": "cancelled", "B": "cancelled"}


def test_an_item_is_returned_once_all_its_pieces_are() -> None:
    opened = fact("order.opened", clock(0), items=items("A", quantity=3))
    done = request("items_completed", 1, "A")
    two = fact("return.processed", clock(2), id="return-1", items=items("A", quantity=2))
    one = fact("return.processed", clock(3), id="return-2", items=items("A", quantity=1))
    some = state_of(opened, done, two)["items"]["A"]
    assert (some["status"], some["returned_quantity"]) == ("complete", 2)
    every = state_of(opened, done, two, one)["items"]["A"]
    assert (every["status"], every["returned_quantity"]) == ("returned", 3)


def test_an_item_carries_what_is_known_of_it_with_exact_money() -> None:
    listed = items(
        "A", item_type="product", quantity=1, list_price=58, item_discounts=5.5, order_discounts=0.0, tax=4.94
    )
    shipped = fact(
        "fulfillment_request.items_completed",
        clock(2),
        fulfillment_location_id="US01",
        items=[
            {
                "id": "A",
                "product_id": "other",
                "carrier": "UPS",
                "tracking_code": "1Z",
                "shipped_at": "2024-05-01T09:00:00",
            }
        ],
    )
    state = state_of(fact("order.opened", clock(1), items=listed), shipped)
    assert state["items"]["A"] == {
        "status": "complete",
        "ordered": True,
        "product_id": "product-A",
        "item_type": "product",
        "quantity": 1,
        "returned_quantity": 0,
        "list_price": "58",
        "item_discounts": "5.5",
        "order_discounts": "0",
        "tax": "4.94",
        "shipping_service_level": None,
        "fulfillment_location_id": "US01",
        "carrier": "UPS",
        "tracking_code": "1Z",
        "shipped_at": "2024-05-01T09:00:00Z",
        "cancellation_reason": None,
    }


def test_the_orders_list_describes_an_item_better_than_facts_before_it() -> None:
    early = request("assigned", 0, "A")
    late = fact("order.opened", clock(5), items=[{"id": "A", "product_id": "real", "quantity": 2}])
    item = state_of(early, late)["items"]["A"]
    assert (item["product_id"], item["quantity"]) == ("real", 2)


def test_a_cancelled_item_keeps_its_reason() -> None:
    cancelled = fact("order.items_cancelled", clock(1), items=items("A", cancellation_reason="out of stock"))
    assert state_of(OPENED, cancelled)["items"]["A"]["cancellation_reason"] == "out of stock"


def test_ordered_are_the_items_of_the_opened_order_or_of_the_created_one_until_that_is_known() -> None:
    created = fact("order.created", clock(0), items=items("A", "B"))
    opened = fact("order.opened", clock(1), items=items("B", "C"))
    swapped = fact("order.items_swapped", clock(2), items=items("D"))

    def ordered(*facts: Fact) -> list[str]:
        return [item_id for item_id, item in state_of(*facts)["items"].items() if item["ordered"]]

    assert ordered(created, swapped) == ["A", "B"]
    assert ordered(created, swapped, opened) == ["B", "C"]


def test_of_a_swap_only_the_ids_it_names_are_certain() -> None:
    swapped = fact("order.items_swapped", clock(2), items=items("C"), old_items=items("A"))
    assert statuses(state_of(OPENED, swapped)) == {"A": "pending", "B": "pending", "C": "pending"}


def test_an_item_named_twice_by_one_fact_is_one_item() -> None:
    twice = [{"id": "A", "product_id": "first"}, {"id": "A", "product_id": "second"}]
    state = state_of(fact("fulfillment_request.items_completed", items=twice))
    assert statuses(state) == {"A": "complete"}
    assert state["items"]["A"]["product_id"] == "first"


@pytest.mark.parametrize(
    "odd",
    [None, "A", 7, {"id": "A"}, ["A", None, 3, [{"id": "A"}]], [{"product_id": "x"}], [{"id": None}], [{"id": ""}]],
)
@pytest.mark.parametrize(
    "event",
    [
        "order.created",
        "order.completed",
        "order.items_on_hold",
        "fulfillment_request.items_completed",
        "return.processed",
    ],
)
def test_items_of_an_odd_shape_name_nothing_and_lose_no_fact(event: str, odd: object) -> None:
    state = state_of(fact(event, items=odd))
    assert state["items"] == {}
    assert [entry["event"] for entry in state["timeline"]] == [event]


def test_numbers_serve_as_item_ids() -> None:
    state = state_of(fact("order.opened", clock(0), items=[{"id": 7}]), request("assigned", 1, "7"))
    assert statuses(state) == {"7": "in_fulfillment"}
