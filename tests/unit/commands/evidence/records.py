"""Kept records in memory, as the ingress and the worker write them."""

from typing import Any

import orjson

from bridge.kafka.reading import Source
from bridge.settings import Settings
from commands.evidence.kept import Kept
from schemas.acceptance import Accepted, Quarantined, accept
from schemas.headers import FIRST_SOURCE, SOURCE, Headers
from schemas.keytable import KeyTable

TABLE = KeyTable.shipped()
NOW_MS = 1_700_000_000_000
TRACEPARENT = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
PLACE = Source(3, 17)


def settings(tenant: str = "acme") -> Settings:
    return Settings(tenant=tenant, partitions=4)


def body(name: str = "order.created", tenant: str = "acme", **payload: Any) -> bytes:
    return orjson.dumps({"tenant": tenant, "name": name, "payload": {"id": "o-1", **payload}})


def accepted(value: bytes, tenant: str = "acme") -> Accepted | Quarantined:
    return accept(
        value,
        content_encoding=None,
        tenant=tenant,
        table=TABLE,
        received_at_ms=NOW_MS,
        traceparent=TRACEPARENT,
    )


def kept(value: bytes, headers: Headers, key: bytes | None = None, timestamp: int = NOW_MS) -> Kept:
    return Kept(PLACE, timestamp, key, value, dict(headers))


def quarantined(value: bytes, tenant: str = "acme", extra: Headers | None = None, timestamp: int = NOW_MS) -> Kept:
    """What the ingress of ``tenant`` refuses, with headers changed or added."""
    refused = accepted(value, tenant)
    assert isinstance(refused, Quarantined)
    return kept(refused.value, [*refused.headers, *(extra or [])], timestamp=timestamp)


def conflict(value: bytes, extra: Headers | None = None, timestamp: int = NOW_MS) -> Kept:
    """What the worker writes for another payload under a known key."""
    taken = accepted(value)
    assert isinstance(taken, Accepted)
    sources = [(SOURCE, b"0:9"), (FIRST_SOURCE, b"0:1")]
    return kept(value, [*taken.headers, *sources, *(extra or [])], taken.key, timestamp)
