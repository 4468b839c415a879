"""Short texts: names and ids, and how they are written into keys."""

import re
from typing import Final, TypeGuard

import orjson

from schemas.exact_json import Number

MAX_LENGTH: Final = 200
"""The most characters of a tenant, an event name or an id."""

_UNRESERVED: Final = re.compile(r"[A-Za-z0-9\-._~]*")
_RESERVED_BYTE: Final = re.compile(rb"[^A-Za-z0-9\-._~]")


def is_short_text(value: object) -> TypeGuard[str]:
    """Say whether `value` is a JSON string of 1 to 200 characters that encodes as UTF-8."""
    if type(value) is not str or not 0 < len(value) <= MAX_LENGTH:  # a Number of exact_json is no JSON string
        return False
    return value.isascii() or _encodes(value)


def _encodes(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:  # a lone surrogate
        return False
    return True


def usable_id(value: object) -> str | None:
    """Return an identifier as text; None if `value`, which `exact_json.parse` read, cannot be one.

    Usable are strings of 1 to 200 characters that encode as UTF-8, and JSON numbers, as written, of at most 200
    characters. NaN and Infinity are no JSON numbers.
    """
    if is_short_text(value):
        return value
    kind = type(value)
    if kind is int:
        return str(value)
    if kind is float:
        return orjson.dumps(value).decode()  # parse() gives a float only where this is its text as written
    if isinstance(value, Number) and value.is_finite and len(value) <= MAX_LENGTH:
        return str(value)
    return None


def without_zero(text: str) -> str:
    """Remove U+0000: JSON allows it, but databases refuse texts with it, and nobody can have meant it."""
    return text.replace("\0", "")


def percent_encode(text: str) -> str:
    """Write every byte outside `A-Za-z0-9-._~` of the UTF-8 text as `%XX`, in upper case."""
    if _UNRESERVED.fullmatch(text):  # nearly every id; others have few bytes to replace
        return text
    return _RESERVED_BYTE.sub(lambda byte: b"%%%02X" % ord(byte[0]), text.encode()).decode()


def naming(text: str) -> re.Pattern[bytes]:
    """Return a pattern that finds a text as a whole string of a JSON body, ignoring case, unless it is written with
    escapes."""
    return re.compile(b'"%s"' % re.escape(text.encode()), re.IGNORECASE)
