"""What an order costs without what was cancelled of it, where that is certain."""

from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any, Final

from processors.orders.render.payments import NOISE
from schemas.money import EXACT, plain

_TAX_EXCLUDED: Final = "tax_excluded"
_TAX_INCLUDED: Final = "tax_included"
_NOTHING: Final = "0"
"""As amounts are written."""
_GONE: Final = frozenset({"cancelled", "replaced"})
_HANDLED: Final = frozenset({"in_fulfillment", "on_hold", "complete", "returned"})
"""Statuses of an item that somebody is to send, or has sent."""


def current_total(details: Mapping[str, Any], items: Mapping[str, Any], *, is_void: bool) -> str | None:
    """Return the grand total without the cancelled items; None where an item's value is not certain. `is_void`: all of
    the order is cancelled, and nothing of it was shipped, so that shipping costs nothing, either."""
    if is_void:
        return _NOTHING
    total = details.get("grand_total")
    ordered = [item for item in items.values() if item.ordered]
    cancelled = [item for item in ordered if _is_off(item, items)]
    if total is None or not cancelled:
        return None if total is None else str(total)
    if any(item.status in _HANDLED and not item.ordered and item.replaces is None for item in items.values()):
        return None  # it may stand for one of them, at its price
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


def _is_off(item: Any, items: Mapping[str, Any]) -> bool:
    """Whether nobody gets an item of the list, nor what took its place: a swap may cancel the one that it replaces, and
    what it was swapped for may be cancelled."""
    if item.status not in _GONE:
        return False
    last = item
    for _ in items:  # no further, for nobody promises that they are not swapped in a circle
        if last.replaced_by is None:
            break
        last = items[last.replaced_by]
    return last.status == "cancelled" or (item.status == "cancelled" and last.status not in _HANDLED)


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
