"""The ingress's HTTP API as an OpenAPI 3.1 document."""

from typing import Any, Final

_PROBLEM: Final = {
    "application/problem+json": {
        "schema": {
            "type": "object",
            "required": ["type", "title", "status"],
            "properties": {
                "type": {"type": "string"},
                "title": {"type": "string"},
                "status": {"type": "integer"},
                "detail": {"type": "string"},
            },
        }
    }
}
_RETRY_AFTER: Final = {"Retry-After": {"schema": {"type": "integer"}, "description": "seconds"}}


def _refusal(description: str, *, retry: bool = False) -> dict[str, Any]:
    answer: dict[str, Any] = {"description": description, "content": _PROBLEM}
    return answer | {"headers": _RETRY_AFTER} if retry else answer


def _page(summary: str, answers: dict[str, Any]) -> dict[str, Any]:
    return {"get": {"summary": summary, "security": [], "responses": answers}}


DOCUMENT: Final[dict[str, Any]] = {
    "openapi": "3.1.0",
    "info": {"title": "NewStore Kafka bridge, ingress", "version": "1"},
    "components": {"securitySchemes": {"bearer": {"type": "http", "scheme": "bearer"}}},
    "security": [{"bearer": []}],
    "paths": {
        "/webhooks/newstore": {
            "post": {
                "summary": "Deliver one NewStore event",
                "requestBody": {
                    "required": True,
                    "content": {
                        "application/json": {
                            "schema": {
                                "type": "object",
                                "required": ["tenant", "name", "payload"],
                                "properties": {
                                    "tenant": {"type": "string", "maxLength": 200},
                                    "name": {"type": "string", "maxLength": 200},
                                    "published_at": {"type": "string", "format": "date-time"},
                                    "payload": {"type": "object"},
                                },
                            }
                        }
                    },
                },
                "responses": {
                    "200": {"description": "Durable in Kafka; bodies that are no valid envelope in quarantine"},
                    "400": _refusal("Too large, or refused by Kafka; a stub of it is in quarantine"),
                    "401": _refusal("Missing or wrong bearer key; nothing was stored"),
                    "429": _refusal("Too much in flight", retry=True),
                    "500": _refusal("Not known to be stored: deliver again", retry=True),
                },
            }
        },
        "/livez": _page("Whether the process is alive", {"200": {"description": "It is"}}),
        "/readyz": _page(
            "Whether events can be taken; `?verbose` lists the checks",
            {"200": {"description": "They can"}, "503": _refusal("They cannot, and why")},
        ),
        "/metrics": _page("Prometheus metrics", {"200": {"description": "Text format"}}),
        "/openapi.json": _page("This document", {"200": {"description": "OpenAPI 3.1"}}),
    },
}
