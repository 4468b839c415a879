"""Makes the cases' bodies and keys from the contract's words, without the code under test."""

import json
from collections.abc import Mapping
from hashlib import blake2b
from typing import Any
from urllib.parse import quote

from tests.contract import reference
from tests.integration.oddities.case import Case, Cleaned, Delivery, Dropped, Passed, Quarantined

TENANT = "acme"
AT = "2026-11-01T08:00:00Z"
LATER = "2026-11-02T08:00:00Z"
Orders = Mapping[str, Mapping[str, Any] | None]


def body(name: str, payload: str, at: str | None = f'"{AT}"', tenant: str = f'"{TENANT}"', more: str = "") -> bytes:
    """A webhook body; `payload`, `at` (None: absent), `tenant` and `more` fields are JSON texts."""
    published_at = "" if at is None else f'"published_at":{at},'
    return f'{{"tenant":{tenant},"name":{json.dumps(name)},{published_at}"payload":{payload}{more}}}'.encode()


def respelled(json_body: bytes) -> bytes:
    """The same event with its keys in another order, other white space, and every number and text spelt anew."""
    return reference.canonical(json_body.decode("utf-8-sig")) + b" "


def content_key(payload: str, instant: str = AT) -> str:
    """The key string of an event without an identifying field."""
    return f"v1%3A{_digest(reference.canonical(payload))}:{quote(instant, safe='')}"


def hashed_key(key_string: str) -> str:
    """What becomes of a key string over 200 bytes."""
    return f"h:{_digest(key_string.encode())}"


def raw_instant(value: str) -> str:
    """What stands in keys for a `published_at`, a JSON text, that is no date-time."""
    return f"raw-{blake2b(reference.canonical(value)).hexdigest()[:16]}"


def _digest(text: bytes) -> str:
    return blake2b(text, digest_size=16).hexdigest()


def cleaned(key: str, event_key: str | None = None, dataset: str = "orders", time: str | None = AT) -> Cleaned:
    """An event whose record key is its key string, too, unless `event_key` says otherwise."""
    return Cleaned(dataset, key, quote(key, safe="") if event_key is None else event_key, time)


def event(
    oddity: str,
    rule: str,
    effect: str,
    sent: bytes,
    outcome: Cleaned,
    orders: Orders | None = None,
    again: bytes | None = None,
) -> Case:
    """A case of one event, delivered a second time in another spelling (`again`), which must be dropped."""
    second = Delivery(respelled(sent) if again is None else again, Dropped())
    return Case(oddity, rule, effect, (Delivery(sent, outcome), second), orders or {})


def events(oddity: str, rule: str, effect: str, *sent: tuple[bytes, Cleaned], orders: Orders | None = None) -> Case:
    """A case of events that are easily taken for one; each is delivered a second time in another spelling."""
    deliveries = [d for one, outcome in sent for d in (Delivery(one, outcome), Delivery(respelled(one), Dropped()))]
    return Case(oddity, rule, effect, tuple(deliveries), orders or {})


def conflict(
    oddity: str, rule: str, effect: str, first: bytes, second: bytes, outcome: Cleaned, orders: Orders | None = None
) -> Case:
    """A case of two payloads under one guessed key; both are delivered again."""
    sent = (Delivery(first, outcome), Delivery(second, Passed(outcome)))
    return Case(oddity, rule, effect, (*sent, *(Delivery(respelled(d.body), Dropped()) for d in sent)), orders or {})


def quarantined(oddity: str, rule: str, reason: str, sent: bytes, headers: Mapping[str, str] | None = None) -> Case:
    """A case of a body that is no event; `headers`: the request's."""
    return Case(oddity, rule, "", (Delivery(sent, Quarantined(reason), headers or {}),))
