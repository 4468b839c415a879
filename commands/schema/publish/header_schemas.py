"""Schemas of the records' headers: Kafka headers are bytes, here shown as the UTF-8 text in them."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, Final

from schemas import date_time
from schemas import headers as header
from schemas.outcome import Reason

_POSITION: Final = r"^\d+:\d+$"
_NUMBER: Final = r"^\d+$"

HEADERS: Final[MappingProxyType[str, Mapping[str, Any]]] = MappingProxyType(
    {
        header.CE_SPECVERSION: {"description": "CloudEvents version", "const": "1.0"},
        header.CE_ID: {
            "description": "`<tenant>/<event name>/<key string>`, with tenant and event name percent-encoded. A"
            " conflict that was passed on has the suffix `~<payload hash>`. Every delivery of one event has the"
            " same id, so use it for idempotency",
        },
        header.CE_TYPE: {"description": "event name"},
        header.CE_SOURCE: {"description": "`/newstore/<tenant>`, percent-encoded"},
        header.CE_TIME: {
            "description": "`published_at` in UTC; absent if the event has no `published_at` that is a date-time",
            "pattern": date_time.PATTERN,
        },
        header.CE_SUBJECT: {"description": "id of the order or other entity; absent if the event has none"},
        header.CE_DATASCHEMA: {"description": "`$id` of the value's schema: a name, not an address"},
        header.CONTENT_TYPE: {"description": "media type of the value", "const": "application/json"},
        header.TRACEPARENT: {"description": "W3C trace context, if the sender sent one"},
        header.RECEIVED_AT: {"description": "when the bridge received the event, UTC", "pattern": date_time.PATTERN},
        header.ENTITY_KEY: {"description": "key of the event's record in its cleaned topic"},
        header.PAYLOAD_HASH: {
            "description": "`v1:` and the blake2b-128 hash of the payload's canonical JSON",
            "pattern": r"^v1:[0-9a-f]{32}$",
        },
        header.RULES: {
            "description": "version of the rule by which the bridge made the key and the hash of this event"
        },
        header.SOURCE: {"description": "`<partition>:<offset>` of the raw record", "pattern": _POSITION},
        header.FIRST_SOURCE: {
            "description": "`<partition>:<offset>` of the first raw record under the same key",
            "pattern": _POSITION,
        },
        header.CE_BRIDGE_SOURCE: {"description": "copy of `bridge_source` for CloudEvents SDKs", "pattern": _POSITION},
        header.CE_BRIDGE_FIRST_SOURCE: {
            "description": "copy of `bridge_first_source` for CloudEvents SDKs",
            "pattern": _POSITION,
        },
        header.CE_BRIDGE_CONFLICT: {"description": "copy of `bridge_conflict` for CloudEvents SDKs", "const": "true"},
        header.CE_BRIDGE_EVENT: {"description": "event name"},
        header.CE_BRIDGE_ERROR_REASON: {"description": "copy of `bridge_error_reason` for CloudEvents SDKs"},
        header.CE_BRIDGE_ERROR_STAGE: {"description": "copy of `bridge_error_stage` for CloudEvents SDKs"},
        header.CONFLICT: {
            "description": "`true`: the bridge saw another payload under this event's key before. This record is an"
            " event of its own",
            "const": "true",
        },
        header.ACCEPT: {
            "description": "only if an operator accepted a conflict that was held back (`bridge conflicts accept`):"
            " `<partition>:<offset>` of the conflict's record in the conflicts topic",
            "pattern": _POSITION,
        },
        header.REPLAY: {
            "description": "only if an operator published a quarantined record again (`bridge quarantine replay`):"
            " `<partition>:<offset>` of that record in the quarantine topic",
            "pattern": _POSITION,
        },
        header.ERROR_REASON: {
            "description": "reason why the record is in quarantine; other reasons may follow",
            "anyOf": [{"enum": [reason.value for reason in Reason]}, {"type": "string"}],
        },
        header.ERROR_STAGE: {
            "description": "stage that put the record into quarantine: `ingress`, `backfill`, `dedupe`, `orders`; other"
            " stages may follow"
        },
        header.ERROR_EXCEPTION: {
            "description": "the place in the body, the message from Kafka, or the exception that the handler raised; an"
            " exception may quote the body"
        },
        header.ERROR_TOPIC: {"description": "topic of the record that could not be processed"},
        header.ERROR_PARTITION: {"description": "partition of that record", "pattern": _NUMBER},
        header.ERROR_OFFSET: {"description": "offset of that record", "pattern": _NUMBER},
        header.ERROR_FILE: {
            "description": "export file in which a backfill found the body, by the name that the file had there"
        },
        header.ERROR_LINE: {
            "description": "number of the body's line in that file, counted from 1",
            "pattern": _NUMBER,
        },
    }
)
"""JSON Schema of each header's text, without `type`."""

_EVENT: Final = (
    header.CE_SPECVERSION,
    header.CE_ID,
    header.CE_TYPE,
    header.CE_SOURCE,
    header.CONTENT_TYPE,
    header.RECEIVED_AT,
    header.ENTITY_KEY,
    header.PAYLOAD_HASH,
    header.RULES,
)
_NOT_ALWAYS: Final = (header.CE_TIME, header.TRACEPARENT)
_OF_RAW: Final = (*_NOT_ALWAYS, header.ACCEPT, header.REPLAY)


