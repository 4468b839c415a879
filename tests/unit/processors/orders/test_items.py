"""Which items there are. What is certain about one outranks the clock."""

import pytest

from processors.orders.fact import Fact
from tests.unit.processors.orders.facts import (
    back,
    clock,
    counts,
    fact,
    in_any_order,
    items,
    pieces,
    request,
    state_of,
    statuses,
)

CREATED = fact("order.created", clock(0), items=items("A", "B", quantity=2))
OPENED = fact("order.opened", clock(1), items=items("A", "B", quantity=2))
HELD = fact("order.items_on_hold", clock(4), items=items("A"))
LOST = fact("order.items_cancelled", clock(6), items=items("A"))
CANCELLED = fact("order.cancelled", clock(9), items=items("A", "B"))
ASSIGNED = request("assigned", 2, "A")
READY = request("items_ready_for_handover", 3, "A")
FAILED = request("items_failed", 3, "A")
DONE = request("items_completed", 5, "A")


def closed(status: str | None, event: str = "order.completed") -> Fact:
    """Return an end of the order that states a status of item A."""
    return fact(event, clock(8), items=items("A", **({} if status is None else {"status": status})))


@pytest.mark.parametrize(
    ("facts", "status"),
    [
        # 1
        ([back("r", 9, pieces("A", 2))], "returned"),
        ([back("r", 9, pieces("A", 1)), back("s", 9, pieces("A", 1))], "returned"),
        ([back("r", 9, pieces("A", 2)), LOST, CANCELLED], "returned"),
        # 2
        ([DONE], "complete"),
        ([fact("order.shipped", clock(2), items=items("A"))], "complete"),
        ([fact("order.shipped", clock(2), items=items("A", status="opened"))], "complete"),
        ([closed("complete")], "complete"),
        ([closed("returned")], "complete"),
        ([back("r", 9, pieces("A", 1))], "complete"),
        ([DONE, LOST], "complete"),
        ([LOST, request("items_completed", 7, "A")], "complete"),
        ([DONE, closed("cancelled")], "complete"),
        ([DONE, CANCELLED], "complete"),
        ([DONE, fact("order.items_on_hold", clock(9), items=items("A"))], "complete"),
        ([DONE, request("items_failed", 9, "A", request_id="request-0")], "complete"),
        ([DONE, request("assigned", 9, "A", request_id="request-2")], "complete"),
        # 3
        ([LOST], "cancelled"),
        ([closed("cancelled")], "cancelled"),
        ([closed("cancelled", "order.cancelled")], "cancelled"),
        ([closed(None, "order.cancelled")], "cancelled"),
        ([closed("complete", "order.cancelled")], "cancelled"),
        ([fact("order.cancelled", clock(8))], "cancelled"),
        ([LOST, HELD, ASSIGNED], "cancelled"),
        ([LOST, request("assigned", 9, "A")], "cancelled"),
        ([fact("order.cancelled", "no time")], "cancelled"),
        # 5
        ([HELD], "on_hold"),
        ([ASSIGNED, HELD], "on_hold"),
        # 6
        ([ASSIGNED], "in_fulfillment"),
        ([READY], "in_fulfillment"),
        ([ASSIGNED, FAILED, request("assigned", 7, "A", request_id="request-2")], "in_fulfillment"),
        # 7
        ([], "pending"),
        ([ASSIGNED, FAILED], "pending"),
        ([FAILED], "pending"),
        ([fact("order.serial_numbers_added", clock(3), items=items("A"))], "pending"),
        ([request("items_teleported", 3, "A")], "pending"),
        ([closed("opened")], "pending"),
        ([closed(None)], "pending"),
        ([fact("order.items_swapped", clock(1), items=items("A"))], "pending"),
    ],
)
def test_an_item_has_the_first_status_that_holds(facts: list[Fact], status: str) -> None:
    state = in_any_order(CREATED, OPENED, *facts)
    assert statuses(state)["A"] == status
    assert sum(counts(state).values()) == 2


