"""The call that makes NewStore send to this deployment."""

import json
from shlex import quote
from typing import Any, Final

from bridge.intake import WEBHOOK
from bridge.settings import Settings
from commands.terminal.services import webhook_url
from schemas.events import EVENT_NAMES

_KEY: Final = "KEY"


def registration(settings: Settings) -> dict[str, Any]:
    """URL and body of the call, without the key: printed text ends up in tickets and shell histories."""
    url = webhook_url(settings)
    webhook = url if url.startswith("https://") else f"https://YOUR-HOST{WEBHOOK}"
    events = [] if settings.events == EVENT_NAMES else list(settings.events)
    return {
        "url": f"https://{settings.tenant}.p.newstore.net/api/v1/org/integrations/eventstream",
        "body": {
            "id": "kafka-bridge",
            "integration_type": "permanent",
            "callback_parameters": {"callback_url": webhook, "api_key": _KEY},
            "filter_conditions": {"event_filter": events, "entity_filter": []},
        },
    }


def as_curl(call: dict[str, Any]) -> list[str]:
    """Lines to paste into a shell."""
    return [
        f"curl -X POST {quote(call['url'])} \\",
        "  -H \"Authorization: Bearer $NEWSTORE_TOKEN\" -H 'Content-Type: application/json' \\",
        f"  -d {quote(json.dumps(call['body']))}",
    ]


def remarks() -> list[str]:
    """What to fill in, and what happens then."""
    return [
        f"{_KEY} is one of BRIDGE_INGRESS_API_KEYS, the stage may be x or s instead of p, and the token is from",
        "NewStore's auth realm of the tenant. It begins to send at once. Behind it stands docs/ingress.md.",
    ]
