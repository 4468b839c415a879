"""The stub that stands in quarantine for a body larger than the limit."""

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
"""Request headers a stub keeps, in lower case: what tells whose body it was, and no secret."""


def stub_value(headers: Mapping[str, str], size: int, read: bytes) -> bytes:
    """A stub's JSON object `{"headers", "size", "hash", "truncated": true}`; the hash is of `read`, and says so."""
    digest = _digest(read)
    stub = {"headers": headers, "size": size, "hash": f"blake2b-128 of the first {len(read)} bytes: {digest}"}
    # Unlike orjson alone, it can write the lone surrogates of a header that is no UTF-8.
    return canonical({**stub, "truncated": True})


def stands_for(stub: bytes, body: bytes) -> bool:
    """Whether a stub was left of this body by who had read all of it. By their ends hashes of earlier versions are
    known, too."""
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
    """Return the stub.

    Of `headers` (the request's) only `HARMLESS_HEADERS` are kept, each cut at 200 characters. `size` is the body's in
    bytes, as declared or as far as read; `read` is what was read of it; `tenant` is the one that the deployment serves,
    `stage` is who asks.
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
