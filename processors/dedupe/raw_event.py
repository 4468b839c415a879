"""Reading raw records: from the headers that the ingress computed, else from the body."""

from typing import Final, NamedTuple, Protocol

from processors.engine.records import RecordHeaders, values_of
from schemas.acceptance import Accepted, accept
from schemas.headers import (
    BY_OPERATOR,
    ERROR_EXCEPTION,
    IDENTITY,
    CachedIdentity,
    Headers,
    cached_identity,
    identity_from_headers,
    source_of,
    traceparent_of,
)
from schemas.json_structure import too_much_structure
from schemas.keytable import KeyTable
from schemas.outcome import Reason

_new: Final = tuple.__new__  # as in schemas.headers


class RawRecord(RecordHeaders, Protocol):
    """What dedupe reads of a raw record; ``timestamp`` in milliseconds."""

    timestamp: int
    value: bytes | None


class RawEvent(NamedTuple):
    """A raw record that is an event of this tenant; ``carrier`` has headers by the worker's own rules: mostly the
    record."""

    identity: CachedIdentity
    carrier: RecordHeaders


class NewHeaders(NamedTuple):
    """Headers that the worker computed from the body."""

    headers: Headers


class NoEvent(NamedTuple):
    """A raw record that is no event: no valid envelope, or another tenant's."""

    reason: Reason
    exception: str | None
    traceparent: str | None


class RawReader:
    """Reads raw records for one tenant under one key table."""

    def __init__(self, tenant: str, table: KeyTable) -> None:
        self._tenant, self._table = tenant, table
        self.source = source_of(tenant)
        """The header `ce_source` of the tenant's events."""

    def read(self, record: RawRecord) -> RawEvent | NoEvent:
        """The event in a raw record. The headers are a cache: the body counts if another rule than the worker's
        computed them, or if its structure is too much for later readers (an older ingress accepted such bodies)."""
        if too_much_structure(record.value or b""):
            return self._parse(record)
        identity = cached_identity(values_of(record, IDENTITY), table=self._table, source=self.source)
        if identity is not None:
            return _new(RawEvent, (identity, record))
        return self._parse(record)

    def _parse(self, record: RawRecord) -> RawEvent | NoEvent:
        traceparent = traceparent_of(record.headers)
        accepted = accept(
            record.value or b"",
            content_encoding=None,
            tenant=self._tenant,
            table=self._table,
            received_at_ms=record.timestamp,
            traceparent=traceparent,
        )
        if not isinstance(accepted, Accepted):
            exception = dict(accepted.headers).get(ERROR_EXCEPTION, b"").decode() or None
            return NoEvent(accepted.reason, exception, traceparent)
        headers = accepted.headers + [header for header in record.headers if header[0] in BY_OPERATOR]
        identity = identity_from_headers(headers, table=self._table, source=self.source)
        if identity is None:
            raise RuntimeError("acceptance gave headers of another rule than the table's")
        return RawEvent(identity, NewHeaders(headers))
