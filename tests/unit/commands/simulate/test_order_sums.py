"""Money adds up to the cent."""

from collections.abc import Iterable
from decimal import Decimal

import pytest

from tests.unit.commands.simulate.retailer import Json, Received, amounts, by_order, named, of

pytestmark = pytest.mark.thorough  # simulates


def lines_total(order: Json, item_ids: set[str]) -> Decimal:
    return sum(
        (
            item["list_price"] - item["item_discounts"] - item["order_discounts"] + item["tax"]
            for item in order["items"]
            if item["id"] in item_ids
        ),
        Decimal(0),
    )


def items_of(events: Iterable[Received], name: str) -> list[Json]:
    return [item for payload in of(events, name) for item in payload["items"]]


def total(items: list[Json], *fields: str) -> Decimal:
    return sum((item[field] for item in items for field in fields), Decimal(0))


def test_an_orders_totals_are_those_of_its_items() -> None:
    for event in named("order.created", "order.opened"):
        order, items = event.payload, event.payload["items"]
        assert order["subtotal"] == total(items, "list_price")
        assert order["discount_total"] == total(items, "item_discounts", "order_discounts")
        assert order["tax_total"] == total(items, "tax")
        more = order["shipping_total"] + order["shipping_tax"] + order["tax_total"]
        assert order["grand_total"] == order["subtotal"] - order["discount_total"] + more


def test_taxes_are_those_of_their_details() -> None:
    for event in named("order.created"):
        for item in event.payload["items"]:
            assert item["tax"] == total(item["tax_provider_details"], "amount")


def test_there_are_discounts_and_taxes_on_shipping_and_whole_amounts_without_decimals() -> None:
    orders = [event.payload for event in named("order.created")]
    for field in ("discount_total", "shipping_total", "shipping_tax"):
        assert {bool(order[field]) for order in orders} == {True, False}
    assert {order["shipping_total"].as_tuple().exponent for order in orders} == {0, -2}


def test_what_is_authorised_is_the_grand_total() -> None:
    for events in by_order().values():
        (created,) = of(events, "order.created")
        authorized = amounts(events, "amount_authorized")
        assert authorized == created["grand_total"] or not authorized


def test_what_is_captured_and_invoiced_is_what_was_shipped_and_the_rest_is_voided() -> None:
    for events in by_order().values():
        captured = amounts(events, "amount_captured")
        assert captured == sum((each["total"] for each in of(events, "invoice.created")), Decimal(0))
        if not of(events, "order.completed"):
            continue
        (opened,) = of(events, "order.opened")
        swapped = {item["id"]: item["swapped_item_id"] for item in items_of(events, "order.items_swapped")}
        shipped = [item["id"] for item in items_of(events, "fulfillment_request.items_completed")]
        shipping = opened["shipping_total"] + opened["shipping_tax"]
        assert captured == lines_total(opened, {swapped.get(item, item) for item in shipped}) + shipping
        assert amounts(events, "amount_authorized") == captured + amounts(events, "amount_voided")


def test_what_is_cancelled_is_voided_as_a_whole() -> None:
    cancelled = [events for events in by_order().values() if of(events, "order.cancelled")]
    assert cancelled
    for events in cancelled:
        assert amounts(events, "amount_voided") == amounts(events, "amount_authorized")
        assert not amounts(events, "amount_captured")


def test_refunds_never_exceed_captures_at_any_time() -> None:
    refunded = [events for events in by_order().values() if amounts(events, "amount_refunded")]
    assert refunded
    for events in refunded:
        for place in range(len(events)):
            before = events[: place + 1]
            assert amounts(before, "amount_refunded") <= amounts(before, "amount_captured")


def test_a_returns_totals_are_those_of_its_items_less_the_fee() -> None:
    returns = [event.payload for event in named("return.processed")]
    for each in returns:
        items = each["items"]
        assert each["total_refund_amount"] == total(items, "refund_amount")
        assert each["total_refund_amount"] == total(items, "refund_excl_tax", "refund_tax")
        assert each["total_refund_excl_tax"] + each["total_refund_tax"] == each["total_refund_amount"]
        assert each["total_refund_amount_adjusted"] == each["total_refund_amount"] - each["return_fee"]
    assert {bool(each["return_fee"]) for each in returns} == {True, False}


def test_each_return_and_each_refund_request_is_paid_out_once_in_its_amount() -> None:
    for events in by_order().values():
        due = {p["id"]: p["total_refund_amount_adjusted"] for p in of(events, "return.processed")}
        due |= {p["id"]: p["amount"] for p in of(events, "refund_request.issued")}
        paid: dict[str, Decimal] = dict.fromkeys(due, Decimal(0))
        for payload in of(events, "payment_account.amount_refunded"):
            for part in payload["transactions"]:
                paid[part["correlation_id"]] += part["amount"]
        assert paid == due
