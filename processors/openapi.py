"""OpenAPI description of the worker's HTTP interface."""

from typing import Any, Final

from schemas.order_state import OrderState

_STATE: Final = OrderState.model_json_schema(mode="serialization", ref_template="#/components/schemas/{model}")
_PROBLEM: Final = {"application/problem+json": {"schema": {"type": "object"}}}


def _answer(description: str) -> dict[str, Any]:
    return {"description": description, "content": _PROBLEM}


DOCUMENT: Final[dict[str, Any]] = {
    "openapi": "3.1.0",
    "info": {"title": "NewStore bridge: order queries", "version": "1"},
    "paths": {
        "/orders/{order_id}": {
            "get": {
                "summary": "State of one order, from whichever worker owns it",
                "security": [{"bearer": []}],
                "parameters": [{"name": "order_id", "in": "path", "required": True, "schema": {"type": "string"}}],
                "responses": {
                    "200": {
                        "description": "The order's state, as in the order-state topic",
                        "content": {"application/json": {"schema": {"$ref": "#/components/schemas/OrderState"}}},
                    },
                    "401": _answer("No key, or a wrong one"),
                    "404": _answer("No event of this order was seen"),
                    "503": _answer("The order's partition is being recovered or its owner is away; see Retry-After"),
                },
            }
        },
        "/livez": {"get": {"summary": "The process answers", "responses": {"200": {"description": "It does"}}}},
        "/readyz": {
            "get": {
                "summary": "Member of the group, and every lane runs; `?verbose` lists the checks",
                "responses": {"200": {"description": "Ready"}, "503": _answer("What is missing")},
            }
        },
        "/metrics": {"get": {"summary": "Prometheus metrics", "responses": {"200": {"description": "Text format"}}}},
    },
    "components": {
        "securitySchemes": {"bearer": {"type": "http", "scheme": "bearer"}},
        "schemas": {"OrderState": {key: part for key, part in _STATE.items() if key != "$defs"}, **_STATE["$defs"]},
    },
}
