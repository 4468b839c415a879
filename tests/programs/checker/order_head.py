"""What events say of an order as a whole (docs/order-state.md)."""

from collections.abc import Collection, Iterator, Sequence
from decimal import Decimal
from typing import Any

from tests.programs.checker.facts import CREATED, OPENED, Fact, of
from tests.programs.checker.order_items import Items
from tests.programs.checker.order_money import is_more, least_of
from tests.programs.checker.values import (
    currency_code,
    flag,
    identifier,
    instant,
    json_object,
    json_objects,
    less,
    money,
    objects,
    text,
    times,
    total,
)

_TEXTS = (
    "channel_type",
    "channel",
    "associate_id",
    "demand_location_id",
    "price_method",
    "tax_strategy",
)
_AMOUNTS = ("subtotal", "discount_total", "shipping_total", "shipping_tax", "tax_total", "grand_total")
_READERS: dict[str, Any] = {
    "external_id": identifier,
    "currency": currency_code,
    **dict.fromkeys(_TEXTS, text),
    **dict.fromkeys(_AMOUNTS, money),
    **dict.fromkeys(("created_at", "placed_at"), instant),
    **dict.fromkeys(("is_historical", "is_exchange", "tax_exempt"), flag),
    "exchanges": objects,
    **dict.fromkeys(("discounts", "extended_attributes"), json_objects),
}
_CUSTOMER: dict[str, Any] = {
    **dict.fromkeys(("customer_id", "external_customer_id"), identifier),
    "customer_email": text,
    **dict.fromkeys(("billing_address", "shipping_address"), json_object),
}

_ON_ITS_WAY = {"on_hold", "in_fulfillment", "complete", "returned"}

Head = dict[str, Any]
"""The document's `order`; empty if no event says anything of it."""


def head_of(facts: Sequence[Fact]) -> Head:
    """All of it but `current_total`: each field from the last `order.opened`, else from the last `order.created`."""
    said = [of(facts, name)[-1].payload for name in (CREATED, OPENED) if of(facts, name)]
    if not said:
        return {}
    head = _read(said, _READERS)
    if head["exchanges"] is not None:
        fields = ("order_id", "return_id")
        head["exchanges"] = [{field: identifier(each.get(field)) for field in fields} for each in head["exchanges"]]
    return {**head, "customer": _read(said, _CUSTOMER)}


def current_total(head: Head, items: Items, whole: Collection[str], *, all_off: bool, is_sure: bool) -> str | None:
    """The grand total without the cancelled items, as far as it can be told. `whole`: items of which every piece is
    said to be cancelled. `all_off`: the whole order was cancelled and never went out. `is_sure`: every item is known,
    with all of its pieces cancelled or none."""
    if all_off or not is_sure:
        return "0" if all_off else None
    ordered = {key: item for key, item in items.items() if item["ordered"]}
    off = {key: item for key, item in ordered.items() if _is_given_up(items, key)}
    if off and _has_a_stranger(items):
        return None
    if off and not _adds_up(head, [*ordered.values()]):
        return None
    taxed_on_top = head["price_method"] == "tax_excluded"
    return less(
        head["grand_total"],
        *(_paid_for(item, taxed_on_top=taxed_on_top, whole=key in whole) for key, item in off.items()),
    )


def _is_given_up(items: Items, key: str) -> bool:
    """Whether the customer gets neither an item nor what stands at the end of its chain of swaps."""
    chain = [key]
    while (after := items[chain[-1]]["replaced_by"]) is not None and len(chain) <= len(items):
        chain.append(after)
    first, final = items[key]["status"], items[chain[-1]]["status"]
    return (first, final) == ("replaced", "cancelled") or (first == "cancelled" and final not in _ON_ITS_WAY)


def _has_a_stranger(items: Items) -> bool:
    """Whether an item on its way is outside the list, so has no price, and replaces nothing known."""
    return any(
        item["status"] in _ON_ITS_WAY and not item["ordered"] and item["replaces"] is None for item in items.values()
    )


def _adds_up(head: Head, ordered: Sequence[dict[str, Any]]) -> bool:
    """Whether the order costs exactly its items and its shipping, so that its numbers mean what they seem to mean."""
    on_top = {"tax_excluded": True, "tax_included": False}.get(head["price_method"])
    if on_top is None:
        return False
    shipping = [head["shipping_total"] or "0", (head["shipping_tax"] or "0") if on_top else "0"]
    paid = [_paid_for(item, taxed_on_top=on_top) for item in ordered]
    rests = (less(head["grand_total"], *shipping, *paid, f"-{off}") for off in ("0", *_off_shipping(head, ordered)))
    return any(rest is not None and abs(Decimal(rest)) <= Decimal(least_of(head["currency"])) for rest in rests)


def _off_shipping(head: Head, ordered: Sequence[dict[str, Any]]) -> Iterator[str]:
    """The discount that no item has, if the shipping costs no less: it is then on the shipping."""
    spread = [item[field] for item in ordered for field in ("item_discounts", "order_discounts")]
    off = less(head["discount_total"], *spread)
    if is_more(off) and off is not None and not is_more(less(off, head["shipping_total"] or "0")):
        yield off


def _paid_for(item: dict[str, Any], *, taxed_on_top: bool, whole: bool = True) -> str | None:
    """What was paid for a line of the list. None if an amount is not known, or if it has several pieces and is not
    `whole`: nobody knows how many are meant."""
    count = item["quantity"]
    if count is None or item["list_price"] is None or (count != 1 and not whole):
        return None
    price = less(times(item["list_price"], count), item["item_discounts"], item["order_discounts"])
    if price is None or not taxed_on_top:
        return price
    return None if item["tax"] is None else total((price, item["tax"]))


def _read(said: Sequence[dict[str, Any]], readers: dict[str, Any]) -> dict[str, Any]:
    found = dict.fromkeys(readers)
    for payload in said:
        read = {field: reader(payload.get(field)) for field, reader in readers.items()}
        found |= {field: value for field, value in read.items() if value is not None}
    return found


def exchanged_by(head: dict[str, Any]) -> set[str]:
    """Ids of other orders' returns for which this one gives other goods. `head`: the document's `order`."""
    return {each["return_id"] for each in head.get("exchanges") or () if each["return_id"] is not None}
