"""Schemas of the reader's profile as properties of an Open Data Contract."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from commands.schema.publish.json_schema import Schema
from commands.schema.publish.reader_profile import KNOWN

Property = dict[str, Any]

_NO_FIELDS: Final = "AnyObject"


def schema_object(schema: Schema, topic: str, key: Sequence[str] = ()) -> Property:
    """The type of the values in a topic. `key`: the fields by which records replace one another."""
    properties = _properties(schema, schema.get("$defs", {}))
    return {
        "name": schema["title"],
        "physicalName": topic,
        "physicalType": "topic",
        "logicalType": "object",
        "description": schema["description"],
        "properties": [each | _part_of_key(each["name"], key) for each in properties],
    }


def _part_of_key(name: str, key: Sequence[str]) -> Property:
    return {"primaryKey": True, "primaryKeyPosition": key.index(name) + 1} if name in key else {}


def _properties(schema: Schema, types: Mapping[str, Schema]) -> list[Property]:
    fields = schema.get("properties", {})
    never_null = {name for name in schema.get("required", ()) if not _may_be_null(fields[name], types)}
    return [
        {"name": name, **_value(field, types), **({"required": True} if name in never_null else {})}
        for name, field in fields.items()
    ]


def _may_be_null(field: Schema, types: Mapping[str, Schema]) -> bool:
    """Whether a field may be null. In the standard, `required` means not null; in JSON Schema, only present."""
    if reference := field.get("$ref"):
        referred = types[reference.rpartition("/")[2]]
        # AnyObject is used for both: generated code has it for the payload of an event, for example, which is never
        # null.
        return "null" in referred["type"] and referred["title"] != _NO_FIELDS
    return "null" in field["type"]


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
    if KNOWN in field:  # not `enum`, which would refuse later values
        made["examples"] = field[KNOWN]
    return made


def _object(schema: Schema, types: Mapping[str, Schema]) -> Property:
    said = {"description": schema["description"]}
    if isinstance(members := schema.get("additionalProperties"), dict):
        return {"logicalType": "map", "map": {"key": {"logicalType": "string"}, "value": _value(members, types)}} | said
    fields = {} if schema["title"] == _NO_FIELDS else {"properties": _properties(schema, types)}
    return {"logicalType": "object"} | said | fields
