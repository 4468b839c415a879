"""The worker's HTTP API: `python -m processors.worker.openapi > docs/openapi/worker.json`."""

import sys
from typing import Any, Final

from bridge.http.openapi import document, refusal, unauthorized, written
from processors.worker.queries.deliveries import MOST
from schemas.order_state import OrderState

_STATE: Final = OrderState.model_json_schema(mode="serialization", ref_template="#/components/schemas/{model}")
_ORDER: Final[dict[str, Any]] = {
    "operationId": "order",
    "summary": "State of one order, from whichever worker owns it.",
    "parameters": [
        {
            "name": "order_id",
            "in": "path",
            "required": True,
            "description": "The order's `id` in NewStore, percent-encoded.",
            "schema": {"type": "string", "minLength": 1},
        }
    ],
    "responses": {
        "200": {
            "description": "As in the order-state topic.",
            "content": {"application/json": {"schema": {"$ref": "#/components/schemas/OrderState"}}},
        },
        "401": unauthorized(),
        "404": refusal("No event of this order was seen."),
        "503": refusal("The order's partition is being recovered, or its owner is away.", retry=True),
    },
}

_SEEN: Final[dict[str, Any]] = {
    "operationId": "seen",
    "summary": "How often events were delivered, from whichever workers own their raw partitions.",
    "parameters": [
        {
            "name": "id",
            "in": "query",
            "required": True,
            "description": "The `ce_id` of a cleaned record; with `~` and a payload hash behind it, of that payload.",
            "schema": {"type": "array", "minItems": 1, "maxItems": MOST, "items": {"type": "string"}},
        }
    ],
    "responses": {
        "200": {
            "description": "In the order of the ids.",
            "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Seen"}}},
        },
        "400": refusal("No ids, or too many."),
        "401": unauthorized(),
        "503": refusal("An owner is away, or its partition is being recovered.", retry=True),
    },
}
_TIME_OR_NULL: Final[dict[str, Any]] = {"type": ["string", "null"], "format": "date-time"}
_SEEN_EVENT: Final[dict[str, Any]] = {
    "type": "object",
    "required": ["id", "deliveries", "first_received_at", "last_received_at"],
    "description": "Nulls: it was not seen, or is forgotten.",
    "properties": {
        "id": {"type": "string"},
        "deliveries": {
            "type": ["integer", "null"],
            "minimum": 1,
            "description": "The first one and what came again, since workers count that.",
        },
        "first_received_at": _TIME_OR_NULL,
        "last_received_at": _TIME_OR_NULL,
    },
}
_SEEN_ANSWER: Final[dict[str, Any]] = {
    "type": "object",
    "required": ["events"],
    "properties": {"events": {"type": "array", "items": _SEEN_EVENT}},
}

DOCUMENT: Final = document(
    "NewStore Kafka bridge: order queries",
    "States of orders. With `BRIDGE_OPS_PORT` all paths but these are on that port.",
    {"/orders/{order_id}": {"get": _ORDER}, "/seen": {"get": _SEEN}},
    {
        "Seen": _SEEN_ANSWER,
        "OrderState": {key: part for key, part in _STATE.items() if key != "$defs"},
        **_STATE["$defs"],
    },
)

if __name__ == "__main__":
    sys.stdout.write(written(DOCUMENT))
