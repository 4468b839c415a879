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
_MOST_DIGITS: Final = 1_000
_MOST_NAME_BYTES: Final = 50_000

_STRING: Final = re.compile(rb'"(?:[^"\\]++|\\.)*+"', re.DOTALL)
_NAME: Final = re.compile(rb'"((?:[^"\\]++|\\.)*+)":', re.DOTALL)
_VAST: Final = re.compile(rb"[eE][+-]?\d{4}|[\d.]{%d}" % (_MOST_DIGITS + 1))
"""A number with an exponent of more than three digits, or as long as that. Java's BigDecimal refuses exponents that
have no room in 32 bits, whether a double would be infinite or 0."""


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
    if len(written) > _MOST_NAME_BYTES and any(len(name[1]) > _MOST_NAME_BYTES for name in _NAME.finditer(written)):
        return False
    # Most objects with exact numbers have nothing like that, in texts either.
    return not (exact and _VAST.search(written) and _VAST.search(_STRING.sub(b"", written)))
