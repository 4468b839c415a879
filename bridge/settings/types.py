"""The kinds of values that settings have, each read from the text of an environment variable."""

import re
from datetime import timedelta
from typing import Annotated, Any, Final, TypeVar, get_args
from urllib.parse import urlsplit

from pydantic import (
    AfterValidator,
    AwareDatetime,
    BeforeValidator,
    Field,
    GetCoreSchemaHandler,
    JsonValue,
    SecretStr,
    StringConstraints,
)
from pydantic_core import CoreSchema, core_schema
from pydantic_settings import NoDecode

from bridge.wrong_values import NO_TIME
from schemas.date_time import normalised
from schemas.events import EVENT_NAMES

_QUANTITY = re.compile(r"\s*(?P<number>\d+(?:\.\d+)?)\s*(?P<unit>[A-Za-z]*)\s*", re.ASCII)
_CONTROL = re.compile(r"[\x00-\x08\x0a-\x1f\x7f]")

NO_HEADER: Final = "holds characters that no header can have"

_NAME = re.compile(r"[A-Za-z0-9._-]+")
_HOST = re.compile(r"[\w.:%-]+")

_DURATIONS = {
    "d": timedelta(days=1),
    "h": timedelta(hours=1),
    "min": timedelta(minutes=1),
    "s": timedelta(seconds=1),
    "ms": timedelta(milliseconds=1),
}
_LONGEST = timedelta(days=365_000)
_TIMEOUTS = timedelta(milliseconds=500), timedelta(days=1)
"""Kafka's requests have 32 bits for the milliseconds; in less than the lower bound perhaps no broker answers."""
_SIZES = {"GiB": 1 << 30, "MiB": 1 << 20, "KiB": 1 << 10, "": 1}


def parse_duration(text: str) -> timedelta:
    """`20s`, `15 min`, `1.5h`; a bare number is seconds. ValueError (without the text) for anything else."""
    match = _QUANTITY.fullmatch(text)
    unit = _DURATIONS.get(match["unit"] or "s") if match else None
    if match is None or unit is None:
        raise ValueError("is no duration: write a number and ms, s, min, h or d, as in 15 min")
    number = float(match["number"])
    if number > _LONGEST / unit:  # timedelta goes on for longer than any calendar
        raise ValueError("is too long a duration")
    return unit * number


def parse_size(text: str) -> int:
    """Bytes: `8 MiB`, `512KiB`; a bare number is bytes. ValueError (without the text) for anything else."""
    match = _QUANTITY.fullmatch(text)
    unit = _SIZES.get(match["unit"]) if match else None
    if match is None or unit is None:
        raise ValueError("is no size: write bytes, or a number and KiB, MiB or GiB, as in 8 MiB")
    try:
        return int(float(match["number"]) * unit)
    except OverflowError:
        raise ValueError("is too large a size") from None


def format_duration(duration: timedelta) -> str:
    """The shortest way to write it that `parse_duration` reads back."""
    for unit, length in _DURATIONS.items():
        if duration >= length and not duration % length:
            return f"{duration // length} {unit}"
    return f"{duration / timedelta(seconds=1):g} s"


def format_size(size: int) -> str:
    """The shortest way to write it that `parse_size` reads back."""
    for unit, length in _SIZES.items():
        if unit and size >= length and not size % length:
            return f"{size // length} {unit}"
    return str(size)


def split_list(value: Any) -> Any:
    """`a, b` -> ("a", "b"); blank members are dropped."""
    return tuple(part for raw in value.split(",") if (part := raw.strip())) if isinstance(value, str) else value


def _pairs(value: Any) -> Any:
    """`a=1, b=2` -> (("a", "1"), ("b", "2"))."""
    if not isinstance(value, str):
        return value
    pairs = tuple(tuple(part.partition("=")[::2]) for part in split_list(value))
    if not all(name and held for name, held in pairs):
        raise ValueError("is no list of name=value")
    return pairs


def _duration(value: Any) -> Any:
    return parse_duration(value) if isinstance(value, str) else value


def _lasting(duration: timedelta) -> timedelta:
    if duration <= timedelta(0):  # pydantic would tell its own bound in Python's notation
        raise ValueError("is not more than 0 s")
    return duration


def _within_bounds(timeout: timedelta) -> timedelta:
    least, most = _TIMEOUTS
    if timeout < least:
        raise ValueError(f"is not {format_duration(least)} or more")
    if timeout > most:
        raise ValueError(f"is not {format_duration(most)} or less")
    return timeout


def _watched(value: Any) -> Any:
    return timedelta(0) if isinstance(value, str) and value.strip().lower() == "off" else _duration(value)


