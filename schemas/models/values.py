"""The types of event fields.

Each type reads every form that was ever seen, and never fails: a value that cannot be read becomes None (a list or map:
empty), and `deviations` reports it. An empty string stands for an absent value.
"""

from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Annotated, Any, Final, TypeVar

from pydantic import (
    BeforeValidator,
    GetCoreSchemaHandler,
    GetJsonSchemaHandler,
    OnErrorOmit,
    PlainSerializer,
    StrictBool,
    StrictStr,
    WithJsonSchema,
)
from pydantic_core import CoreSchema, core_schema

from schemas import date_time, money


class Otherwise:
    """In `Annotated`: the default for a value that cannot be read."""

    def __init__(self, default: object) -> None:
        self._default = default

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        """Called by pydantic."""
        return core_schema.with_default_schema(handler(source), default=self._default, on_error="default")


class Scalar(Otherwise):
    """In `Annotated`: None for a value that cannot be read, for which `read` raises ValueError."""

    def __init__(self, read: Callable[[Any], object]) -> None:
        super().__init__(None)
        self.read = read


ABSENT: Final[dict[str, Any]] = {"enum": [None, ""]}
"""In JSON Schema: null and the empty string, which stand for an absent value of any type."""


class _OrAbsent:
    """In `Annotated`: the published schema allows `ABSENT`. Types that take any string allow it anyway."""

    def __get_pydantic_json_schema__(self, schema: CoreSchema, handler: GetJsonSchemaHandler) -> dict[str, Any]:
        """Called by pydantic."""
        made = handler(schema)
        return {"anyOf": [*made.get("anyOf", [made]), ABSENT]} if handler.mode == "validation" else made


OR_MAP: Final = "x-or-map"
"""In JSON Schema, marks a map that may stand for an array of objects. Gives the objects' names for key and value."""


class OrMap:
    """In `Annotated`, with `Members`: reads a map, too, as an array of objects that have its keys under one name, and
    its values under another."""

    def __init__(self, key: str, value: str) -> None:
        self._names = (key, value)

    def read(self, value: Any) -> Any:
        """Return the array that a map stands for; return other values unchanged."""
        if not isinstance(value, Mapping):
            return value
        return [dict(zip(self._names, entry, strict=True)) for entry in value.items()]

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        """Called by pydantic."""
        return core_schema.no_info_before_validator_function(self.read, handler(source))

    def __get_pydantic_json_schema__(self, schema: CoreSchema, handler: GetJsonSchemaHandler) -> dict[str, Any]:
        """Called by pydantic."""
        made = handler(schema)
        values = {"type": ["string", "number", "null"]}
        map_ = {"type": "object", "additionalProperties": values, OR_MAP: [*self._names]}
        return {"anyOf": [*made.get("anyOf", [made]), map_]} if handler.mode == "validation" else made


_TEXT_PATTERNS: Final[Mapping[str, str]] = {"decimal": money.PATTERN, "date-time": date_time.PATTERN}


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise ValueError("no string")  # noqa: TRY004 - what pydantic understands
    return value


def _flag(value: object) -> bool:
    if not isinstance(value, bool):
        raise ValueError("neither true nor false")  # noqa: TRY004 - what pydantic understands
    return value


def _number_text(value: object) -> str:
    if isinstance(value, str):
        return value.strip()
    if isinstance(value, int | Decimal) and not isinstance(value, bool):
        return str(value)
    if isinstance(value, float):  # only from readers that are not exact: the shortest form is the best guess
        return repr(value)
    raise ValueError("no number")


def _amount(value: object) -> Decimal:
    amount = money.amount_of(_number_text(value))
    if amount is None:
        raise ValueError("no decimal number")
    return amount


def _whole(value: object) -> int:
    numerator, denominator = _amount(value).as_integer_ratio()
    if denominator != 1:
        raise ValueError("no whole number")
    return numerator


def _instant(value: object) -> str:
    instant = date_time.normalised(value) if isinstance(value, str) else None
    if instant is None:
        raise ValueError("no date-time")
    return instant


def _id(value: object) -> str:
    if isinstance(value, str):
        return value
    text = _number_text(value)
    if not text[-1].isdigit():
        raise ValueError("no JSON number")  # NaN, Infinity
    return text


def _written(kind: str) -> WithJsonSchema:
    return WithJsonSchema({"type": "string", "format": kind, "pattern": _TEXT_PATTERNS[kind]}, mode="serialization")


_Amount = Annotated[
    Decimal,
    BeforeValidator(_amount),
    PlainSerializer(money.plain, return_type=str, when_used="json"),
    WithJsonSchema(
        {"type": ["number", "string"], "format": "decimal", "description": "A string contains a decimal number."},
        mode="validation",
    ),
    _written("decimal"),
]
_Moment = Annotated[
    str,
    BeforeValidator(_instant),
    WithJsonSchema(  # no format: RFC 3339 demands a zone, and NewStore often leaves it out
        {"type": "string", "description": "A date-time. Without a zone, it is UTC."}, mode="validation"
    ),
    _written("date-time"),
]
_Whole = Annotated[
    int,
    BeforeValidator(_whole),
    WithJsonSchema({"type": ["integer", "string"]}, mode="validation"),
]
_Identifier = Annotated[str, BeforeValidator(_id), WithJsonSchema({"type": ["string", "number"]}, mode="validation")]

Text = Annotated[StrictStr | None, Scalar(_text)]
"""A JSON string, as it is; absent names are often empty."""

Id = Annotated[_Identifier | None, Scalar(_id)]
"""An identifier or a code: a JSON string, or a JSON number, which becomes text."""

Number = Annotated[_Amount | None, Scalar(_amount)]
"""An exact decimal, from a JSON number or a string that holds one; written as a string in its one normal form."""

Money = Number
"""An amount in the currency that is given beside it."""

Integer = Annotated[_Whole | None, Scalar(_whole)]
"""A whole number, however it is spelt: 1, 1.0 and "1"."""

Flag = Annotated[StrictBool | None, Scalar(_flag), _OrAbsent()]
"""true or false."""

Instant = Annotated[_Moment | None, Scalar(_instant)]
"""A point in time as `YYYY-MM-DDTHH:MM:SS[.fraction]Z`: UTC, up to nine fraction digits without trailing zeros.

A string, because nine digits do not fit a `datetime`; `datetime.fromisoformat` reads it and drops what does not fit.
"""

T = TypeVar("T")

OpenEnum = Annotated[T | StrictStr | None, Scalar(_text)]
"""A string with some known values, `OpenEnum[Literal["a", "b"]]`; others may come."""

Nested = Annotated[T | None, Otherwise(None), _OrAbsent()]
"""A nested object, None if absent."""

Members = Annotated[tuple[OnErrorOmit[T], ...], Otherwise(()), _OrAbsent()]
"""An array of objects, empty if absent. Members that are no objects are left out."""

FreeMap = Annotated[dict[str, T], Otherwise({}), _OrAbsent()]
"""An object whose keys are free, empty if absent."""
