"""The quarantine record of what a handler could not process."""

from typing import Final

from processors.engine.unit import Unit
from schemas.headers import ACCEPT, quarantine_headers, traceparent_of
from schemas.reasons import Reason
from schemas.topics import Topics

_MOST_TEXT: Final = 200


def put_aside(unit: Unit, topics: Topics, stage: str, error: Exception) -> None:
    """Emit the only record of ``unit`` to the quarantine topic, byte for byte, with what the handler raised."""
    record, source = unit.records[0], unit.chunk.tp.topic
    headers = quarantine_headers(
        reason=Reason.HANDLER_FAILED,
        stage=stage,
        received_at_ms=record.timestamp,
        exception=described(error),
        source=(source, unit.partition, record.offset),
        traceparent=traceparent_of(record.headers),
    )
    # Replayed, an acceptance must still be one: as an ordinary record, it would be a duplicate of its conflict.
    headers += [header for header in record.headers if header[0] == ACCEPT]
    unit.emit(topics.quarantine, unit.partition, None, record.value, record.timestamp, headers)


def described(error: Exception) -> str:
    """Class and message of an exception, cut: it may quote the payload."""
    return f"{type(error).__name__}: {error}"[:_MOST_TEXT]
