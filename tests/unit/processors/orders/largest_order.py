"""The largest order that is required: 500 items, 2,000 requests and 5,000 events.

Four stores are asked for each item, and the last one sends it. Each item is paid when it goes out, and half of them
come back.
"""

from collections.abc import Iterator
from typing import Any, Final

import orjson
from aiokafka.structs import ConsumerRecord

from schemas.instant import rfc3339_millis
from tests.unit.processors.orders.facts import ORDER_ID, TENANT, cleaned
from tests.unit.processors.orders.units import TOPICS

ITEMS: Final = 500
STORES: Final = 4
RETURNED: Final = 248
EVENTS: Final = 5_000
BEGAN_MS: Final = 1_767_225_600_000
EACH_MS: Final = 10
"""Milliseconds from one event to the next."""


def events() -> Iterator[tuple[str, dict[str, Any]]]:
    """Names and payloads of the events, in the order in which they happen."""
    listed = [
        {"id": f"item-{n:03d}", "product_id": f"product-{n:03d}", "quantity": 1, "list_price": 10} for n in range(ITEMS)
    ]
    head = {"id": ORDER_ID, "items": listed, "currency": "EUR", "grand_total": 10 * ITEMS, "shipping_total": 0}
    yield "order.created", head
    yield "payment_account.amount_authorized", _paid("authorization", 10 * ITEMS)
    yield "order.opened", head
    for store in range(STORES):
        for n in range(ITEMS):
            yield "fulfillment_request.assigned", _requested(n, store, 1)
        step = "items_failed" if store < STORES - 1 else "items_completed"
        for n in range(ITEMS):
            yield f"fulfillment_request.{step}", _requested(n, store, 2)
    for n in range(ITEMS):
        yield "payment_account.amount_captured", _paid(f"capture-{n}", 10)
    yield "order.completed", {"id": ORDER_ID, "items": [{**each, "status": "complete"} for each in listed]}
    for n in range(RETURNED):
        line = {"id": f"item-{n:03d}", "product_id": f"product-{n:03d}", "quantity": 1, "item_type": "product"}
        money = {"total_refund_amount": 10, "currency": "EUR"}
        yield "return.processed", {"id": f"return-{n}", "order_id": ORDER_ID, "items": [line], **money}
        yield "payment_account.amount_refunded", _paid(f"refund-{n}", 10, correlation_id=f"return-{n}")


def _requested(item: int, store: int, turn: int) -> dict[str, Any]:
    line = {"id": f"item-{item:03d}", "product_id": f"product-{item:03d}"}
    request = {"id": f"request-{item}-{store}", "order_id": ORDER_ID, "logical_timestamp": turn}
    return {**request, "fulfillment_location_id": f"store-{store}", "items": [line]}


def _paid(transaction_id: str, amount: int, **more: str) -> dict[str, Any]:
    transaction = {"id": transaction_id, "amount": amount, "currency": "EUR", "instrument_id": "the-card", **more}
    return {
        "id": ORDER_ID,
        "transactions": [transaction],
        "instruments": [{"id": "the-card", "payment_method": "credit_card"}],
    }


def records() -> list[ConsumerRecord]:
    """Return the events as records of the orders topic, a hundred a second."""
    return [_record(n, name, payload) for n, (name, payload) in enumerate(events())]


def _record(n: int, name: str, payload: dict[str, Any]) -> ConsumerRecord:
    at = BEGAN_MS + n * EACH_MS
    body = {"tenant": TENANT, "name": name, "published_at": rfc3339_millis(at), "payload": payload}
    value, headers = cleaned(orjson.dumps(body), received_at_ms=at, source=f"0:{n}")
    return ConsumerRecord(TOPICS.orders, 0, n, at, 0, ORDER_ID.encode(), value, None, 1, len(value), [*headers.items()])
