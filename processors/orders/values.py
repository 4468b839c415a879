"""How values of a payload are read: leniently, each in one normal form, None where there is nothing usable.

A field of an unexpected type counts as absent, never as an error: the event itself stays in the timeline, and its body
in the raw topic. All readers take what `exact_json.parse` gives; those of money and of JSON take JSON itself, too.
"""

import re
from collections.abc import Mapping
from typing import Any, Final

import orjson
from msgspec import Raw

from schemas.date_time import normalised
from schemas.exact_json import Document, canonical, parse, parse_exactly
from schemas.json_structure import deeper_than
from schemas.money import amount_of, plain
from schemas.text import usable_id, without_zero

_MAX_TEXT: Final = 200
_CODE: Final = 3
"""Letters of a currency."""
_BOOLEANS: Final = {"true": True, "false": False}
_NORMAL_FORM: Final = r"(?:0|-?(?:0\.\d{0,12}[1-9]|[1-9]\d{0,14}(?:\.\d{0,12}[1-9])?))"
_NORMAL: Final = re.compile(_NORMAL_FORM, re.ASCII).fullmatch
"""Amounts in normal form, as nearly all are: they need no Decimal."""
_NORMAL_JSON: Final = re.compile(_NORMAL_FORM.encode(), re.ASCII).fullmatch
"""The same as a JSON number."""
_MOST_LEVELS: Final = 60
"""System.Text.Json reads 64. In a document, addresses and attributes begin on the fourth."""
_MOST_CHARACTERS: Final = 1_000
"""Of a number. Jackson counts digits, those of the exponent, too."""
_MOST_NAME_BYTES: Final = 50_000

_STRING: Final = re.compile(rb'"([^"\\]*+(?:\\.[^"\\]*+)*+)"(:?)', re.DOTALL)
"""A text or, with the colon, a name. It matches both, so that no search begins within a text or at its end."""
_VAST: Final = re.compile(rb"[eE][+-]?\d{4}")
"""An exponent of more than three digits. Java's BigDecimal refuses those that have no room in 32 bits, whether a double
would be infinite or 0."""
_LONG: Final = re.compile(rb"(?<![-+.\deE])[-+.\deE]{%d}" % (_MOST_CHARACTERS + 1))
_MOST_PIECES: Final = 10**9 - 1
_MOST: Final = 2**63 - 1
"""What every reader of a row has room for; times in nanoseconds fit, too."""
_WRITTEN_ZERO: Final = re.compile(rb"(\\\\)|\\u0000")
"""U+0000 in JSON. The group is an escaped backslash, behind which `u0000` is just text."""


def money(value: object) -> str | None:
    """Return an amount as a decimal string in the normal form of `schemas.money.plain`; text that holds a decimal
    number counts, too."""
    kind = type(value)
    if kind is Raw:
        return _money(bytes(value))  # type: ignore[call-overload]  # mypy does not know types by comparison
    if kind is int:
        return str(value)
    if kind is float:
        text = repr(value)  # parse() gives a float only where its shortest form is the text as written
    elif isinstance(value, str):
        text = value.strip()
    else:
        return None
    if _NORMAL(text):
        return text
    amount = amount_of(text)
    return None if amount is None else plain(amount)


def _money(written: bytes) -> str | None:
    return written.decode() if _NORMAL_JSON(written) else money(parse(written).value)


def is_said(value: object) -> bool:
    """Return whether there is a value, readable or not: null and '' say nothing."""
    return _parsed(value) not in (None, "")


def unsigned(value: object) -> str | None:
    """Return an amount without its sign, as of a payment, return or refund request: the event's name says which way the
    money goes."""
    amount = money(value)
    return None if amount is None else amount.removeprefix("-")


def quantity(value: object) -> int | None:
    """Return a count of pieces: a whole number from 0 up to nine digits, however it is spelt; else None."""
    return whole_number(value, _MOST_PIECES)


def unsigned_quantity(value: object) -> int | None:
    """Return a count of pieces, as of a return, without its sign: the event's name says which way they go."""
    return quantity(value if type(value) is int and value >= 0 else unsigned(value))


def whole_number(value: object, most: int = _MOST) -> int | None:
    """Return a whole number from 0 up to `most`, however it is spelt; else None."""
    if type(value) is int and 0 <= value <= most:
        return value
    text = money(value)
    return number if text is not None and text.isdigit() and (number := int(text)) <= most else None


