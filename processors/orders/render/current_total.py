"""What an order costs without its cancelled items, where that is certain."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any, Final

from processors.orders.events import IS_CANCELLED
from processors.orders.render.items import NOT_DUE, pieces_at_end
from processors.orders.render.slack import noise
from processors.orders.render.view import View
from processors.orders.slots import OrderSlots
from schemas.money import EXACT, NOTHING, ZERO, plain

_TAX_INCLUDED: Final = "tax_included"
_SHIPPING: Final = {"tax_excluded": ("shipping_total", "shipping_tax"), _TAX_INCLUDED: ("shipping_total",)}
"""By price method, the fields of what is paid beside items."""
_HANDLED: Final = frozenset({"in_fulfillment", "on_hold", "complete", "returned"})
"""Statuses of an item that somebody is to send, or has sent."""


def current_total(view: View, *, is_void: bool) -> str | None:
    """Return the grand total without the cancelled items. None if their value is not certain, the list does not tell
    its items apart, an item outside it may stand for one of them, or only some pieces of one were cancelled. `is_void`:
    the whole order is cancelled and nothing was shipped, so shipping costs nothing, either. See
    docs/order-state.md#money."""
    if is_void:
        return NOTHING
    details, items = view.details, view.items.documents
    total = details.get("grand_total")
    ordered = {key: item for key, item in items.items() if item.ordered}
    in_place = _in_place(items)
    cancelled = [key for key, item in ordered.items() if _is_off(item, items[in_place.get(key, key)])]
    if total is None or not (view.listing.is_clear and view.items.are_whole):
        return None
    if not cancelled:
        return str(total)
    if any(item.status in _HANDLED and not item.ordered and item.replaces is None for item in items.values()):
        return None  # it may stand for a cancelled item, at its price
    worths = _worths(details, Decimal(total), ordered)
    if worths is None or not all(_is_all_cancelled(ordered[key].quantity, key, view.slots) for key in cancelled):
        return None
    left = Decimal(total)
    for key in cancelled:
        left = EXACT.subtract(left, worths[key])
    return plain(left)


def least_total(view: View, grand_total: Decimal) -> Decimal | None:
    """Return the least that an order costs without what was cancelled; None: a list price or quantity is not known.
    What was cancelled is worth at most its list prices with tax, plus the shipping or, if more, what no line has of the
    total. If one piece of an item was cancelled, all of them count: nobody knows which piece had which discount and
    tax."""
    details, items, listed, off = view.details, view.items, ZERO, ZERO
    for key, item in items.documents.items():
        if not item.ordered:
            continue
        if item.list_price is None or item.quantity is None:
            return None
        worth = EXACT.multiply(Decimal(item.list_price), Decimal(item.quantity))
        worth = EXACT.add(worth, Decimal(item.tax or 0))
        listed = EXACT.add(listed, worth)
        if item.status in NOT_DUE or items.left[key] < item.quantity:
            off = EXACT.add(off, worth)
    shipping = EXACT.add(Decimal(details.get("shipping_total") or 0), Decimal(details.get("shipping_tax") or 0))
    beside = max(shipping, EXACT.subtract(grand_total, listed))
    return EXACT.subtract(EXACT.subtract(grand_total, off), beside)


def _in_place(items: Mapping[str, Any]) -> Mapping[str, str]:
    """By replaced item, what stands in its place after all swaps. Swaps may form a circle, so there are as many steps
    as items at most. A chain may have thousands of swaps, so each round goes twice as far."""
    ahead = {key: item.replaced_by for key, item in items.items() if item.replaced_by is not None}
    found, steps = {key: key for key in ahead}, len(items) if ahead else 0
    while steps:
        if steps % 2:
            found = {key: ahead.get(at, at) for key, at in found.items()}
        ahead = {key: ahead.get(at, at) for key, at in ahead.items()}
        steps //= 2
    return found


def _is_off(item: Any, in_place: Any) -> bool:
    """Whether the customer gets neither an item of the list nor what took its place. A swap may cancel the item that it
    replaces, and the replacement may be cancelled."""
    if item.status not in NOT_DUE:
        return False
    return in_place.status == "cancelled" or (item.status == "cancelled" and in_place.status not in _HANDLED)


def _is_all_cancelled(quantity: int | None, item_id: str, slots: OrderSlots) -> bool:
    """Whether all pieces of an item, or the whole order, are said to be cancelled. One name may stand for one of
    several pieces."""
    if quantity is None or quantity <= 0:
        return False
    item = slots.items[item_id]
    _, cancelled = pieces_at_end(item, quantity)
    return bool(slots.seen & IS_CANCELLED) or quantity <= max(1, item.cancelled_at_once, cancelled)


def _worths(details: Mapping[str, Any], total: Decimal, ordered: Mapping[str, Any]) -> Mapping[str, Decimal] | None:
    """By id, what items are worth; None: the order's own numbers do not prove it. They do if items and shipping make up
    the total, with shipping's tax if taxes come on top, and with or without its discount. NewStore does not publish how
    it adds orders up, whether items share each discount, or whether the shipping total is without its own."""
    method = details.get("price_method")
    if method not in _SHIPPING:
        return None
    found, rest = {}, total
    for name in _SHIPPING[method]:
        rest = EXACT.subtract(rest, Decimal(details.get(name) or 0))
    for key, item in ordered.items():
        if (worth := _worth(item, is_taxed=method == _TAX_INCLUDED)) is None:
            return None
        found[key], rest = worth, EXACT.subtract(rest, worth)
    least = noise(details.get("currency"))
    is_proved = rest.copy_abs() <= least or EXACT.add(rest, _off_shipping(details, ordered)).copy_abs() <= least
    return found if is_proved else None


def _off_shipping(details: Mapping[str, Any], ordered: Mapping[str, Any]) -> Decimal:
    """What a promotion takes off the shipping: discounts that are on no item, 0 if they are more than the shipping."""
    rest = Decimal(details.get("discount_total") or 0)
    for item in ordered.values():
        rest = EXACT.subtract(EXACT.subtract(rest, Decimal(item.item_discounts)), Decimal(item.order_discounts))
    return rest if ZERO < rest <= Decimal(details.get("shipping_total") or 0) else ZERO


def _worth(item: Any, *, is_taxed: bool) -> Decimal | None:
    """What all pieces of an item cost, with tax and without discounts; None: part of it is not known. If the price
    `is_taxed`, it includes the tax."""
    tax = NOTHING if is_taxed else item.tax
    parts = (item.list_price, item.quantity, item.item_discounts, item.order_discounts, tax)
    if None in parts:
        return None
    price, pieces, item_discounts, order_discounts, on_top = map(Decimal, parts)
    worth = EXACT.add(EXACT.multiply(price, pieces), on_top)
    return EXACT.subtract(EXACT.subtract(worth, item_discounts), order_discounts)
