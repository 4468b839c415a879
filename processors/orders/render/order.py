"""The order as a whole: what `order.opened` says of it, and `order.created` where the former says nothing."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any, Final

import orjson

from processors.orders.render.amounts import EXACT
from processors.orders.slots import OrderSlots, value_of
from schemas.money import plain
from schemas.order_state import Customer, OrderDetails

_DETAILS: Final[dict[str, Any]] = dict.fromkeys(OrderDetails.model_fields)
_CUSTOMER: Final[dict[str, Any]] = dict.fromkeys(Customer.model_fields)
_TAX_EXCLUDED: Final = "tax_excluded"


def details_of(slots: OrderSlots) -> dict[str, Any]:
    """Return the order's own fields that are known, flat, and its `exchanges`."""
    created, opened = value_of(slots.created), value_of(slots.opened)
    fields: dict[str, Any] = {}
    for said in (created, opened):
        if said is not None:
            fields.update(said[0])
            if said[1] is not None:
                fields["exchanges"] = said[1]
    return fields


def order_document(details: Mapping[str, Any], items: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
    """Return the document's `order` of one whose list is known."""
    document, customer = dict(_DETAILS), dict(_CUSTOMER)
    for name, value in details.items():
        block = customer if name in _CUSTOMER else document
        block[name] = orjson.Fragment(value) if type(value) is bytes else value
    if "exchanges" in details:
        document["exchanges"] = [{"order_id": order, "return_id": return_} for order, return_ in details["exchanges"]]
    document["current_total"] = _current_total(details, items)
    document["customer"] = customer
    return document


def _current_total(details: Mapping[str, Any], items: Mapping[str, Mapping[str, Any]]) -> str | None:
    """The grand total without the cancelled items; None where prices hold taxes, or an item's value is not certain."""
    total = details.get("grand_total")
    if total is None or details.get("price_method") != _TAX_EXCLUDED:
        return None
    left = Decimal(total)
    for item in items.values():
        if item["ordered"] and item["status"] == "cancelled":
            value = _value(item)
            if value is None:
                return None
            left = EXACT.subtract(left, value)
    return plain(left)


def _value(item: Mapping[str, Any]) -> Decimal | None:
    price, *parts = (item[name] for name in ("list_price", "item_discounts", "order_discounts", "tax"))
    if item["quantity"] not in {None, 1} or price is None or None in parts:
        return None
    item_discounts, order_discounts, tax = map(Decimal, parts)
    value = EXACT.subtract(EXACT.subtract(Decimal(price), item_discounts), order_discounts)
    return EXACT.add(value, tax)