def text(value: object) -> str | None:
    """Return free text or a code as text, without U+0000, cut at 200 characters; None for anything else, and for ''."""
    if value is None or (type(value) is str and 0 < len(value) <= _MAX_TEXT and value.isascii() and "\0" not in value):
        return value
    return usable_id(without_zero(value)[:_MAX_TEXT] if type(value) is str else value)


def currency(value: object) -> str | None:
    """Return a currency as text in capitals, without blanks around it: so its spellings are one currency."""
    if type(value) is str and len(value) == _CODE and value.isascii() and value.isupper() and value.isalpha():
        return value
    written = text(value)
    return None if written is None else written.strip().upper()[:_MAX_TEXT] or None


def code(value: object) -> str | None:
    """Return a code, which is text or a number, as text."""
    return text(_parsed(value))


def moment(value: object) -> str | None:
    """Return a date-time normalised as `published_at` is (no zone means UTC), None if it is none."""
    return normalised(value) if isinstance(value, str) else None


def flag(value: object) -> bool | None:
    """Return a boolean; text that says true or false counts, too."""
    if isinstance(value, str):
        return _BOOLEANS.get(value.strip().casefold())
    return value if isinstance(value, bool) else None


def json_object(value: object) -> bytes | None:
    """Return an object as JSON; nobody here reads its fields."""
    said = _document(value)
    return _json(said) if isinstance(said.value, dict) else None


def json_objects(value: object) -> bytes | None:
    """Return the objects of an array, as JSON."""
    said = _document(value)
    if not isinstance(said.value, list):
        return None
    return _json(said._replace(value=[each for each in said.value if isinstance(each, dict)]))


def _parsed(value: object) -> object:
    return _document(value).value


def _document(value: object) -> Document:
    return parse(bytes(value)) if isinstance(value, Raw) else Document(value, exact=True)


def _json(said: Document) -> bytes | None:
    """Return JSON that readers of the document take: without U+0000. None for what they refuse: lone surrogates, NaN,
    numbers beyond any double or of absurd length, names of more than 50,000 bytes, and more than 60 levels. Bodies may
    have all of these.

    A reader that refuses a value refuses the whole document, and a job that reads the topic may end of that. The bounds
    are those of common readers as they come: Jackson's (Flink, Kafka Connect) for names and numbers, and that of
    System.Text.Json, the least, for levels. Beyond them nothing real is known.
    """
    written, exact = canonical(said.value), said.exact
    without = _WRITTEN_ZERO.sub(rb"\1", written)
    if without != written:
        written, exact = canonical(parse_exactly(without)), True  # two names may have become one
    try:
        orjson.loads(written)
    except orjson.JSONDecodeError:
        return None
    if written.count(b"[") + written.count(b"{") > _MOST_LEVELS and deeper_than(_MOST_LEVELS, written):
        return None
    if len(written) > _MOST_NAME_BYTES and any(map(_is_long_name, _STRING.finditer(written))):
        return None
    # Most objects with exact numbers have nothing like that, in texts either. Other numbers are short: see `Document`.
    if exact and _has_odd_number(written) and _has_odd_number(_STRING.sub(b":", written)):
        return None
    return written


def _has_odd_number(written: bytes) -> bool:
    return bool(_VAST.search(written) or (len(written) > _MOST_CHARACTERS and _LONG.search(written)))


def _is_long_name(string: re.Match[bytes]) -> bool:
    start, end = string.span(1)
    return end - start > _MOST_NAME_BYTES and string[2] == b":"


def members(payload: Mapping[str, Any], name: str) -> list[dict[str, Any]]:
    """Return the objects in an array of the payload; none where there is no array."""
    value = payload.get(name)
    return [each for each in value if isinstance(each, dict)] if isinstance(value, list) else []


def all_members(payload: Mapping[str, Any], name: str) -> list[dict[str, Any]]:
    """Return the same, and last an empty object if anything else is there: something was said that cannot be read. One
    stands for all of it, because a body has room for a hundred thousand."""
    value, found = payload.get(name), members(payload, name)
    is_odd = len(found) < len(value) if isinstance(value, list) else value not in (None, "")
    return [*found, {}] if is_odd else found