_OF_CLEANED: Final = (header.CE_SUBJECT, header.CE_DATASCHEMA, header.CE_BRIDGE_SOURCE)

_OF_STATE: Final = {
    header.CE_ID: {"description": "`<order id>/<revision>/<milliseconds since 1970>`"},
    header.CE_TYPE: {
        "description": "`bridge.order_state.changed`. Older records have no `ce_` header, or `ce_dataschema` alone"
    },
    header.CE_SOURCE: {"description": "`/newstore/<tenant>/order-state`"},
    header.CE_SUBJECT: {"description": "order id"},
    header.CE_TIME: {
        "description": "when the bridge received the cause of the change, or noticed the change",
        "pattern": date_time.PATTERN,
    },
    header.CE_DATASCHEMA: {
        "description": "`$id` of the schema, followed by the version of the rules that made the document. In the"
        " background the worker makes documents of an older version anew. Older documents have"
        " `/newstore/order-state/<version>`. Documents from before the second version do not have"
        " this header",
        "pattern": "^(/newstore/order-state/|urn:newstore-kafka-bridge:v1:order-state:)[0-9]+$",
    },
}
_OF_LINES: Final = {
    header.CE_ID: {"description": "`<key>/<revision>/<milliseconds since 1970>`"},
    header.CE_TYPE: {"description": "`bridge.order_line.changed`"},
    header.CE_SOURCE: {"description": "`/newstore/<tenant>/order-lines`"},
    header.CE_SUBJECT: {"description": "order id"},
    header.CE_TIME: _OF_STATE[header.CE_TIME],
    header.CE_DATASCHEMA: {
        "description": "`$id` of the schema, followed by the version of the rules that made the order's state",
        "pattern": "^urn:newstore-kafka-bridge:v1:order-lines:[0-9]+$",
    },
}
_OF_CONFLICTS: Final = {
    header.CE_ID: {
        "description": "`ce_id` of the event, with the suffix `~<payload hash>`. If the event was passed on, it has"
        " this id in its cleaned topic. Older records do not have the suffix"
    },
    header.CE_TYPE: {"description": "`bridge.event.conflicted`. Older records have the event name"},
    header.CE_SOURCE: {"description": "`/newstore/<tenant>/conflicts`. Older records have `/newstore/<tenant>`"},
}
_OF_QUARANTINE: Final = {
    header.CE_ID: {
        "description": "topic, partition and offset of the record that could not be processed; or the time at which"
        " the bridge received the body, and the body's hash"
    },
    header.CE_TYPE: {"description": "`bridge.body.quarantined`. Older records have no `ce_` header"},
    header.CE_SOURCE: {"description": "`/newstore/<tenant>/quarantine`, with the tenant that the bridge serves"},
    header.CE_TIME: {"description": "when the bridge received the body", "pattern": date_time.PATTERN},
    header.CE_DATASCHEMA: {"description": "`$id` of the schema of a stub; only stubs have this header"},
    header.CONTENT_TYPE: {"description": "`application/octet-stream`; for a stub `application/json`"},
}
"""Headers whose meaning differs where the bridge itself is the sender."""


def headers_schema(
    always: tuple[str, ...], sometimes: tuple[str, ...] = (), own: Mapping[str, Mapping[str, Any]] = HEADERS
) -> dict[str, Any]:
    """A schema of records' headers as an object from names to texts; others are allowed. `own` overrides `HEADERS`."""
    return {
        "type": "object",
        "properties": {name: {"type": "string", **(own.get(name) or HEADERS[name])} for name in (*always, *sometimes)},
        "required": sorted(always),
    }


SCHEMAS: Final[Mapping[str, Mapping[str, Any]]] = MappingProxyType(
    {
        "raw": headers_schema(_EVENT, _OF_RAW),
        "cleaned": headers_schema(
            (*_EVENT, header.SOURCE), (*_OF_CLEANED, *_OF_RAW, header.CONFLICT, header.CE_BRIDGE_CONFLICT)
        ),
        "conflict": headers_schema(
            (*_EVENT, header.SOURCE, header.FIRST_SOURCE),
            (
                *_OF_CLEANED,
                header.CE_BRIDGE_FIRST_SOURCE,
                header.CE_BRIDGE_EVENT,
                *_NOT_ALWAYS,
                header.REPLAY,
            ),
            _OF_CONFLICTS,
        ),
        "quarantine": headers_schema(
            (header.ERROR_REASON, header.ERROR_STAGE, header.RECEIVED_AT),
            (
                header.CE_SPECVERSION,
                *_OF_QUARANTINE,
                header.CE_BRIDGE_ERROR_REASON,
                header.CE_BRIDGE_ERROR_STAGE,
                header.ERROR_EXCEPTION,
                header.ERROR_TOPIC,
                header.ERROR_PARTITION,
                header.ERROR_OFFSET,
                header.ERROR_FILE,
                header.ERROR_LINE,
                header.TRACEPARENT,
                header.ACCEPT,
            ),
            _OF_QUARANTINE,
        ),
        "state": headers_schema((header.CONTENT_TYPE,), (header.CE_SPECVERSION, *_OF_STATE), _OF_STATE),
        "line": headers_schema((header.CONTENT_TYPE, header.CE_SPECVERSION, *_OF_LINES), own=_OF_LINES),
        "none": headers_schema(()),
    }
)
"""All sets of headers, by the name that `TopicFacts.headers` uses."""
