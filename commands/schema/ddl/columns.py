"""The columns of a table, read from the JSON Schema of a topic's values. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Any, Final

from schemas import date_time, money

Schema = Mapping[str, Any]


class Scalar(Enum):
    """The type of a value without parts."""

    TEXT = "text"
    INTEGER = "integer"
    BOOLEAN = "boolean"
    MONEY = "an exact decimal, written as text"
    INSTANT = "RFC 3339 in UTC, up to nine fraction digits"
    JSON = "any JSON: nobody says what is in it"


@dataclass(frozen=True, slots=True)
class Column:
    """One column, or one field of a record within a column."""

    name: str
    type: "Type"
    nullable: bool
    comment: str = ""


@dataclass(frozen=True, slots=True)
class Record:
    """An object with these fields."""

    fields: Sequence[Column]


@dataclass(frozen=True, slots=True)
class Members:
    """An array."""

    of: "Type"


@dataclass(frozen=True, slots=True)
class ByKey:
    """An object whose keys are data, with values of one type."""

    of: "Type"


Type = Scalar | Record | Members | ByKey

_BY_PATTERN: Final = {money.PATTERN: Scalar.MONEY, date_time.PATTERN: Scalar.INSTANT}
_BY_NAME: Final = {"string": Scalar.TEXT, "integer": Scalar.INTEGER, "boolean": Scalar.BOOLEAN}


def columns_of(schema: Schema) -> Sequence[Column]:
    """An object's fields in the order of its schema. ValueError: a field has several types."""
    return _Reader(schema.get("$defs", {})).record(schema).fields


class _Reader:
    def __init__(self, definitions: Mapping[str, Schema]) -> None:
        self._definitions = definitions

    def record(self, schema: Schema) -> Record:
        required = set(schema.get("required", ()))
        return Record([self._column(name, field, name in required) for name, field in schema["properties"].items()])

    def _column(self, name: str, schema: Schema, required: bool) -> Column:
        forms = self._forms(schema)
        values = [form for form in forms if form.get("type") != "null"]
        found = {self._type(form) for form in values} if all(map(_is_flat, values)) else None
        if found is not None and len(found) == 1:
            type_ = found.pop()
        elif len(values) == 1:
            type_ = self._type(values[0])
        else:
            raise ValueError(f"{name} has several types")
        nullable = not required or len(values) < len(forms)
        return Column(name, type_, nullable, " ".join(schema.get("description", "").split()))

    def _forms(self, schema: Schema) -> Sequence[Schema]:
        return [self._resolved(form) for form in schema.get("anyOf", [schema])]

    def _resolved(self, schema: Schema) -> Schema:
        reference = schema.get("$ref")
        return schema if reference is None else self._definitions[reference.removeprefix("#/$defs/")]

    def _type(self, schema: Schema) -> Type:
        if _is_flat(schema):
            return _BY_PATTERN.get(schema.get("pattern", ""), _BY_NAME[schema["type"]])
        if schema.get("type") == "array":
            return Members(self._inner(schema["items"]))
        if "properties" in schema:
            return self.record(schema)
        inner = schema.get("additionalProperties")
        return ByKey(self._inner(inner)) if isinstance(inner, Mapping) else Scalar.JSON

    def _inner(self, schema: Schema) -> Type:
        return self._column("a member", schema, required=True).type


def _is_flat(schema: Schema) -> bool:
    return schema.get("type") in _BY_NAME
