"""Reads JSON without losing a digit, and writes it in one canonical form.

Two readers share the work. orjson is fast, but keeps numbers as 64 bit integers and doubles. So its result is used only
if writing it again gives the same text, white space aside. The standard library's parser, which here leaves numbers as
text, reads all other bodies again: those with long decimals, `0.10`, `1E5`, `-0`, NaN, lone surrogates, needless
escapes or equal keys.
"""

import json
from collections.abc import Callable
from typing import Any, Final, NamedTuple, TypeVar

import orjson

from schemas.json_structure import MAX_LEVELS, deeper_than, too_much_structure
from schemas.outcome import Reason

_T = TypeVar("_T")

_BOM: Final = b"\xef\xbb\xbf"
_WHITE_SPACE: Final = b" \t\n\r"
_MEMO_TEXT: Final = 16
_MEMO_TEXTS: Final = 4096
_DOUBLE_DIGITS: Final = 15  # every decimal with at most so many significant digits survives a double
_CANONICAL: Final = orjson.OPT_SORT_KEYS | orjson.OPT_PASSTHROUGH_SUBCLASS


class InvalidJson(ValueError):  # noqa: N818  # says what the input is
    """The body is no JSON that the bridge reads; `reason` says why."""

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


class _Memo(dict[str, _T]):
    """What `make` returns for short texts, made once. Only the first 4,096 different texts are kept."""

    def __init__(self, make: Callable[[str], _T]) -> None:
        super().__init__()
        self._make = make

    def __missing__(self, text: str) -> _T:
        made = self._make(text)
        if len(text) <= _MEMO_TEXT and len(self) < _MEMO_TEXTS:
            self[text] = made
        return made


_NUMBERS: Final = _Memo(Number)
"""Most numbers repeat. One object for all equal numbers takes a tenth of the memory, and half the time."""


class Document(NamedTuple):
    """A parsed body.

    `value` is built of dict, list, str, bool, None and numbers. If `exact` is False, numbers are `int` and `float`, and
    the shortest form of each is its text as written. If `exact` is True, all of them are `Number`.
    """

    value: Any
    exact: bool


def parse(body: bytes) -> Document:
    """Parse UTF-8 JSON: RFC 8259 plus NaN, ±Infinity and lone surrogate escapes; the last of equal keys wins.

    One byte order mark is skipped. InvalidJson: the body is no JSON, has more than 500 levels or too much structure.
    """
    if too_much_structure(body):
        raise InvalidJson(Reason.TOO_MUCH_STRUCTURE, "too many structural characters for its size")
    text = body.removeprefix(_BOM)
    try:
        value = orjson.loads(text)
        written = orjson.dumps(value)
        if written == text or written.translate(None, _WHITE_SPACE) == text.translate(None, _WHITE_SPACE):
            return Document(value, exact=False)
    except (orjson.JSONDecodeError, orjson.JSONEncodeError):
        pass  # the exact reader decides: orjson refuses NaN, lone surrogates and more than 254 levels
    value, written = None, b""  # two trees at once would take twice the memory
    return Document(parse_exactly(text), exact=True)


def parse_exactly(text: bytes) -> Any:
    """Parse as `parse`, but bound only the levels, refuse a byte order mark, and make each number a `Number`."""
    if deeper_than(MAX_LEVELS, text):
        raise InvalidJson(Reason.TOO_DEEP, f"more than {MAX_LEVELS} levels")
    try:
        return _EXACT.decode(text.decode())
    except UnicodeDecodeError as error:
        raise InvalidJson(Reason.NOT_UTF8, f"no UTF-8 at byte {error.start}") from error
    except json.JSONDecodeError as error:
        raise InvalidJson(Reason.INVALID_JSON, str(error)) from error


_EXACT: Final = json.JSONDecoder(
    parse_float=_NUMBERS.__getitem__, parse_int=_NUMBERS.__getitem__, parse_constant=_NUMBERS.__getitem__
)


def canonical(value: Any) -> bytes:
    """Write a value of `parse` in the form from which payload hashes are made: UTF-8, without white space.

    Keys are sorted by code point. Numbers are as `Number.canonical`. Strings are as short as possible: `\\u` only for
    control characters and lone surrogates, in lower-case hex.
    """
    try:
        return orjson.dumps(value, default=_FRAGMENTS.__getitem__, option=_CANONICAL)
    except orjson.JSONEncodeError:
        return _write(value)  # more than 254 levels, or a lone surrogate


def _fragment(value: object) -> orjson.Fragment:
    return orjson.Fragment(value.canonical) if isinstance(value, Number) else _refuse(value)


_FRAGMENTS: Final = _Memo(_fragment)


def _write(value: Any) -> bytes:
    """Do as `canonical`, for every value of up to 500 levels, with json's own encoder and our texts and numbers."""
    return "".join(_ENCODER(value, 0)).encode("utf-8", "backslashreplace")  # escapes lone surrogates, nothing else


def _text(text: str) -> str:
    return text.canonical if type(text) is Number else json.encoder.encode_basestring(text)


def _refuse(value: object) -> Any:
    raise TypeError(f"{type(value).__name__} is no JSON value")


# JSONEncoder is built on this. It is not documented, but JSONEncoder itself cannot write a Number's text. The same in
# Python took 31 s and 1.3 GiB for an 8 MiB body of arrays: longer than any sender waits.
_ENCODER: Final = json.encoder.c_make_encoder(  # type: ignore[attr-defined]  # typeshed has only what is documented
    None, _refuse, _text, None, ":", ",", True, False, True
)
