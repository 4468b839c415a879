"""The stub that quarantine keeps in place of a body larger than the limit."""

import json
from collections.abc import Mapping
from hashlib import blake2b
from typing import Final

from schemas.acceptance import INGRESS, Quarantined
from schemas.exact_json import canonical
from schemas.headers import MAX_COPIED, quarantine_headers, source_of
from schemas.outcome import Reason

HARMLESS_HEADERS: Final = frozenset(
    {"content-type", "content-length", "content-encoding", "transfer-encoding", "user-agent", "traceparent"}
)
"""Request headers that a stub keeps, in lower case: they tell whose body it was, and hold no secret."""


def stub_value(headers: Mapping[str, str], size: int, read: bytes) -> bytes:
    """Return a stub: JSON `{"headers", "size", "hash", "truncated": true}`. The hash is of `read`, and says so."""
    digest = _digest(read)
    stub = {"headers": headers, "size": size, "hash": f"blake2b-128 of the first {len(read)} bytes: {digest}"}
    # Unlike orjson, `canonical` can write the lone surrogates of a header that is no UTF-8.
    return canonical({**stub, "truncated": True})


def stands_for(stub: bytes, body: bytes) -> bool:
    """Say whether a stub was made from all of this body. Only the end of the hash's text is compared: earlier versions
    began it with other words."""
    try:
        told = json.loads(stub)
        size, read_hash = told["size"], told["hash"]
    except (ValueError, RecursionError, TypeError, KeyError):
        return False
    return bool(size == len(body)) and isinstance(read_hash, str) and read_hash.endswith(_digest(body))


def oversize_stub(
    *,
    headers: Mapping[str, str],
    size: int,
    read: bytes,
    received_at_ms: int,
    traceparent: str | None,
    tenant: str,
    stage: str = INGRESS,
) -> Quarantined:
    """Return the quarantine record with the stub.

    The stub keeps only `HARMLESS_HEADERS` of the request's `headers`, each cut at 200 characters. `size` is the body's
    in bytes, as declared or as far as it was read; `read` is what was read of it. `tenant` is the
    deployment's, `stage` the part that asks.
    """
    kept = {name.lower(): value[:MAX_COPIED] for name, value in headers.items() if name.lower() in HARMLESS_HEADERS}
    value = stub_value(kept, size, read)
    record_headers = quarantine_headers(
        value=value,
        reason=Reason.TOO_LARGE,
        stage=stage,
        received_at_ms=received_at_ms,
        ce_source=source_of(tenant),
        is_stub=True,
        traceparent=traceparent,
    )
    return Quarantined(Reason.TOO_LARGE, value, record_headers)


def _digest(read: bytes) -> str:
    return blake2b(read, digest_size=16).hexdigest()
