"""Schemas of the reader's profile as the properties of an Open Data Contract."""

from collections.abc import Mapping
from typing import Any, Final

from commands.schema.publish.json_schema import Schema
from commands.schema.publish.reader_profile import KNOWN

Property = dict[str, Any]

_NO_FIELDS: Final = "AnyObject"


def schema_object(schema: Schema, topic: str) -> Property:
    """A type whose objects are the values of a topic's records."""
    return {
        "name": schema["title"],
        "physicalName": topic,
        "physicalType": "topic",
        "logicalType": "object",
        "description": schema["description"],
        "properties": _properties(schema, schema.get("$defs", {})),
    }


def _properties(schema: Schema, types: Mapping[str, Schema]) -> list[Property]:
    required = set(schema.get("required", ()))
    return [
        {"name": name, **_value(field, types), **({"required": True} if name in required else {})}
        for name, field in schema.get("properties", {}).items()
    ]


def _value(field: Schema, types: Mapping[str, Schema]) -> Property:
    said = {"description": field["description"]} if "description" in field else {}
    if reference := field.get("$ref"):
        return _object(types[reference.rpartition("/")[2]], types) | said
    kinds = field["type"] if isinstance(field["type"], list) else [field["type"]]
    kind = next(each for each in kinds if each != "null")
    made: Property = {"logicalType": kind} | said
    if kind == "array":
        made["items"] = _value(field["items"], types)
    if "pattern" in field:
        made["logicalTypeOptions"] = {"pattern": field["pattern"]}
    if KNOWN in field:  # no `enum`, which would refuse the values that come later
        made["examples"] = field[KNOWN]
    return made


def _object(schema: Schema, types: Mapping[str, Schema]) -> Property:
    said = {"description": schema["description"]}
    if isinstance(members := schema.get("additionalProperties"), dict):
        return {"logicalType": "map", "map": {"key": {"logicalType": "string"}, "value": _value(members, types)}} | said
    fields = {} if schema["title"] == _NO_FIELDS else {"properties": _properties(schema, types)}
    return {"logicalType": "object"} | said | fields
