"""Events of orders with many lines: with a hundred, an event has 10 to 70 kB, and so have the order's row and state."""

import random
from collections.abc import Iterator
from typing import Any

import orjson

_EVENTS = (
    "order.created",
    "order.opened",
    "fulfillment_request.assigned",
    "fulfillment_request.items_ready_for_handover",
    "fulfillment_request.items_completed",
    "order.shipped",
    "order.completed",
)


def bodies(tenant: str, orders: int, lines: int, seed: int) -> Iterator[bytes]:
    """Seven events of each order: the first of every order, then the second, so that a chunk has as many orders as
    possible."""
    rng = random.Random(seed)
    for second, name in enumerate(_EVENTS):
        at = f"2026-11-01T00:00:{second:02d}Z"
        for number in rng.sample(range(orders), orders):
            payload = _payload(name, f"{seed}-{number}", lines)
            yield orjson.dumps({"tenant": tenant, "name": name, "published_at": at, "payload": payload})


def _payload(name: str, order_id: str, lines: int) -> dict[str, Any]:
    rng = random.Random(order_id)
    items = [{"id": f"{rng.getrandbits(128):032x}", "product_id": f"{rng.getrandbits(40)}"} for _ in range(lines)]
    if name.startswith("fulfillment_request."):
        return {"order_id": order_id, "id": f"request-{order_id}", "items": items}
    if name in {"order.created", "order.opened"}:
        return {"id": order_id, "items": [_ordered(item) for item in items]}
    return {"id": order_id, "items": [{**item, "quantity": 1, "status": "complete"} for item in items]}


def _ordered(item: dict[str, str]) -> dict[str, Any]:
    taxes = [{"name": f"TAX {place}", "amount": 1.46, "rate": 0.0125} for place in range(4)]
    return {
        **item,
        "item_type": "product",
        "pricebook_id": "default",
        "pricebook_price": 146,
        "list_price": 146,
        "item_discounts": 29.2,
        "order_discounts": 0,
        "tax": 9.93,
        "tax_provider_details": taxes,
        "quantity": 1,
        "status": "pending",
        "extended_attributes": [],
        "external_identifiers": {"sku": item["product_id"], "upc": item["id"][:12], "ean13": item["id"][:13]},
        "shipping_service_level": "TRADITIONAL_CARRIER",
        "is_preorder": False,
    }
