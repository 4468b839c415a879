"""Items, and the requests to fulfil them."""

from commands.order.view.items import items as items_view
from commands.order.view.requests import requests as requests_view
from schemas.order_state import OrderState
from tests.unit.commands.order.orders import document, order, printed, section, shipped_and_paid
from tests.unit.processors.orders.facts import fact, items, request


def test_an_item_has_its_pieces_its_place_and_its_parcel() -> None:
    text = printed(OrderState.model_validate(document("exchanged_order")))
    assert section(text, "Items: 1 returned") == [
        "status ordered shipped returned item",
        "returned 1 1 1 CT-3003-L · from US01 · UPS 1Z999AA10123456784 · 2b9e6d4a-1c3f-4e5b-a7d8-9f0e1c2b3a01",
    ]


def test_what_is_not_known_of_an_item_is_no_zero() -> None:
    state = document(shipped_and_paid())
    state["items"]["A"] |= {"quantity": None, "shipped_quantity": None, "product_id": None, "carrier": "UPS"}
    text = printed(OrderState.model_validate(state))
    assert section(text, "Items")[1] == "complete - - 0 unknown product · UPS (tracking code unknown) · A"


def test_an_item_that_went_out_has_a_parcel_known_or_not() -> None:
    assert "unknown parcel" in printed(order(*shipped_and_paid()))
    assert "parcel" not in printed(order(fact("order.created", items=items("A", quantity=1))))


def test_an_item_on_hold_says_since_when_where_that_is_told() -> None:
    state = document([fact("order.created", items=items("A")), fact("order.items_on_hold", items=items("A"))])
    assert "since" not in printed(OrderState.model_validate(state))
    state["items"]["A"]["held_since"] = "2024-05-01T10:00:00.5Z"
    assert " · on hold since 2024-05-01 10:00:00 · A" in printed(OrderState.model_validate(state))


def test_both_items_of_a_swap_name_each_other() -> None:
    facts = [
        fact("order.created", items=items("A", quantity=1)),
        fact("order.items_swapped", "2024-05-01T10:00:01Z", items=[{"id": "A", "new_item_id": "B"}]),
        fact("order.opened", "2024-05-01T10:00:02Z", items=items("B", quantity=1)),
    ]
    rows = section(printed(order(*facts)), "Items: 1 pending, 1 replaced")[1:]
    assert rows == [
        "replaced 1 0 0 product-A · replaced by B (inferred) · not in the order's list · A",
        "pending 1 0 0 product-B · replaces A (inferred) · B",
    ]


def test_why_an_item_was_cancelled_is_said() -> None:
    cancelled = fact("order.items_cancelled", items=items("A", cancellation_reason="out of stock"))
    assert "cancellation: out of stock" in printed(order(fact("order.created", items=items("A")), cancelled))


def test_pieces_of_an_item_that_were_cancelled_are_counted() -> None:
    facts = [fact("order.created", items=items("A", quantity=3)), fact("order.items_cancelled", items=items("A", "A"))]
    assert section(printed(order(*facts)), "Items: 1 pending")[1] == "pending 3 0 0 product-A · 2 cancelled · A"


def test_a_request_has_its_items_counted_by_status() -> None:
    facts = [
        request("assigned", 1, "A", "B", "C", fulfillment_location_id="US01", service_level="STANDARD"),
        request("items_completed", 2, "A", "B"),
        request("assigned", 3, "C", request_id="request-2"),
    ]
    assert section(printed(order(*facts)), "Fulfilment: 2 requests") == [
        "status items request",
        "partially_completed 2 completed, 1 assigned at US01 · STANDARD · request-1",
        "assigned 1 assigned unknown location · request-2",
    ]


def test_without_any_there_is_no_table() -> None:
    state = order(fact("order.created"))
    assert items_view(state) is None
    assert requests_view(state) is None
