"""What the OpenAPI 3.1 documents of ingress and worker share, and their paths in the router's form. docs/openapi/ has
them as they are served."""

import json
from collections.abc import Mapping
from typing import Any, Final

Object = dict[str, Any]

PROBLEM: Final[Object] = {
    "description": "A problem document (RFC 9457).",
    "type": "object",
    "required": ["type", "title", "status"],
    "properties": {
        "type": {"type": "string"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string"},
    },
}
_RETRY_AFTER: Final[Object] = {
    "Retry-After": {"description": "Seconds.", "required": True, "schema": {"type": "integer", "minimum": 0}}
}
_CHALLENGE: Final[Object] = {"WWW-Authenticate": {"required": True, "schema": {"const": "Bearer"}}}


def document(title: str, description: str, paths: Mapping[str, Object], schemas: Mapping[str, Object]) -> Object:
    """The document of a service: its own paths, which ask for a bearer key, and those for operations, which do not."""
    return {
        "openapi": "3.1.0",
        "info": {"title": title, "version": "1", "description": description},
        "security": [{"bearer": []}],
        "paths": {**paths, **_OPERATIONS},
        "components": {
            "securitySchemes": {"bearer": {"type": "http", "scheme": "bearer"}},
            "schemas": {**schemas, "Problem": PROBLEM},
        },
    }


def route(path: str) -> str:
    """Return a path of OpenAPI in the router's form. The router's own `{name}` matches no part with a brace in it,
    which an id may have."""
    return path.replace("}", ":[^/]+}")


def refusal(description: str, *, retry: bool = False, schema: str = "Problem") -> Object:
    """An answer that is a problem document, of this schema; `retry` if it has a `Retry-After`."""
    content = {"application/problem+json": {"schema": {"$ref": f"#/components/schemas/{schema}"}}}
    answer: Object = {"description": description, "content": content}
    return answer | {"headers": _RETRY_AFTER} if retry else answer


def unauthorized() -> Object:
    """The answer to callers without a key."""
    return refusal("No bearer key, a wrong one, or several.") | {"headers": _CHALLENGE}


def written(openapi: Object) -> str:
    """The text of the file in docs/openapi/."""
    return f"{json.dumps(openapi, indent=2)}\n"


def _page(operation: str, summary: str, responses: Mapping[str, Object], **more: Any) -> Object:
    return {"get": {"operationId": operation, "summary": summary, "security": [], **more, "responses": responses}}


def _text(description: str) -> Object:
    return {"description": description, "content": {"text/plain": {"schema": {"type": "string"}}}}


_VERBOSE: Final[Object] = {
    "name": "verbose",
    "in": "query",
    "description": "Lists every check, and what somebody should look at.",
    "allowEmptyValue": True,
    "schema": {"type": "string"},
}
_MISSING: Final = "What is missing; with `verbose` as text."
_UNREADY: Final[Object] = {
    "description": _MISSING,
    "content": {**refusal(_MISSING)["content"], **_text(_MISSING)["content"]},
}
_JSON: Final[Object] = {"application/json": {"schema": {"type": "object"}}}
_OPERATIONS: Final[Object] = {
    "/livez": _page("livez", "Whether the process is alive.", {"200": _text("It is.")}),
    "/readyz": _page(
        "readyz", "Whether it can do its work.", {"200": _text("It can."), "503": _UNREADY}, parameters=[_VERBOSE]
    ),
    "/metrics": _page("metrics", "Metrics for Prometheus.", {"200": _text("Its text format.")}),
    "/openapi.json": _page("openapi", "This document.", {"200": {"description": "OpenAPI 3.1.", "content": _JSON}}),
}
