"""The quarantine record of what a handler could not process."""

from typing import Any, Final

from processors.engine.unit import Unit
from schemas.headers import ACCEPT, CE_SOURCE, quarantine_headers, traceparent_of
from schemas.outcome import Reason
from schemas.oversize import stub_value
from schemas.text import without_zero
from schemas.topics import Topics

_MOST_TEXT: Final = 200
_OF_NOBODY: Final = b"/newstore"
"""Where a record does not say whose it is: none that the bridge has written."""


def put_aside(unit: Unit, record: Any, topics: Topics, stage: str, error: Exception) -> None:
    """Emit a record of ``unit`` to the quarantine topic, byte for byte, with what the handler raised.

    Of a record that is larger than topics take by now only a stub goes there.
    """
    source = unit.chunk.tp.topic
    holds = unit.holds(record.value)
    # Where the body lies is in the headers.
    value = record.value if holds else stub_value({}, len(record.value), record.value)
    headers = quarantine_headers(
        value=value,
        reason=Reason.HANDLER_FAILED,
        stage=stage,
        received_at_ms=record.timestamp,
        ce_source=_source(record),
        is_stub=not holds,
        exception=described(error),
        source=(source, unit.partition, record.offset),
        traceparent=(traceparent_of(record.headers) or "")[:_MOST_TEXT] or None,
    )
    # Replayed, an acceptance must still be one: as an ordinary record, it would be a duplicate of its conflict.
    headers += [header for header in record.headers if header[0] == ACCEPT and 0 < len(header[1] or b"") <= _MOST_TEXT]
    unit.emit(topics.quarantine, unit.partition, None, value, record.timestamp, headers)


def _source(record: Any) -> bytes:
    """Whose the record is, as far as it says so: whatever another writer has put there must not keep it out."""
    source: bytes | None = dict(record.headers).get(CE_SOURCE)
    return source if source and len(source) <= _MOST_TEXT else _OF_NOBODY


def described(error: Exception) -> str:
    """Class and message of an exception, without U+0000 and cut: it may quote the payload."""
    return without_zero(f"{type(error).__name__}: {error}")[:_MOST_TEXT]
