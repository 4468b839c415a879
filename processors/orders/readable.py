"""Whether readers of documents take a piece of JSON that is passed on as it came.

A reader that refuses a value in it refuses the whole document, and a job that reads the topic may end of that. So the
bounds are those of common readers as they come: Jackson's (Flink, Kafka Connect) for names and numbers, and that of
System.Text.Json, the least, for levels. Beyond them nothing real is known.
"""

import re
from typing import Final

import orjson

from schemas.json_structure import deeper_than

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


def is_readable(written: bytes, *, exact: bool) -> bool:
    """Return False for lone surrogates, NaN, numbers beyond any double or of absurd length, names of more than 50,000
    bytes, and more than 60 levels.

    `written` is as `exact_json.canonical` writes it. If `exact` is False, its numbers are short: see `Document`.
    """
    try:
        orjson.loads(written)
    except orjson.JSONDecodeError:
        return False
    if deeper_than(_MOST_LEVELS, written):
        return False
    if len(written) > _MOST_NAME_BYTES and any(map(_is_long_name, _STRING.finditer(written))):
        return False
    # Most objects with exact numbers have nothing like that, in texts either.
    return not (exact and _has_odd_number(written) and _has_odd_number(_STRING.sub(b":", written)))


def _has_odd_number(written: bytes) -> bool:
    return bool(_VAST.search(written) or (len(written) > _MOST_CHARACTERS and _LONG.search(written)))


def _is_long_name(string: re.Match[bytes]) -> bool:
    start, end = string.span(1)
    return end - start > _MOST_NAME_BYTES and string[2] == b":"