@pytest.mark.parametrize(
    ("facts", "status"),
    [
        ([], "replaced"),
        ([fact("order.items_on_hold", clock(4), items=items("B"))], "replaced"),
        ([request("assigned", 2, "B")], "in_fulfillment"),
        ([request("items_failed", 2, "B")], "pending"),
        ([request("items_completed", 2, "B")], "complete"),
        ([fact("order.items_cancelled", clock(2), items=items("B"))], "cancelled"),
    ],
)
def test_what_was_created_and_not_opened_is_replaced_unless_a_request_names_it(facts: list[Fact], status: str) -> None:
    opened = fact("order.opened", clock(1), items=items("A", "C"))
    assert statuses(state_of(CREATED)) == {"A": "pending", "B": "pending"}
    assert statuses(in_any_order(CREATED, opened, *facts)) == {"A": "pending", "B": status, "C": "pending"}


def test_an_item_of_unknown_quantity_is_one_piece() -> None:
    opened = fact("order.opened", clock(1), items=items("A"))
    item = in_any_order(opened, back("r", 9, pieces("A", 1)))["items"]["A"]
    assert (item["status"], item["quantity"], item["returned_quantity"]) == ("returned", None, 1)


def test_a_shipment_may_state_that_an_item_was_not_in_it() -> None:
    shipped = fact("order.shipped", clock(2), items=[*items("A", status="cancelled"), *items("B")])
    assert statuses(in_any_order(OPENED, shipped))["B"] == "complete"
    assert statuses(in_any_order(OPENED, shipped))["A"] != "complete"


def test_the_list_never_takes_a_status_back() -> None:
    late = fact("order.opened", clock(99), items=items("A", "B", status="opened"))
    assert statuses(in_any_order(DONE, late)) == {"A": "complete", "B": "pending"}


def test_an_item_carries_what_is_known_of_it_with_exact_money() -> None:
    listed = items(
        "A", item_type="product", quantity=1, list_price=58, item_discounts=5.5, order_discounts=0.0, tax=4.94
    )
    shipment = {"carrier": "UPS", "tracking_code": "1Z", "shipped_at": "2024-05-01T09:00:00"}
    done = fact(
        "fulfillment_request.items_completed",
        clock(2),
        id="request-1",
        fulfillment_location_id="US01",
        items=[{"id": "A", "product_id": "other", **shipment}],
    )
    state = in_any_order(fact("order.opened", clock(1), items=listed), done)
    assert state["items"]["A"] == {
        "status": "complete",
        "ordered": True,
        "product_id": "product-A",
        "item_type": "product",
        "quantity": 1,
        "shipped_quantity": 1,
        "returned_quantity": 0,
        "cancelled_quantity": 0,
        "list_price": "58",
        "item_discounts": "5.5",
        "order_discounts": "0",
        "tax": "4.94",
        "shipping_service_level": None,
        "fulfillment_location_id": "US01",
        "fulfillment_request_id": "request-1",
        "carrier": "UPS",
        "tracking_code": "1Z",
        "shipped_at": "2024-05-01T09:00:00Z",
        "cancellation_reason": None,
        "replaced_by": None,
        "replaces": None,
        "swap": None,
    }


def test_the_opened_order_describes_an_item_better_than_the_created_one_field_by_field() -> None:
    created = fact("order.created", clock(0), items=[{"id": "A", "product_id": "old", "quantity": 1, "tax": 3}])
    opened = fact("order.opened", clock(1), items=[{"id": "A", "product_id": "new", "quantity": 2}])
    item = in_any_order(created, opened)["items"]["A"]
    assert (item["product_id"], item["quantity"], item["tax"]) == ("new", 2, "3")


def test_the_list_describes_an_item_better_than_facts_before_it() -> None:
    late = fact("order.opened", clock(5), items=[{"id": "A", "product_id": "real", "quantity": 2}])
    item = in_any_order(request("assigned", 0, "A"), late)["items"]["A"]
    assert (item["product_id"], item["quantity"]) == ("real", 2)


