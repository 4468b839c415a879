"""The order as a whole: what `order.opened` says of it, and `order.created` where the former says nothing."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any, Final

from msgspec import Raw

from processors.orders.render.documents import Customer, Exchange, OrderDetails
from processors.orders.slots import OrderSlots, value_of
from schemas.money import EXACT, plain

_DETAILS: Final[dict[str, Any]] = dict.fromkeys(OrderDetails.__struct_fields__)
_CUSTOMER: Final[dict[str, Any]] = dict.fromkeys(Customer.__struct_fields__)
_TAX_EXCLUDED: Final = "tax_excluded"
_NOTHING: Final = "0"
"""As amounts are written."""


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


def order_document(details: Mapping[str, Any], current_total: str | None) -> Any:
    """Return the document's `order` of one whose list is known."""
    document, customer = _DETAILS.copy(), _CUSTOMER.copy()
    for name, value in details.items():
        block = customer if name in _CUSTOMER else document
        block[name] = Raw(value) if type(value) is bytes else value
    if document["exchanges"] is not None:
        document["exchanges"] = [Exchange(order_id=order, return_id=return_) for order, return_ in details["exchanges"]]
    document["current_total"] = current_total
    document["customer"] = Customer(**customer)
    return OrderDetails(**document)


def current_total(details: Mapping[str, Any], items: Mapping[str, Any], *, is_void: bool) -> str | None:
    """Return the grand total without the cancelled items; None where prices hold taxes, or an item's value is not
    certain. `is_void`: all of the order is cancelled, and nothing of it was shipped, so that shipping costs nothing,
    either."""
    if is_void:
        return _NOTHING
    total = details.get("grand_total")
    if total is None or details.get("price_method") != _TAX_EXCLUDED:
        return None
    cancelled = [item for item in items.values() if item.ordered and item.status == "cancelled"]
    if not cancelled:
        return str(total)
    left = Decimal(total)
    for item in cancelled:
        if (value := _value(item)) is None:
            return None
        left = EXACT.subtract(left, value)
    return plain(left)


def _value(item: Any) -> Decimal | None:
    price, *parts = item.list_price, item.item_discounts, item.order_discounts, item.tax
    if item.quantity not in {None, 1} or price is None or None in parts:
        return None
    item_discounts, order_discounts, tax = map(Decimal, parts)
    value = EXACT.subtract(EXACT.subtract(Decimal(price), item_discounts), order_discounts)
    return EXACT.add(value, tax)
