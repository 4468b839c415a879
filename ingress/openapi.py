"""The ingress's HTTP API: `python -m ingress.openapi > docs/openapi/ingress.json`."""

import sys
from typing import Any, Final

from bridge.http.openapi import document, refusal, unauthorized, written
from bridge.intake import WEBHOOK

_ENVELOPE: Final[dict[str, Any]] = {
    "description": "What NewStore sends. Whatever else comes is stored as well, in the quarantine topic.",
    "type": "object",
    "required": ["tenant", "name", "payload"],
    "properties": {
        "tenant": {"type": "string", "minLength": 1, "maxLength": 200},
        "name": {"type": "string", "minLength": 1, "maxLength": 200},
        "published_at": {"type": "string", "format": "date-time"},
        "payload": {"type": "object"},
    },
}
_DELIVER: Final[dict[str, Any]] = {
    "operationId": "deliver",
    "summary": "Deliver one event.",
    "requestBody": {
        "required": True,
        "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Envelope"}}},
    },
    "responses": {
        "200": {"description": "Durable in Kafka: in raw, or, if it is no event of this tenant, in quarantine."},
        "400": refusal("Too large, or refused by Kafka; a stub of it is durable in quarantine."),
        "401": unauthorized(),
        "429": refusal("Too much in flight.", retry=True),
        "500": refusal("Not known to be stored: deliver it again.", retry=True),
    },
}

DOCUMENT: Final = document(
    "NewStore Kafka bridge: ingress",
    "The webhook of NewStore's event stream. With `BRIDGE_OPS_PORT` all paths but the webhook are on that port.",
    {WEBHOOK: {"post": _DELIVER}},
    {"Envelope": _ENVELOPE},
)

if __name__ == "__main__":
    sys.stdout.write(written(DOCUMENT))
