"""Facts for tests: built as the bridge builds them, from a body through acceptance and cleaned headers."""

import json
from typing import Any

import orjson

from processors.orders.apply import FoldRules, apply
from processors.orders.fact import Fact, fact_of
from schemas import headers as header
from schemas.acceptance import Accepted, accept
from schemas.keytable import KeyTable

ORDER_ID = "order-1"
TENANT = "demo-tenant"
TABLE = KeyTable.shipped()
EVERYTHING = FoldRules()

Json = dict[str, Any]


def cleaned(body: bytes, *, received_at_ms: int = 0, source: str = "0:0") -> tuple[bytes, dict[str, bytes]]:
    """Return value and headers of the cleaned record that `body` becomes."""
    accepted = accept(
        body,
        content_encoding=None,
        tenant=TENANT,
        table=TABLE,
        received_at_ms=received_at_ms,
        traceparent=None,
    )
    assert isinstance(accepted, Accepted)
    return accepted.value, {**dict(accepted.headers), header.SOURCE: source.encode()}


def fact(event: str, at: object = "2024-05-01T10:00:00Z", *, n: int = 0, **payload: Any) -> Fact:
    """Return the fact of an event of the order under test, the `n`th that the bridge received."""
    own_id = ORDER_ID if event.startswith("order.") else f"{event}-id"
    body = {
        "tenant": TENANT,
        "name": event,
        "published_at": at,
        "payload": {"id": own_id, "order_id": ORDER_ID, **payload},
    }
    made = fact_of(*cleaned(json.dumps(body).encode(), received_at_ms=n, source=f"0:{n}"))
    assert made is not None
    return made


def clock(second: int) -> str:
    """Return the instant that many seconds into the order's life."""
    return f"2024-05-01T10:{second // 60:02d}:{second % 60:02d}Z"


def items(*ids: str, **fields: Any) -> list[Json]:
    """Return a payload's `items` that name these ids."""
    return [{"id": item_id, "product_id": f"product-{item_id}", **fields} for item_id in ids]


def request(action: str, second: int, *ids: str, request_id: str = "request-1") -> Fact:
    """Return an event of a fulfilment request that names items."""
    name = f"fulfillment_request.{action}"
    return fact(name, clock(second), id=request_id, logical_timestamp=second, items=items(*ids))


def state_of(*facts: Fact, rules: FoldRules = EVERYTHING) -> Json:
    """Return the state of an order that has these facts, read in this order."""
    state: Json = orjson.loads(apply(None, facts, rules).state)
    return state


def statuses(state: Json) -> dict[str, str]:
    """Return the status of each item."""
    return {item_id: item["status"] for item_id, item in state["items"].items()}
