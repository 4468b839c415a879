"""Turns a webhook's body into a record: on the raw topic, or in quarantine."""

from typing import Final, NamedTuple

from schemas.envelope import Envelope, InvalidEnvelope, read_envelope
from schemas.headers import Headers, quarantine_headers, raw_headers, source_of
from schemas.identity import identify
from schemas.instant import is_time
from schemas.keytable import KeyTable
from schemas.outcome import Reason

INGRESS: Final = "ingress"
BACKFILL: Final = "backfill"
"""The parts that apply acceptance: values of the header `bridge_error_stage`."""

_PLAIN: Final = frozenset({"", "identity"})
"""Content codings that change nothing (RFC 9110, 8.4). A header that is sent twice comes as a list."""


class Accepted(NamedTuple):
    """A record for the raw topic: `value` is the body byte for byte, `key` the event's name in UTF-8, `published` its
    instant, if that is a time."""

    event: str
    key: bytes
    value: bytes
    headers: Headers
    published: str | None


class Quarantined(NamedTuple):
    """A record for the quarantine topic, without a key: `value` is the body byte for byte, or a stub of it.

    `other_tenant` is the event's tenant if that is not the deployment's: up to 200 characters of any kind.
    """

    reason: Reason
    value: bytes
    headers: Headers
    other_tenant: str | None = None


class OtherTenant(InvalidEnvelope):
    """The envelope is valid, but its `tenant` is not the deployment's."""

    def __init__(self, tenant: str) -> None:
        super().__init__(Reason.OTHER_TENANT)
        self.tenant = tenant


def accept(
    body: bytes,
    *,
    content_encoding: str | None,
    tenant: str,
    table: KeyTable,
    received_at_ms: int,
    traceparent: str | None,
    stage: str = INGRESS,
) -> Accepted | Quarantined:
    """Decide what becomes of a body as it came over the wire; never raises.

    `tenant` is the one that this deployment serves, `received_at_ms` is in milliseconds since 1970. `content_encoding`
    and `traceparent` are the request's headers, if it has them. `stage` is the part that asks.
    """
    try:
        envelope = _read(body, content_encoding, tenant)
    except InvalidEnvelope as error:
        headers = quarantine_headers(
            value=body,
            reason=error.reason,
            stage=stage,
            received_at_ms=received_at_ms,
            ce_source=source_of(tenant),
            exception=error.detail,
            traceparent=traceparent,
        )
        return Quarantined(error.reason, body, headers, error.tenant if isinstance(error, OtherTenant) else None)
    rule, version = table.rule(envelope.name), table.version(envelope.name)
    identity = identify(envelope, rule)
    headers = raw_headers(identity, rules=version, received_at_ms=received_at_ms, traceparent=traceparent)
    published = identity.instant if is_time(identity.instant) else None
    return Accepted(envelope.name, envelope.name.encode(), body, headers, published)


def _read(body: bytes, content_encoding: str | None, tenant: str) -> Envelope:
    if content_encoding and not _PLAIN.issuperset(coding.strip().lower() for coding in content_encoding.split(",")):
        raise InvalidEnvelope(Reason.CONTENT_ENCODING, content_encoding)
    envelope = read_envelope(body)
    if envelope.tenant != tenant:
        raise OtherTenant(envelope.tenant)
    return envelope
