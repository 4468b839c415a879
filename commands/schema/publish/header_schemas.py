"""The headers that records carry, as schemas: Kafka headers are bytes, here the UTF-8 text in them."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, Final

from schemas import headers as header
from schemas.outcome import Reason

_TIME: Final = r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,9})?Z$"
_POSITION: Final = r"^\d+:\d+$"
_NUMBER: Final = r"^\d+$"

HEADERS: Final[MappingProxyType[str, Mapping[str, Any]]] = MappingProxyType(
    {
        header.CE_SPECVERSION: {"description": "version of CloudEvents", "const": "1.0"},
        header.CE_ID: {
            "description": "`<tenant>/<event name>/<key string>`, tenant and name percent-encoded; a conflict that was"
            " passed on has `~<payload hash>` at its end. The same for every delivery of one event, so it is"
            " what to be idempotent by",
        },
        header.CE_TYPE: {"description": "event name"},
        header.CE_SOURCE: {"description": "`/newstore/<tenant>`, percent-encoded"},
        header.CE_TIME: {
            "description": "`published_at` in UTC; not there if the event has none that is a date-time",
            "pattern": _TIME,
        },
        header.CE_DATASCHEMA: {
            "description": "`/newstore/order-state/<version>`: of the rules that the document was made by; one of"
            " version 1 is made anew in the background. Documents from before there was a second version lack it",
            "pattern": "^/newstore/order-state/[0-9]+$",
        },
        header.CONTENT_TYPE: {"description": "of the value", "const": "application/json"},
        header.TRACEPARENT: {"description": "W3C trace context, if the sender gave one"},
        header.RECEIVED_AT: {"description": "when the bridge received the event, UTC", "pattern": _TIME},
        header.ENTITY_KEY: {"description": "key of the event's record in its cleaned topic"},
        header.PAYLOAD_HASH: {
            "description": "`v1:` and blake2b-128 of the payload's canonical JSON",
            "pattern": r"^v1:[0-9a-f]{32}$",
        },
        header.RULES: {"description": "version of the rule by which key and hash of this event were made"},
        header.SOURCE: {"description": "`<partition>:<offset>` of the raw record", "pattern": _POSITION},
        header.FIRST_SOURCE: {
            "description": "`<partition>:<offset>` of the first raw record under the same key",
            "pattern": _POSITION,
        },
        header.CONFLICT: {
            "description": "`true`: another payload was seen under this event's key before; it is an event of its own",
            "const": "true",
        },
        header.ACCEPT: {
            "description": "only if an operator has accepted a conflict that was held back (`bridge conflicts accept`):"
            " `<partition>:<offset>` of its record in the conflicts topic",
            "pattern": _POSITION,
        },
        header.REPLAY: {
            "description": "only if an operator has published a quarantined record again (`bridge quarantine replay`):"
            " `<partition>:<offset>` of its record in the quarantine topic",
            "pattern": _POSITION,
        },
        header.ERROR_REASON: {
            "description": "why it is here; others may follow",
            "anyOf": [{"enum": [reason.value for reason in Reason]}, {"type": "string"}],
        },
        header.ERROR_STAGE: {
            "description": "who put it here: `ingress`, `backfill`, `dedupe`, `orders`; others may follow"
        },
        header.ERROR_EXCEPTION: {
            "description": "where in the body, what Kafka said, or what the handler raised, which may quote the body"
        },
        header.ERROR_TOPIC: {"description": "topic of the record that could not be processed"},
        header.ERROR_PARTITION: {"description": "its partition", "pattern": _NUMBER},
        header.ERROR_OFFSET: {"description": "its offset", "pattern": _NUMBER},
        header.ERROR_FILE: {"description": "export file that a backfill found it in, as it was named there"},
        header.ERROR_LINE: {"description": "its line in that file, from 1", "pattern": _NUMBER},
    }
)
"""By name: the JSON Schema of the header's text, `type` left out."""

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


def headers_schema(
    always: tuple[str, ...], sometimes: tuple[str, ...] = (), of: Mapping[str, Mapping[str, Any]] = MappingProxyType({})
) -> dict[str, Any]:
    """A schema of records' headers, as an object from names to texts; others may be there, too. `of` are those that say
    something else than in other topics."""
    return {
        "type": "object",
        "properties": {name: {"type": "string", **(HEADERS | of)[name]} for name in (*always, *sometimes)},
        "required": sorted(always),
    }


SCHEMAS: Final[Mapping[str, Mapping[str, Any]]] = MappingProxyType(
    {
        "raw": headers_schema(_EVENT, _OF_RAW),
        "cleaned": headers_schema((*_EVENT, header.SOURCE), (*_OF_RAW, header.CONFLICT)),
        "conflict": headers_schema((*_EVENT, header.SOURCE, header.FIRST_SOURCE), (*_NOT_ALWAYS, header.REPLAY)),
        "quarantine": headers_schema(
            (header.ERROR_REASON, header.ERROR_STAGE, header.RECEIVED_AT),
            (
                header.ERROR_EXCEPTION,
                header.ERROR_TOPIC,
                header.ERROR_PARTITION,
                header.ERROR_OFFSET,
                header.ERROR_FILE,
                header.ERROR_LINE,
                header.TRACEPARENT,
                header.ACCEPT,
            ),
        ),
        "state": headers_schema((header.CONTENT_TYPE,), (header.CE_DATASCHEMA,)),
        "line": headers_schema(
            (header.CONTENT_TYPE, header.CE_DATASCHEMA),
            of={
                header.CE_DATASCHEMA: {
                    "description": "`/newstore/order-lines/<version>`: of the rules that the order's state was made by",
                    "pattern": "^/newstore/order-lines/[0-9]+$",
                }
            },
        ),
        "none": headers_schema(()),
    }
)
"""The sets of headers that records have."""
