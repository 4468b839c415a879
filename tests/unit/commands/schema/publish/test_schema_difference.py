"""Which change of a JSON Schema breaks a reader, and where it is reported."""

from typing import Any

import pytest

from commands.schema.publish.schema_difference import Effect, schema_differences

Json = dict[str, Any]

TEXT: Json = {"type": "string"}
NUMBER: Json = {"type": "number"}
NULL: Json = {"type": "null"}


def found(old: Json, new: Json) -> list[tuple[Effect, str]]:
    return [(each.effect, each.pointer) for each in schema_differences("a.json", old, new)]


def fields(required: tuple[str, ...] = (), **properties: Json) -> Json:
    return {"type": "object", "properties": properties, "required": list(required)}


BREAKING: dict[str, tuple[Json, Json, str]] = {
    "a field removed": (fields(a=TEXT), fields(), "/properties/a"),
    "a field renamed": (fields(a=TEXT), fields(b=TEXT), "/properties/a"),
    "a new required field": (fields(), fields(("a",), a=TEXT), "/properties/a"),
    "a field required now": (fields(a=TEXT), fields(("a",), a=TEXT), "/properties/a"),
    "a field not always there any more": (fields(("a",), a=TEXT), fields(a=TEXT), "/properties/a"),
    "another type": (fields(a=TEXT), fields(a=NUMBER), "/properties/a"),
    "a narrowed type": (fields(a={"anyOf": [TEXT, NUMBER]}), fields(a=TEXT), "/properties/a"),
    "a narrowed list of types": (fields(a={"type": ["string", "number"]}), fields(a=TEXT), "/properties/a"),
    "never null any more": (fields(a={"anyOf": [TEXT, NULL]}), fields(a=TEXT), "/properties/a"),
    "null from now on": (fields(a=TEXT), fields(a={"anyOf": [TEXT, NULL]}), "/properties/a"),
    "a type where anything was": (fields(a={}), fields(a=TEXT), "/properties/a"),
    "anything where a type was": (fields(a=TEXT), fields(a={}), "/properties/a"),
    "a value less": ({"enum": ["a", "b"]}, {"enum": ["a"]}, "/enum"),
    "a value more in a closed list": ({"enum": ["a"]}, {"enum": ["a", "b"]}, "/enum"),
    "a value less in an open list": (
        {"anyOf": [{"enum": ["a", "b"]}, TEXT]},
        {"anyOf": [{"enum": ["a"]}, TEXT]},
        "/enum",
    ),
    "an open list closed": ({"anyOf": [{"enum": ["a"]}, TEXT]}, {"enum": ["a"]}, ""),
    "a constant changed": ({"const": "a"}, {"const": "b"}, "/enum"),
    "a new constraint": (TEXT, TEXT | {"pattern": "^a"}, "/pattern"),
    "a constraint dropped": (TEXT | {"maxLength": 3}, TEXT, "/maxLength"),
    "a format changed": (TEXT | {"format": "date"}, TEXT | {"format": "date-time"}, "/format"),
    "a keyword nobody has heard of": (TEXT, TEXT | {"unheardOf": 1}, "/unheardOf"),
    "other members of an array": ({"type": "array", "items": TEXT}, {"type": "array", "items": NUMBER}, "/items"),
    "other values of a map": (
        {"type": "object", "additionalProperties": TEXT},
        {"type": "object", "additionalProperties": NUMBER},
        "/additionalProperties",
    ),
    "unknown fields forbidden": (fields(), fields() | {"additionalProperties": False}, "/additionalProperties/not"),
    "a field of what a text holds": (
        TEXT | {"contentSchema": fields(a=TEXT)},
        TEXT | {"contentSchema": fields()},
        "/contentSchema/properties/a",
    ),
    "a field behind a reference": (
        {"$ref": "#/$defs/A", "$defs": {"A": fields(a=TEXT)}},
        {"$ref": "#/$defs/A", "$defs": {"A": fields()}},
        "/properties/a",
    ),
    "a field with an odd name": ({"type": "object", "properties": {"a/b~c": TEXT}}, fields(), "/properties/a~1b~0c"),
}


@pytest.mark.parametrize("change", BREAKING)
def test_what_breaks_a_reader(change: str) -> None:
    old, new, pointer = BREAKING[change]
    assert (Effect.BREAKING, pointer) in found(old, new)


HARMLESS: dict[str, tuple[Json, Json, list[tuple[Effect, str]]]] = {
    "a new field": (fields(), fields(a=TEXT), [(Effect.COMPATIBLE, "/properties/a")]),
    "a value more in an open list": (
        {"anyOf": [{"enum": ["a"], "type": "string"}, TEXT]},
        {"anyOf": [{"enum": ["a", "b"], "type": "string"}, TEXT]},
        [(Effect.COMPATIBLE, "/enum")],
    ),
    "another explanation": (
        TEXT | {"description": "a", "examples": [1], "x-always": True},
        TEXT | {"description": "b"},
        [(Effect.DOCS_ONLY, f"/{keyword}") for keyword in ("description", "examples", "x-always")],
    ),
    "the same, put differently": (
        fields(a={"anyOf": [{"type": ["string", "number"]}, NULL]}),
        fields(a={"type": ["null", "number", "string"]}),
        [],
    ),
    "unknown fields allowed explicitly": (fields(), fields() | {"additionalProperties": True}, []),
    "another name of a definition": (
        {"$ref": "#/$defs/A", "$defs": {"A": fields(a=TEXT)}},
        {"$ref": "#/$defs/B", "$defs": {"B": fields(a=TEXT)}},
        [],
    ),
}


@pytest.mark.parametrize("change", HARMLESS)
def test_what_breaks_nobody(change: str) -> None:
    old, new, expected = HARMLESS[change]
    assert found(old, new) == expected


def test_a_field_called_like_a_keyword_is_a_field() -> None:
    assert found(fields(title=TEXT, examples=TEXT), fields()) == [
        (Effect.BREAKING, "/properties/title"),
        (Effect.BREAKING, "/properties/examples"),
    ]


def test_a_schema_that_contains_itself_is_compared_once() -> None:
    def tree(value: Json) -> Json:
        node = fields(value=value, children={"type": "array", "items": {"$ref": "#/$defs/Node"}})
        return {"$ref": "#/$defs/Node", "$defs": {"Node": node}}

    assert found(tree(TEXT), tree(NUMBER)) == [(Effect.BREAKING, "/properties/value")]
