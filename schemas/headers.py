"""Record headers: CloudEvents 1.0 in binary mode, and the bridge's own."""

import re
from collections.abc import Mapping, Sequence
from functools import lru_cache
from hashlib import blake2b
from typing import Final, NamedTuple

from schemas.cloud_events import QUARANTINED, own_source, schema_urn
from schemas.identity import Identity
from schemas.instant import is_time, rfc3339_millis
from schemas.keytable import KeyTable
from schemas.text import percent_encode

CE_SPECVERSION: Final = "ce_specversion"
CE_ID: Final = "ce_id"
CE_TYPE: Final = "ce_type"
CE_SOURCE: Final = "ce_source"
CE_TIME: Final = "ce_time"
CE_SUBJECT: Final = "ce_subject"
CE_DATASCHEMA: Final = "ce_dataschema"
CE_BRIDGE_SOURCE: Final = "ce_bridgesource"
CE_BRIDGE_FIRST_SOURCE: Final = "ce_bridgefirstsource"
CE_BRIDGE_CONFLICT: Final = "ce_bridgeconflict"
CE_BRIDGE_EVENT: Final = "ce_bridgeevent"
CE_BRIDGE_ERROR_REASON: Final = "ce_bridgeerrorreason"
CE_BRIDGE_ERROR_STAGE: Final = "ce_bridgeerrorstage"
"""Extension attributes, for CloudEvents SDKs: they drop headers without `ce_`, and take no underscores in names."""
CONTENT_TYPE: Final = "content-type"
TRACEPARENT: Final = "traceparent"
RECEIVED_AT: Final = "bridge_received_at"
ENTITY_KEY: Final = "bridge_entity_key"
PAYLOAD_HASH: Final = "bridge_payload_hash"
RULES: Final = "bridge_rules"
SOURCE: Final = "bridge_source"
FIRST_SOURCE: Final = "bridge_first_source"
CONFLICT: Final = "bridge_conflict"
ACCEPT: Final = "bridge_accept"
REPLAY: Final = "bridge_replay"
ERROR_REASON: Final = "bridge_error_reason"
ERROR_STAGE: Final = "bridge_error_stage"
ERROR_EXCEPTION: Final = "bridge_error_exception"
ERROR_TOPIC: Final = "bridge_error_topic"
ERROR_PARTITION: Final = "bridge_error_partition"
ERROR_OFFSET: Final = "bridge_error_offset"
ERROR_FILE: Final = "bridge_error_file"
ERROR_LINE: Final = "bridge_error_line"

BY_OPERATOR: Final = frozenset({ACCEPT, REPLAY})
"""Headers of raw records that only the command line writes: they come from no request and from no body."""

MAX_COPIED: Final = 200
"""How many characters of a sender's text are copied: the copy must not make a record too large for its topic."""

Headers = list[tuple[str, bytes]]

_new: Final = tuple.__new__  # three times as fast as the NamedTuple's own __new__, which calls this; once a record

STUB_SCHEMA: Final = schema_urn("oversize-stub").encode()
"""`ce_dataschema` of a quarantine record whose value is a stub, whatever the reason."""

_ONE_SPELLING: Final = re.compile(rb"(?:0|[1-9]\d{0,9}):(?:0|[1-9]\d{0,18})")

_TRACEPARENT: Final = re.compile(r"(?!ff)[0-9a-f]{2}-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}")


class CachedIdentity(NamedTuple):
    """What dedupe needs to know of an event, from a record's headers.

    `name` is the event's, `row_key` is `<percent-encoded event name>/<key string>` (`ce_id` without the tenant),
    `payload_hash` is `v1:...`, `entity_key` is the cleaned record's key, `accept` is as `accept_of` gives it.
    """

    name: str
    row_key: bytes
    payload_hash: bytes
    entity_key: bytes
    accept: bytes | None = None


IDENTITY: Final = (CE_SOURCE, RULES, CE_TYPE, CE_ID, PAYLOAD_HASH, ENTITY_KEY, ACCEPT)
"""The headers of a raw record from which dedupe knows its event."""


def identity_from_headers(
    headers: Sequence[tuple[str, bytes]], *, table: KeyTable, source: bytes
) -> CachedIdentity | None:
    """Return the identity that the ingress computed. None: a header other than `ACCEPT` is missing, the event's name is
    no UTF-8, or the identity was computed by another rule, or for another tenant than that of `source`."""
    found = dict(headers)
    return cached_identity([found.get(name) for name in IDENTITY], table=table, source=source)