@pytest.mark.parametrize("event", ["order.completed", "order.shipped", "order.cancelled"])
def test_an_end_of_the_order_says_of_an_item_what_nobody_else_does(event: str) -> None:
    def end(second: int, location: str, quantity: int) -> Fact:
        said = {"fulfillment_location_id": location, "shipping_service_level": "EXPRESS", "quantity": quantity}
        return fact(event, clock(second), items=items("A", **said))

    def told(*facts: Fact) -> tuple[str, str, int]:
        item = in_any_order(*facts)["items"]["A"]
        return item["fulfillment_location_id"], item["shipping_service_level"], item["quantity"]

    listed = fact("order.opened", clock(1), items=items("A"))
    assert told(listed, end(8, "US07", 3)) == ("US07", "EXPRESS", 3)
    assert told(listed, end(8, "US07", 3), end(9, "US08", 4)) == ("US08", "EXPRESS", 4)
    requested = request("assigned", 2, "A", fulfillment_location_id="US01")
    assert told(listed, requested, end(8, "US07", 3)) == ("US01", "EXPRESS", 3)
    better = fact("order.opened", clock(1), items=items("A", shipping_service_level="STANDARD", quantity=2))
    assert told(better, end(8, "US07", 3)) == ("US07", "STANDARD", 2)


def test_a_cancelled_item_keeps_its_reason() -> None:
    lost = fact("order.items_cancelled", clock(1), items=items("A", cancellation_reason="out of stock"))
    assert in_any_order(OPENED, lost)["items"]["A"]["cancellation_reason"] == "out of stock"


def test_ordered_are_the_items_of_the_opened_order_or_of_the_created_one_until_that_is_known() -> None:
    opened = fact("order.opened", clock(1), items=items("B", "C"))
    assigned = request("assigned", 2, "D")

    def ordered(*facts: Fact) -> list[str]:
        return sorted(item_id for item_id, item in in_any_order(*facts)["items"].items() if item["ordered"])

    assert ordered(CREATED, assigned) == ["A", "B"]
    assert ordered(CREATED, assigned, opened) == ["B", "C"]


def test_of_two_conflicting_lists_the_latest_counts_and_no_item_is_in_both() -> None:
    first = fact("order.opened", clock(1), items=items("A", "B"))
    last = fact("order.opened", clock(2), items=items("B", "C"))
    state = in_any_order(first, last)
    assert {item_id: item["ordered"] for item_id, item in state["items"].items()} == {"A": False, "B": True, "C": True}


@pytest.mark.parametrize("event", ["order.completed", "order.shipped", "fulfillment_request.assigned"])
def test_an_item_that_no_list_has_is_known_by_the_fact_that_names_it(event: str) -> None:
    state = in_any_order(OPENED, fact(event, clock(2), items=items("X")))
    assert (state["items"]["X"]["ordered"], state["items"]["X"]["product_id"]) == (False, "product-X")


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


@pytest.mark.parametrize(
    ("stated", "status"),
    [
        (["complete", "complete", "cancelled"], "complete"),
        (["cancelled", "returned"], "complete"),
        (["cancelled", None], "pending"),
        (["cancelled", "pending"], "pending"),
        (["cancelled", "cancelled"], "cancelled"),
    ],
)
@pytest.mark.parametrize("event", ["order.completed", "order.shipped"])
def test_an_end_with_a_line_for_each_piece_cancels_the_item_only_if_each_line_does(
    event: str, stated: list[str | None], status: str
) -> None:
    """The order of the lines does not matter."""
    lines = [pieces("A", status=each) for each in stated]
    for listed in (lines, lines[::-1]):
        item = in_any_order(fact(event, clock(8), items=listed))["items"]["A"]
        expected = "complete" if event == "order.shipped" and status == "pending" else status
        assert (item["status"], item["quantity"]) == (expected, len(lines))


def test_lines_for_each_piece_are_as_many_pieces_and_say_together_what_any_of_them_says() -> None:
    said = {"fulfillment_location_id": "STORE", "shipping_service_level": "EXPRESS", "quantity": 1}
    lines = [{"id": "A", "product_id": "p", **said}, {"id": "A", "quantity": 2}, {"id": "A"}]
    state = in_any_order(fact("order.completed", clock(8), items=lines), back("r", 9, pieces("A", 3)))
    item = state["items"]["A"]
    assert (state["contradictions"], item["quantity"], item["product_id"]) == ([], 3, "p")
    assert {**item, **said, "quantity": 3} == item


def test_two_pieces_that_are_cancelled_have_the_reason_that_one_of_them_has() -> None:
    lines = [{"id": "A", "product_id": "p", "cancellation_reason": "insufficient_stock"}, {"id": "A"}]
    item = in_any_order(fact("order.items_cancelled", clock(3), items=lines))["items"]["A"]
    assert (item["cancellation_reason"], item["product_id"]) == ("insufficient_stock", "p")
