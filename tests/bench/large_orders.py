"""Events of orders with many lines: a few kilobytes each, and an order's state of a hundred."""

import random
import uuid
from collections.abc import Iterator
from itertools import batched
from typing import Any

import orjson

_AT_ONCE = 500
"""So many orders are under way side by side: each of their events meets a row that others have written since."""


def bodies(tenant: str, orders: int, lines: int, seed: int) -> Iterator[bytes]:
    """Seven events of each order, one after the other, those of `_AT_ONCE` orders mixed."""
    rng = random.Random(seed)
    for numbers in batched(range(orders), _AT_ONCE):
        under_way = [_events(rng, f"{seed}-{number}", lines) for number in numbers]
        for second, step in enumerate(zip(*under_way, strict=True)):
            for name, payload in rng.sample(step, len(step)):
                at = f"2026-11-01T00:00:{second:02d}Z"
                yield orjson.dumps({"tenant": tenant, "name": name, "published_at": at, "payload": payload})


def _events(rng: random.Random, order_id: str, lines: int) -> Iterator[tuple[str, dict[str, Any]]]:
    named = [
        {"id": str(uuid.UUID(int=rng.getrandbits(128))), "product_id": f"{rng.getrandbits(40)}"} for _ in range(lines)
    ]
    ordered = [_ordered(item) for item in named]
    closed = [{**item, "quantity": 1, "status": "complete"} for item in named]
    request = {"order_id": order_id, "id": f"request-{order_id}", "items": named}
    yield "order.created", {"id": order_id, "items": ordered}
    yield "order.opened", {"id": order_id, "items": ordered}
    yield "fulfillment_request.assigned", request
    yield "fulfillment_request.items_ready_for_handover", request
    yield "fulfillment_request.items_completed", request
    yield "order.shipped", {"id": order_id, "items": closed}
    yield "order.completed", {"id": order_id, "items": closed}


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