def _size(value: Any) -> Any:
    return parse_size(value) if isinstance(value, str) else value


def fits_header(key: str) -> bool:
    """Whether a header can carry the key (RFC 9110, section 5.5)."""
    return _CONTROL.search(key) is None


def _api_keys(keys: tuple[SecretStr, ...]) -> tuple[SecretStr, ...]:
    if not all(fits_header(key.get_secret_value()) for key in keys):
        raise ValueError(NO_HEADER)
    return keys


def _event_names(value: Any) -> Any:
    names = split_list(value)
    every = [name for name in names if isinstance(name, str) and name.lower() == "all"]
    if 0 < len(every) < len(names):
        raise ValueError("has all beside names: write all alone, or names")
    return EVENT_NAMES if every else names


def _moment(value: Any) -> Any:
    if isinstance(value, str) and normalised(value) is None:  # a bare number would be seconds since 1970
        raise ValueError(NO_TIME)
    return value


def _visible(text: str) -> str:
    if text.strip() != text:  # with a line end behind the tenant's name, all events would be another's
        raise ValueError("begins or ends with white space, which may be a line end")
    if not text.isprintable():
        raise ValueError("has characters that cannot be seen")
    return text


def _http_url(url: str) -> str:
    try:
        parts = urlsplit(url)  # urlsplit ignores line ends
        is_one = (
            _visible(url) == url
            and parts.scheme in {"http", "https"}
            and bool(_HOST.fullmatch(parts.hostname or ""))
            and parts.port != 0
        )
    except ValueError:
        is_one = False
    if not is_one:
        raise ValueError("is no URL of a host: write http:// or https://, the host, and its port if it is another")
    return url


def _without_login(url: str) -> str:
    parts = urlsplit(url)
    if parts.username or parts.password:
        raise ValueError("must not hold a user or a password: commands print it")
    return url


def _written_as_names(names: tuple[str, ...]) -> tuple[str, ...]:
    if not all(map(_NAME.fullmatch, names)):  # a JSON or YAML list is cut at its commas, too, into no names
        raise ValueError("is no list of names: put commas between them, and no brackets, quotes or blanks into them")
    return names


class _AnyCase:
    """Takes a Literal's values in capitals or not."""

    def __get_pydantic_core_schema__(self, literal: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        values = {value.casefold(): value for value in get_args(literal)}
        if "warning" in values:
            values["warn"] = "warning"  # as Python's own logging takes it

        def spelled(value: Any) -> Any:
            return values.get(value.casefold(), value) if isinstance(value, str) else value

        return core_schema.no_info_before_validator_function(spelled, handler(literal))


_Literal = TypeVar("_Literal")
AnyCase = Annotated[_Literal, _AnyCase()]
"""`AnyCase[Literal["info", …]]`: one of these values, written in capitals or not; `warn` is `warning`."""

BYTES: Final[dict[str, JsonValue]] = {"unit": "bytes"}

Duration = Annotated[timedelta, BeforeValidator(_duration), AfterValidator(_lasting)]
Timeout = Annotated[timedelta, BeforeValidator(_duration), AfterValidator(_within_bounds)]
Watched = Annotated[timedelta, BeforeValidator(_watched), Field(ge=timedelta(0))]
"""A duration; `off` or 0: not watched."""
Size = Annotated[int, BeforeValidator(_size), Field(gt=0, json_schema_extra=BYTES)]
Count = Annotated[int, Field(gt=0)]
Share = Annotated[float, Field(ge=0, le=1)]
Port = Annotated[int, Field(ge=0, le=65535)]
Addresses = Annotated[tuple[str, ...], NoDecode, BeforeValidator(split_list), Field(min_length=1)]
Names = Annotated[tuple[str, ...], NoDecode, BeforeValidator(split_list), AfterValidator(_written_as_names)]
EventNames = Annotated[
    tuple[str, ...], NoDecode, BeforeValidator(_event_names), AfterValidator(_written_as_names), Field(min_length=1)
]
Pairs = Annotated[tuple[tuple[str, str], ...], NoDecode, BeforeValidator(_pairs)]
ApiKeys = Annotated[tuple[SecretStr, ...], NoDecode, BeforeValidator(split_list), AfterValidator(_api_keys)]
HttpUrl = Annotated[str, AfterValidator(_http_url)]
ShownUrl = Annotated[HttpUrl, AfterValidator(_without_login)]
Moment = Annotated[AwareDatetime, BeforeValidator(_moment)]
VisibleText = Annotated[str, AfterValidator(_visible)]
TopicPrefix = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9._-]+$", max_length=200)]
