"""The kinds of values that settings have, each read from the text of an environment variable."""

from datetime import timedelta
from typing import Annotated, Any, Final

from pydantic import BeforeValidator, Field, JsonValue, SecretStr, StringConstraints
from pydantic_settings import NoDecode

from bridge.units import parse_duration, parse_size
from schemas.events import EVENT_NAMES


def split_list(value: Any) -> Any:
    """`a, b` -> ("a", "b"); blank members are dropped."""
    return tuple(part for raw in value.split(",") if (part := raw.strip())) if isinstance(value, str) else value


def _duration(value: Any) -> Any:
    return parse_duration(value) if isinstance(value, str) else value


def _size(value: Any) -> Any:
    return parse_size(value) if isinstance(value, str) else value


def _event_names(value: Any) -> Any:
    return EVENT_NAMES if value == "all" else split_list(value)


BYTES: Final[dict[str, JsonValue]] = {"unit": "bytes"}

Duration = Annotated[timedelta, BeforeValidator(_duration), Field(gt=timedelta(0))]
Size = Annotated[int, BeforeValidator(_size), Field(gt=0, json_schema_extra=BYTES)]
Count = Annotated[int, Field(gt=0)]
Share = Annotated[float, Field(ge=0, le=1)]
Port = Annotated[int, Field(ge=0, le=65535)]
OptionalNames = Annotated[tuple[str, ...], NoDecode, BeforeValidator(split_list)]
Names = Annotated[OptionalNames, Field(min_length=1)]
EventNames = Annotated[tuple[str, ...], NoDecode, BeforeValidator(_event_names), Field(min_length=1)]
ApiKeys = Annotated[tuple[SecretStr, ...], NoDecode, BeforeValidator(split_list)]
TopicPrefix = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9._-]+$", max_length=200)]
