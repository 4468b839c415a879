"""The order as a whole: what `order.opened` says of it, and `order.created` where the former says nothing."""

from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any, Final

from msgspec import Raw

from processors.orders.render.documents import Customer, Exchange, OrderDetails
from processors.orders.render.payments import NOISE
from processors.orders.slots import OrderSlots, value_of
from schemas.money import EXACT, plain

_DETAILS: Final[dict[str, Any]] = dict.fromkeys(OrderDetails.__struct_fields__)
_CUSTOMER: Final[dict[str, Any]] = dict.fromkeys(Customer.__struct_fields__)
_TAX_EXCLUDED: Final = "tax_excluded"
_TAX_INCLUDED: Final = "tax_included"
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
    """Return the grand total without the cancelled items; None where an item's value is not certain. `is_void`: all of
    the order is cancelled, and nothing of it was shipped, so that shipping costs nothing, either."""
    if is_void:
        return _NOTHING
    total = details.get("grand_total")
    ordered = [item for item in items.values() if item.ordered]
    cancelled = [item for item in ordered if item.status == "cancelled"]
    if total is None or not cancelled:
        return None if total is None else str(total)
    left = Decimal(total)
    if details.get("price_method") == _TAX_EXCLUDED:
        values = [_with_tax(item) for item in cancelled]
    elif details.get("price_method") == _TAX_INCLUDED and _hold_taxes(details, left, ordered):
        values = [_price(item) for item in cancelled]
    else:
        return None
    for value in values:
        if value is None:
            return None
        left = EXACT.subtract(left, value)
    return plain(left)


def _hold_taxes(details: Mapping[str, Any], total: Decimal, ordered: Iterable[Any]) -> bool:
    """Whether the order's own numbers prove that no tax comes on top of its prices: they make up its total, with
    shipping. How NewStore adds up such orders is not public."""
    rest = EXACT.subtract(total, Decimal(details.get("shipping_total") or 0))
    for price in map(_price, ordered):
        if price is None:
            return False
        rest = EXACT.subtract(rest, price)
    return rest.copy_abs() <= NOISE


def _with_tax(item: Any) -> Decimal | None:
    price = _price(item)
    return None if price is None or item.tax is None else EXACT.add(price, Decimal(item.tax))


def _price(item: Any) -> Decimal | None:
    """What one piece costs, without discounts; None: not all of that is known, or it is several pieces."""
    parts = (item.list_price, item.item_discounts, item.order_discounts)
    if item.quantity not in {None, 1} or None in parts:
        return None
    list_price, item_discounts, order_discounts = map(Decimal, parts)
    return EXACT.subtract(EXACT.subtract(list_price, item_discounts), order_discounts)
