"""What the order says of itself. Field by field, the opened order wins over the created one."""

from typing import Any

import pytest

from processors.orders.fact import Fact, fact_of
from tests.unit.processors.orders.facts import (
    ORDER_ID,
    TENANT,
    Json,
    cleaned,
    clock,
    fact,
    in_any_order,
    items,
    request,
    state_of,
)

ADDRESS = {"first_name": "Ada", "city": "San Francisco", "country": "US", "zip_code": "00000"}
LINE = {"quantity": 1, "list_price": 58, "item_discounts": 5.5, "order_discounts": 0.5, "tax": 4.94}
"""Two such lines cost 113.88, one costs 56.94."""

TOTALS: Json = {
    "price_method": "tax_excluded",
    "currency": "USD",
    "subtotal": 116,
    "discount_total": 12,
    "shipping_total": 0,
    "shipping_tax": 0,
    "tax_total": 9.88,
    "grand_total": 113.88,
}
CANCELLED = fact("order.items_cancelled", clock(5), items=items("A"))


def opened(**fields: Any) -> Json:
    """Return the details of an order with two equal items after item A was cancelled."""
    made = fact("order.opened", clock(1), **{"items": items("A", "B", **LINE), **TOTALS, **fields})
    details: Json = in_any_order(made, CANCELLED)["order"]
    return details


def test_nothing_is_known_of_an_order_until_it_says_so_itself() -> None:
    assert state_of(request("assigned", 1, "A"), fact("order.completed", clock(3), external_id="X"))["order"] == {}


def test_every_field_that_the_order_has_is_kept() -> None:
    made = fact(
        "order.created",
        clock(1),
        external_id="0ML000000266",
        created_at="2020-12-01T18:41:06.232Z",
        placed_at="2020-12-01T18:41:06.110Z",
        channel_type="store",
        channel="WS",
        is_historical=False,
        is_exchange=True,
        exchanges=[{"order_id": "order-0", "return_id": "return-0"}],
        associate_id="4",
        demand_location_id="WS",
        **TOTALS,
        tax_strategy="avalara",
        tax_exempt=False,
        discounts=[{"coupon_code": "SPRING", "price_adjustment": "-12", "action": "fixed", "level": "order"}],
        extended_attributes=[{"name": "scanned", "value": "false"}],
        customer_id="customer-1",
        external_customer_id="C-1",
        customer_email="ada@example.com",
        billing_address=ADDRESS,
        shipping_address=ADDRESS | {"city": "Oakland"},
        items=items("A", "B", **LINE),
    )
    assert in_any_order(made)["order"] == {
        "external_id": "0ML000000266",
        "created_at": "2020-12-01T18:41:06.232Z",
        "placed_at": "2020-12-01T18:41:06.11Z",
        "channel_type": "store",
        "channel": "WS",
        "is_historical": False,
        "is_exchange": True,
        "exchanges": [{"order_id": "order-0", "return_id": "return-0"}],
        "associate_id": "4",
        "demand_location_id": "WS",
        "currency": "USD",
        "price_method": "tax_excluded",
        "subtotal": "116",
        "discount_total": "12",
        "shipping_total": "0",
        "shipping_tax": "0",
        "tax_total": "9.88",
        "grand_total": "113.88",
        "current_total": "113.88",
        "tax_strategy": "avalara",
        "tax_exempt": False,
        "discounts": [{"coupon_code": "SPRING", "price_adjustment": "-12", "action": "fixed", "level": "order"}],
        "extended_attributes": [{"name": "scanned", "value": "false"}],
        "customer": {
            "customer_id": "customer-1",
            "external_customer_id": "C-1",
            "customer_email": "ada@example.com",
            "billing_address": ADDRESS,
            "shipping_address": ADDRESS | {"city": "Oakland"},
        },
    }


def test_the_opened_order_wins_field_by_field_whatever_the_clock_says() -> None:
    created = fact("order.created", clock(9), external_id="X", channel="old", grand_total=1, customer_email="a@b.c")
    made = fact("order.opened", clock(1), channel="new", grand_total=2, customer_email="")
    details = in_any_order(created, made)["order"]
    assert (details["external_id"], details["channel"], details["grand_total"]) == ("X", "new", "2")
    assert details["customer"]["customer_email"] == "a@b.c"