def cached_identity(values: Sequence[bytes | None], *, table: KeyTable, source: bytes) -> CachedIdentity | None:
    """Return the same from the values of the headers `IDENTITY`. A missing or null header has the value None."""
    of_tenant, rules, event_type, ce_id, payload_hash, entity_key, accept = values
    if of_tenant != source or rules is None or event_type is None or not table.recognises(rules, event_type):
        return None
    if ce_id is None or payload_hash is None or entity_key is None:
        return None
    try:
        name = _name(event_type)
    except UnicodeDecodeError:
        return None
    row_key, accepted = ce_id.partition(b"/")[2], None if accept is None else _position(accept)
    return _new(CachedIdentity, (name, row_key, payload_hash, entity_key, accepted))


def accept_of(headers: Mapping[str, bytes]) -> bytes | None:
    """Return the conflict that a raw record accepts: `<partition>:<offset>` in the conflicts topic. None: none.

    If the header is no position as the command line writes it, nobody can have meant it: the record is an ordinary one.
    """
    return _position(headers.get(ACCEPT))


def raw_headers(identity: Identity, *, rules: str, received_at_ms: int, traceparent: str | None) -> Headers:
    """Return the headers of a raw record. `rules` is the version of the event's key rule. A `traceparent` against W3C's
    syntax is left out."""
    headers = [
        (CE_SPECVERSION, b"1.0"),
        (CE_ID, identity.ce_id.encode()),
        (CE_TYPE, identity.name.encode()),
        (CE_SOURCE, source_of(identity.tenant)),
        (CONTENT_TYPE, b"application/json"),
        (RECEIVED_AT, rfc3339_millis(received_at_ms).encode()),
        (ENTITY_KEY, identity.entity_key.encode()),
        (PAYLOAD_HASH, identity.payload_hash.encode()),
        (RULES, rules.encode()),
    ]
    if is_time(identity.instant):
        headers.append((CE_TIME, identity.instant.encode()))
    return headers if traceparent is None else headers + _trace(traceparent)


def quarantine_headers(
    *,
    value: bytes,
    reason: str,
    stage: str,
    received_at_ms: int,
    ce_source: bytes,
    is_stub: bool = False,
    exception: str | None = None,
    source: tuple[str, int, int] | None = None,
    traceparent: str | None = None,
) -> Headers:
    """Return the headers of a quarantine record, whose value is the body or a stub.

    `ce_source` is that of the deployment's events, whoever sent the body. `exception` says more than the reason,
    repeats nothing of the body, and is cut at 200 characters. `source` is the topic, partition and offset of the record
    that could not be processed; None if the body never became a raw record.
    """
    received_at = rfc3339_millis(received_at_ms).encode()
    # A body that is no event has no id of its own. Equal bodies that are received in the same millisecond share one.
    ce_id = f"{received_at_ms}/{_digest(value)}" if source is None else "/".join(map(str, source))
    headers = [
        (CE_SPECVERSION, b"1.0"),
        (CE_ID, ce_id.encode()),
        (CE_TYPE, QUARANTINED),
        (CE_SOURCE, own_source(ce_source, "quarantine")),
        (CE_TIME, received_at),
        (CONTENT_TYPE, b"application/json" if is_stub else b"application/octet-stream"),
        (CE_BRIDGE_ERROR_REASON, reason.encode()),
        (CE_BRIDGE_ERROR_STAGE, stage.encode()),
        (ERROR_REASON, reason.encode()),
        (ERROR_STAGE, stage.encode()),
        (RECEIVED_AT, received_at),
    ]
    if is_stub:
        headers.append((CE_DATASCHEMA, STUB_SCHEMA))
    if exception is not None:
        headers.append((ERROR_EXCEPTION, exception[:MAX_COPIED].encode("utf-8", "backslashreplace")))
    if source is not None:
        names = (ERROR_TOPIC, ERROR_PARTITION, ERROR_OFFSET)
        headers += [(name, str(value).encode()) for name, value in zip(names, source, strict=True)]
    return headers if traceparent is None else headers + _trace(traceparent)


def traceparent_of(headers: Sequence[tuple[str, bytes]]) -> str | None:
    """Return a record's `traceparent` as text, None if it has none; a header may have no value."""
    return (dict(headers).get(TRACEPARENT) or b"").decode("ascii", "replace") or None


def _position(value: bytes | None) -> bytes | None:
    return value if value is not None and _ONE_SPELLING.fullmatch(value) else None


@lru_cache(maxsize=1024)
def _name(event_type: bytes) -> str:
    return event_type.decode()


@lru_cache(maxsize=16)
def source_of(tenant: str) -> bytes:
    """Return the header `ce_source` of a tenant's events."""
    return f"/newstore/{percent_encode(tenant)}".encode()  # CloudEvents wants a URI reference


def _digest(value: bytes) -> str:
    return blake2b(value, digest_size=16).hexdigest()


def _trace(traceparent: str) -> Headers:
    return [(TRACEPARENT, traceparent.encode())] if _TRACEPARENT.fullmatch(traceparent) else []
