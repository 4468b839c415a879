"""What a sender who makes mistakes sends over HTTP."""

import json
from typing import Final

from tests.integration.exactly_once.deliveries import TENANT
from tests.integration.exactly_once.deployment import BEARER
from tests.integration.exactly_once.service import Service

WEBHOOK: Final = "/webhooks/newstore"
PERSON: Final = "grace.hopper@example.com"
WRONG_KEY: Final = "a wrong key"
TOO_LARGE: Final = 8 << 20


def deliver(ingress: Service, body: bytes, headers: dict[str, str] = BEARER) -> int:
    """Status of the answer."""
    return ingress.request("POST", WEBHOOK, body, headers).status


def order_created(number: int, note: str = "", tenant: str = TENANT) -> bytes:
    """A body; one with another ``note`` contradicts it."""
    payload = {"id": f"order-{number}", "note": note}
    envelope = {"tenant": tenant, "name": "order.created", "published_at": "2026-11-01T00:00:00Z", "payload": payload}
    return json.dumps(envelope).encode()


def cause_faults(ingress: Service) -> None:
    """Send a wrong key, another tenant, a contradiction of order 1, a body that is too large, and some that are no
    JSON."""
    assert {deliver(ingress, b"{}", {"Authorization": f"Bearer {WRONG_KEY}"}) for _ in range(20)} == {401}
    assert deliver(ingress, order_created(2, tenant="another")) == 200
    assert deliver(ingress, order_created(1, note=PERSON)) == 200
    assert deliver(ingress, b" " * TOO_LARGE) == 400
    assert {deliver(ingress, b'{"no": json, "email": "%s"}' % PERSON.encode()) for _ in range(10)} == {200}