def test_the_address_is_that_of_the_opened_order() -> None:
    created = fact("order.created", clock(0), shipping_address=ADDRESS, billing_address=ADDRESS)
    made = fact("order.opened", clock(1), shipping_address=ADDRESS | {"city": "Oakland"})
    customer = in_any_order(created, made)["order"]["customer"]
    assert (customer["shipping_address"]["city"], customer["billing_address"]["city"]) == ("Oakland", "San Francisco")


def test_personal_data_stands_in_one_block_only() -> None:
    made = fact("order.created", clock(0), customer_email="ada@example.com", shipping_address=ADDRESS, note="Ada")
    state = in_any_order(made)
    assert state["order"].pop("customer")["customer_email"] == "ada@example.com"
    assert "ada@example.com" not in str(state)
    assert "Ada" not in str(state)


@pytest.mark.parametrize(
    ("fields", "total"),
    [
        ({}, "56.94"),
        ({"shipping_total": 10, "shipping_tax": 0.88, "grand_total": 124.76}, "67.82"),
        ({"price_method": "tax_included"}, None),
        ({"price_method": None}, None),
        ({"grand_total": None}, None),
        ({"grand_total": "a lot"}, None),
        ({"items": [*items("A", **{**LINE, "list_price": None}), *items("B", **LINE)]}, None),
        ({"grand_total": 93.88}, None),  # a discount that is spread over no item
        ({"grand_total": 36.94}, None),  # the total is without the cancelled item already
        ({"grand_total": 113.89}, None),
        ({"grand_total": 113.88000000000001}, "56.94000000000001"),
        ({"shipping_total": 10, "grand_total": 123.88}, "66.94"),
        ({"shipping_total": 10, "discount_total": 22}, "56.94"),  # a promotion pays for the shipping
        ({"shipping_total": 10, "discount_total": 18, "grand_total": 117.88}, "60.94"),  # or for part of it
        ({"shipping_total": 10, "discount_total": 22, "grand_total": 123.88}, "66.94"),  # it is off that total already
        ({"shipping_total": 10, "discount_total": 22, "grand_total": 113.89}, None),
        ({"shipping_total": 10, "discount_total": 23, "grand_total": 112.88}, None),  # more than shipping costs
        ({"shipping_total": 10, "discount_total": None}, None),
        ({"shipping_total": 10, "discount_total": 2, "grand_total": 133.88}, None),
        ({"items": [*items("A", **LINE), *items("B", **LINE | {"order_discounts": -6})]}, None),
        ({"items": [*items("A", **LINE | {"quantity": None}), *items("B", **LINE)]}, None),
        ({"items": [*items("A", **LINE | {"quantity": "1,0"}), *items("B", **LINE)]}, None),
        ({"items": [*items("A", **LINE), *items("B", **LINE | {"quantity": None})]}, None),
        ({"items": [*items("A", **LINE), *items("B", **LINE | {"quantity": 2})], "grand_total": 171.88}, "114.94"),
        ({"items": [*items("A", **LINE | {"quantity": 2}), *items("B", **LINE)], "grand_total": 171.88}, None),
    ],
)
def test_what_the_order_costs_without_its_cancelled_items_is_told_where_it_is_exact(
    fields: Json, total: str | None
) -> None:
    assert opened(**fields)["current_total"] == total


@pytest.mark.parametrize("method", ["tax_excluded", "tax_included", "of another kind", None])
def test_without_a_cancelled_item_the_current_total_is_the_grand_total(method: str | None) -> None:
    made = fact("order.opened", clock(1), items=items("A", "B", **LINE), **TOTALS | {"price_method": method})
    assert in_any_order(made)["order"]["current_total"] == "113.88"


INCLUDED: Json = {"price_method": "tax_included", "tax_total": 16.61, "grand_total": 104}
"""The same two items, at 52 each including tax."""


