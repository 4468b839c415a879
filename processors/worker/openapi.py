"""The worker's HTTP API: `python -m processors.worker.openapi > docs/openapi/worker.json`."""

import sys
from typing import Any, Final

from bridge.http.openapi import document, refusal, unauthorized, written
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

DOCUMENT: Final = document(
    "NewStore Kafka bridge: order queries",
    "States of orders. With `BRIDGE_OPS_PORT` all paths but these are on that port.",
    {"/orders/{order_id}": {"get": _ORDER}},
    {"OrderState": {key: part for key, part in _STATE.items() if key != "$defs"}, **_STATE["$defs"]},
)

if __name__ == "__main__":
    sys.stdout.write(written(DOCUMENT))
