"""JSON Schema 2020-12 of the topics' values."""

from collections.abc import Mapping
from typing import Any, Final

from pydantic import BaseModel
from pydantic.json_schema import GenerateJsonSchema

from commands.schema.publish.header_schemas import SCHEMAS
from commands.schema.publish.topic_facts import FACTS
from schemas.cloud_events import schema_urn
from schemas.models.base import SEEN
from schemas.order_line import OrderLine
from schemas.order_state import OrderState
from schemas.text import MAX_LENGTH

Schema = dict[str, Any]

DIALECT: Final = "https://json-schema.org/draft/2020-12/schema"

ENVELOPE: Final[Schema] = {
    "title": "Envelope",
    "description": "The fields that every event has. The bridge itself requires nothing else of an event.",
    "type": "object",
    "properties": {
        "tenant": {"description": "The NewStore tenant.", "type": "string", "minLength": 1, "maxLength": MAX_LENGTH},
        "name": {
            "description": "The event name. NewStore may send new names without notice.",
            "type": "string",
            "minLength": 1,
            "maxLength": MAX_LENGTH,
        },
        "published_at": {
            "description": "When NewStore generated the event: a date-time, or whatever value NewStore sent.",
            SEEN: ["string", "null"],
        },
        "payload": {"description": "The data of the event.", "type": "object"},
    },
    "required": ["tenant", "name", "payload"],
}

OVERSIZE_STUB: Final[Schema] = {
    "title": "Oversize stub",
    "description": "The quarantine topic has a stub in place of a body that is over the limit, or larger than"
    " the topic accepts.",
    "type": "object",
    "properties": {
        "headers": {
            "description": "The headers of the request, without its API key.",
            "type": "object",
            "additionalProperties": {"type": "string"},
        },
        "size": {
            "description": "The size of the body in bytes, as declared or as far as it was read.",
            "type": "integer",
            "minimum": 0,
        },
        "hash": {"description": "A hash of the part of the body that was read, described in words.", "type": "string"},
        "truncated": {"description": "The bridge did not keep the body itself.", "type": "boolean", "const": True},
    },
    "required": ["headers", "size", "hash", "truncated"],
}

_CONFLICT_VALUE: Final[Schema] = {
    "description": "The webhook's body byte for byte, as text in this schema.",
    "type": "string",
    "contentMediaType": "application/json",
    "contentSchema": ENVELOPE,
}
_QUARANTINE_VALUE: Final[Schema] = {
    "description": "The body byte for byte as received, as base64 in this schema. The body may be anything. If"
    " the record has the header `ce_dataschema`, the body is a stub, whatever the reason: see"
    " `oversize-stub.json`.",
    "type": "string",
    "contentEncoding": "base64",
}


def event_schema(name: str, model: type[BaseModel]) -> Schema:
    """The schema of an event's body, without examples."""
    return document(f"events/{name}", {**schema_of(model), "title": name})


def other_schemas() -> dict[str, Schema]:
    """The schemas of everything but single events, by file name without its ending; without examples."""
    return {
        "envelope": document("envelope", ENVELOPE),
        "order-state": document("order-state", schema_of(OrderState)),
        "order-lines": document("order-lines", schema_of(OrderLine)),
        "conflicts": document("conflicts", _record("conflicts", {"type": "string"}, _CONFLICT_VALUE)),
        "quarantine": document("quarantine", _record("quarantine", {"type": "null"}, _QUARANTINE_VALUE)),
        "oversize-stub": document("oversize-stub", OVERSIZE_STUB),
    }


def document(name: str, schema: Mapping[str, Any]) -> Schema:
    """A schema as it is published: with its dialect, and with an id that is a name and not an address."""
    return {"$schema": DIALECT, "$id": schema_urn(name), **schema}


def schema_of(model: type[BaseModel]) -> Schema:
    """A model's schema as readers need it."""
    return model.model_json_schema(schema_generator=_Plain)


class _Plain(GenerateJsonSchema):
    """Leaves out what pydantic adds: a title for each field, and defaults."""

    def field_title_should_be_set(self, schema: Any) -> bool:  # noqa: ARG002 - pydantic's interface
        return False

    def default_schema(self, schema: Any) -> Schema:
        return self.generate_inner(schema["schema"])


def _record(dataset: str, key: Schema, value: Schema) -> Schema:
    return {
        "title": f"Record of {dataset}",
        "description": f"{FACTS[dataset].title}, as a JSON object of the Kafka record's key, headers and value.",
        "type": "object",
        "properties": {"key": key, "headers": dict(SCHEMAS[FACTS[dataset].headers]), "value": value},
        "required": ["headers", "key", "value"],
    }
