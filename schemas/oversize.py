"""The stub that stands in quarantine for a body larger than the limit."""

from collections.abc import Mapping
from typing import Final

from schemas.acceptance import INGRESS, Quarantined
from schemas.exact_json import canonical
from schemas.headers import MAX_COPIED, quarantine_headers, source_of
from schemas.outcome import Reason

HARMLESS_HEADERS: Final = frozenset(
    {"content-type", "content-length", "content-encoding", "transfer-encoding", "user-agent", "traceparent"}
)
"""Request headers a stub keeps, in lower case: what tells whose body it was, and no secret."""


def oversize_stub(
    *,
    headers: Mapping[str, str],
    size: int,
    read_hash: str,
    received_at_ms: int,
    traceparent: str | None,
    tenant: str,
    stage: str = INGRESS,
) -> Quarantined:
    """Return the stub, a JSON object `{"headers", "size", "hash", "truncated": true}`.

    Of `headers` (the request's) only `HARMLESS_HEADERS` are kept, each cut at 200 characters. `size` is the body's in
    bytes, as declared or as far as read; `read_hash` is a hash of what was read, in the caller's words; `tenant` is the
    one that the deployment serves, `stage` is who asks.
    """
    kept = {name.lower(): value[:MAX_COPIED] for name, value in headers.items() if name.lower() in HARMLESS_HEADERS}
    stub = {"headers": kept, "size": size, "hash": read_hash, "truncated": True}
    value = canonical(stub)  # unlike orjson alone, it can write the lone surrogates of a header that is no UTF-8
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
