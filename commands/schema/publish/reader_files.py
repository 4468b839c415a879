"""The files of the reader's profile: a schema for each event and other value, and two files with all of them."""

from collections.abc import Mapping
from typing import Any, Final

from pydantic import BaseModel

from bridge.settings import Settings
from commands.schema.publish.asyncapi import asyncapi_document
from commands.schema.publish.json_schema import (
    ENVELOPE,
    OVERSIZE_STUB,
    Schema,
    document,
    schema_of,
)
from commands.schema.publish.reader_profile import pascal, profile_of
from schemas.order_line import OrderLine
from schemas.order_state import OrderState

FOLDER: Final = "reader"
ALL_TYPES: Final = "types"

_GENERATORS_KNOW: Final = "3.0.0"
"""The AsyncAPI version that code generators can read; from 3.1 some generate `any`."""


def reader_schemas(models: Mapping[str, type[BaseModel]]) -> dict[str, Schema]:
    """The schemas by file name without its ending, events as `events/<name>`; without examples.

    ValueError: two events define one type name differently.
    """
    events = {name: profile_of(schema_of(model), pascal(name)) for name, model in models.items()}
    shared = _defined(events)
    others = {
        "order-state": profile_of(schema_of(OrderState), "OrderState", shared),
        "order-lines": profile_of(schema_of(OrderLine), "OrderLine", shared),
        "envelope": profile_of(ENVELOPE, "Envelope"),
        "oversize-stub": profile_of(OVERSIZE_STUB, "OversizeStub"),
    }
    made = {f"events/{name}": schema for name, schema in events.items()} | others
    return {name: document(f"{FOLDER}/{name}", schema) for name, schema in made.items()}


def all_types(schemas: Mapping[str, Schema]) -> Schema:
    """One schema with all types, each also as a property, for generators that take one file."""
    whole = {schema["title"]: _bare(schema) for schema in schemas.values()}
    whole = {**_defined(schemas), **whole}
    return document(
        f"{FOLDER}/{ALL_TYPES}",
        {
            "title": "NewstoreTypes",
            "description": "All types in one schema, for code generators. No record is an object of this type.",
            "type": "object",
            "properties": {schema["title"]: {"$ref": f"#/$defs/{schema['title']}"} for schema in schemas.values()},
            "$defs": whole,
        },
    )


def reader_asyncapi(schemas: Mapping[str, Schema], settings: Settings) -> dict[str, Any]:
    """AsyncAPI of the topics with these schemas, in a version that generators can read."""
    return asyncapi_document(schemas, settings, version=_GENERATORS_KNOW, name=f"{FOLDER}:asyncapi")


def _bare(schema: Schema) -> Schema:
    return {key: value for key, value in schema.items() if key not in {"$schema", "$id", "$defs"}}


def _defined(schemas: Mapping[str, Schema]) -> dict[str, Schema]:
    found: dict[str, Schema] = {}
    for schema in schemas.values():
        for name, part in schema.get("$defs", {}).items():
            if found.setdefault(name, part) != part:
                raise ValueError(f"two schemas mean different types by {name}")
    return found
