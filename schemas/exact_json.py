"""JSON read without losing a digit, and written in one canonical form.

Two readers serve one rule. orjson is fast but keeps numbers as 64 bit integers and doubles, so its result is
used only where writing it again gives every number as it was written. Whatever fails that test (long decimals,
`0.10`, `1E5`, `-0`, NaN, lone surrogates, escapes that need not be, equal keys) is read again by the standard
library's parser, which here leaves numbers as text.
"""

import json
from dataclasses import dataclass
from typing import Any, Final

import orjson

from schemas.json_depth import MAX_LEVELS, deeper_than
from schemas.reasons import Reason

_BOM: Final = b"\xef\xbb\xbf"
_WHITE_SPACE: Final = b" \t\n\r"
_DOUBLE_DIGITS: Final = 15  # every decimal of so many significant digits survives a double
_CANONICAL: Final = orjson.OPT_SORT_KEYS | orjson.OPT_PASSTHROUGH_SUBCLASS


class InvalidJson(ValueError):  # noqa: N818  # says what the input is
    """The body is no JSON as the bridge reads it; `reason` says in which way."""

    def __init__(self, reason: Reason, detail: str) -> None:
        super().__init__(detail)
        self.reason = reason


class Number(str):
    """A JSON number's text as written, NaN, Infinity and -Infinity included."""

    __slots__ = ()

    @property
    def is_finite(self) -> bool:
        """False for the three spellings that RFC 8259 does not know."""
        return self[-1].isdigit()

    @property
    def canonical(self) -> str:
        """`0.10` becomes `0.1`, `5.00` becomes `5.0`; long numbers and exponents stay as written."""
        integer, point, fraction = self.partition(".")
        if not point or "e" in fraction or "E" in fraction:
            return str(self)
        if len((integer + fraction).lstrip("-0")) > _DOUBLE_DIGITS:
            return str(self)
        return f"{integer}.{fraction.rstrip('0') or '0'}"


@dataclass(frozen=True, slots=True)
class Document:
    """A parsed body.

    `value` is built of dict, list, str, bool, None and numbers. Numbers are `int` and `float` where orjson
    carries them exactly (`exact` is False: each one's shortest form is its text as written), else all of them
    are `Number` (`exact` is True).
    """

    value: Any
    exact: bool


def parse(body: bytes) -> Document:
    """Parse UTF-8 JSON: RFC 8259 plus NaN, ±Infinity and lone surrogate escapes; the last of equal keys wins.

    One byte order mark is skipped. Raises InvalidJson, also for more than 500 levels.
    """
    text = body.removeprefix(_BOM)
    try:
        value = orjson.loads(text)
        if _same_but_for_white_space(orjson.dumps(value), text):
            return Document(value, exact=False)
    except (orjson.JSONDecodeError, orjson.JSONEncodeError):
        pass  # the exact reader decides: orjson knows neither NaN nor lone surrogates nor more than 254 levels
    return Document(parse_exactly(text), exact=True)


def _same_but_for_white_space(written: bytes, text: bytes) -> bool:
    return written == text or written.translate(None, _WHITE_SPACE) == text.translate(None, _WHITE_SPACE)


def parse_exactly(text: bytes) -> Any:
    """Parse as `parse` does, without a byte order mark and with every number as a `Number`."""
    if deeper_than(MAX_LEVELS, text):
        raise InvalidJson(Reason.TOO_DEEP, f"more than {MAX_LEVELS} levels")
    try:
        return _EXACT.decode(text.decode())
    except UnicodeDecodeError as error:
        raise InvalidJson(Reason.NOT_UTF8, f"no UTF-8 at byte {error.start}") from error
    except json.JSONDecodeError as error:
        raise InvalidJson(Reason.INVALID_JSON, str(error)) from error


_EXACT: Final = json.JSONDecoder(parse_float=Number, parse_int=Number, parse_constant=Number)


def canonical(value: Any) -> bytes:
    """Write a value of `parse` in the form that payload hashes are made of.

    Keys are sorted by code point, numbers as `Number.canonical`, strings as short as possible (`\\u` only for
    control characters and lone surrogates, in lower-case hex), no white space, UTF-8.
    """
    try:
        return orjson.dumps(value, default=_number, option=_CANONICAL)
    except orjson.JSONEncodeError:
        return _write(value)  # more than 254 levels, or a lone surrogate


def _number(value: object) -> orjson.Fragment:
    if isinstance(value, Number):
        return orjson.Fragment(value.canonical)
    raise TypeError(f"{type(value).__name__} is no JSON value")


class _Verbatim(str):
    __slots__ = ()


def _write(value: Any) -> bytes:
    """Do what `canonical` does for every value, with a stack of its own: depth costs no recursion."""
    pieces: list[str] = []
    pending: list[Any] = [value]  # what is still to be written, last first
    while pending:
        item = pending.pop()
        if isinstance(item, _Verbatim):
            pieces.append(item)
        elif type(item) is dict and item:
            pending += _members(item)
        elif type(item) is list and item:
            pending += _elements(item)
        elif type(item) is str:
            pieces.append(_quoted(item))
        else:
            pieces.append(orjson.dumps(item, default=_number, option=_CANONICAL).decode())
    return "".join(pieces).encode("utf-8", "backslashreplace")  # that escapes lone surrogates, nothing else


_quoted: Final = json.encoder.encode_basestring


def _members(item: dict[str, Any]) -> list[Any]:
    pending: list[Any] = [_Verbatim("}")]
    for key in sorted(item, reverse=True):
        pending += (item[key], _Verbatim(f"{_quoted(key)}:"), _Verbatim(","))
    pending[-1] = _Verbatim("{")
    return pending


def _elements(item: list[Any]) -> list[Any]:
    pending: list[Any] = [_Verbatim("]")]
    for element in reversed(item):
        pending += (element, _Verbatim(","))
    pending[-1] = _Verbatim("[")
    return pending