@pytest.mark.parametrize(
    ("fields", "total"),
    [
        ({}, "52"),
        ({"grand_total": 113.88}, None),  # the taxes came on top of these prices after all
        ({"shipping_total": 10, "shipping_tax": 1.6, "grand_total": 114}, "62"),
        ({"shipping_total": 10, "shipping_tax": 1.6, "grand_total": 115.6}, None),
        ({"shipping_total": 10, "shipping_tax": 1.6, "discount_total": 22}, "52"),
        ({"shipping_total": None}, "52"),
        ({"grand_total": 104.00000000000001}, "52.00000000000001"),
        ({"grand_total": 104.01}, None),
        ({"items": [*items("A", **LINE), *items("B", **{**LINE, "tax": None})]}, "52"),
        ({"items": [*items("A", **LINE), *items("B", **{**LINE, "order_discounts": None})]}, None),
        ({"items": [*items("A", **LINE), *items("B", **{**LINE, "quantity": 2})]}, None),
        ({"items": [*items("A", **{**LINE, "quantity": 2}), *items("B", **LINE)]}, None),
        ({"items": items("A", "B", "S", **LINE), "grand_total": 156}, "104"),
        ({"items": [*items("A", "B", **LINE), *items("S", **LINE, item_type="shipping")], "grand_total": 156}, "104"),
        (
            {"items": [*items("A", "B", **LINE), *items("S", **LINE, item_type="shipping")], "shipping_total": 52}
            | {"grand_total": 156},
            None,  # is it told twice, or is it in neither?
        ),
        ({"items": [*items("A", **{**LINE, "item_discounts": 8, "order_discounts": 4}), *items("B", **LINE)]}, None),
        (
            {"items": [*items("A", **{**LINE, "item_discounts": 8, "order_discounts": 4}), *items("B", **LINE)]}
            | {"grand_total": 98},
            "52",
        ),
    ],
)
def test_where_prices_hold_taxes_a_cancelled_item_is_worth_its_price_if_the_order_adds_up_so(
    fields: Json, total: str | None
) -> None:
    assert opened(**INCLUDED | fields)["current_total"] == total


@pytest.mark.parametrize(
    "end",
    [
        [fact("order.cancelled", clock(5), items=[])],
        [
            fact("order.items_cancelled", clock(5), items=items("A")),
            fact("order.items_cancelled", clock(6), items=items("B")),
        ],
    ],
)
def test_an_order_that_is_cancelled_and_never_went_out_costs_nothing_its_shipping_neither(end: list[Fact]) -> None:
    for fields in ({"shipping_total": 10, "grand_total": 123.88}, {"price_method": "tax_included"}):
        made = fact("order.opened", clock(1), items=items("A", "B", **LINE), **TOTALS | fields)
        assert in_any_order(made, *end)["order"]["current_total"] == "0"


def test_an_order_of_which_something_went_out_before_it_was_cancelled_costs_that() -> None:
    made = fact("order.opened", clock(1), items=items("A", "B", **LINE), **TOTALS)
    out = request("items_completed", 4, "A")
    assert in_any_order(made, out, fact("order.cancelled", clock(5), items=[]))["order"]["current_total"] == "56.94"


def test_a_cancelled_item_that_the_opened_order_no_longer_has_is_not_taken_off_its_total() -> None:
    created = fact("order.created", clock(0), items=items("A", "B", "C", **LINE), **TOTALS | {"grand_total": 170.82})
    made = fact("order.opened", clock(1), items=items("B", "C", **LINE), **TOTALS)
    assert in_any_order(created, made, CANCELLED)["order"]["current_total"] == "113.88"


@pytest.mark.parametrize("odd", [7, "x", [], {"a": {"b": [None]}}, [[1]], None])
def test_fields_of_an_odd_shape_are_absent_and_lose_no_fact(odd: Any) -> None:
    names = ["external_id", "placed_at", "is_exchange", "exchanges", "grand_total", "discounts", "billing_address"]
    state = in_any_order(fact("order.opened", clock(1), **dict.fromkeys(names, odd)))
    assert (state["version"], state["order"]["placed_at"]) == (1, None)


@pytest.mark.parametrize("value", ["NaN", "-Infinity", "1e999", "1" * 400, '"\\ud800"', '{"\\udc00": 1}'])
def test_what_strict_readers_refuse_is_not_passed_on(value: str) -> None:
    named = f'{{"tenant": "{TENANT}", "name": "order.opened", "payload": {{"id": "{ORDER_ID}", "discounts": [{{}}], '
    made = fact_of(*cleaned(f'{named}"shipping_address": {{"city": {value}}}}}}}'.encode()))
    assert made is not None
    order = state_of(made)["order"]
    assert (order["customer"]["shipping_address"], order["discounts"]) == (None, [{}])
