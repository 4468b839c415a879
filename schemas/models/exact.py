"""Reads JSON without losing a digit, with the standard library alone. Pydantic would make binary floats of numbers."""

import json
import re
from decimal import Decimal, InvalidOperation
from typing import Any, Final

from schemas.json_structure import MAX_LEVELS, deeper_than

_BOM: Final = b"\xef\xbb\xbf"
_MAX_INT_DIGITS: Final = 4300  # Python refuses to read longer integers
_SURROGATE: Final = re.compile(r"\\u[dD][89a-fA-F]")


def loads(body: bytes | str) -> Any:
    """Read what the bridge reads as JSON: RFC 8259, NaN, ±Infinity, a byte order mark; the last of equal keys wins.

    Integers of up to 4,300 characters are `int`, other numbers `Decimal`, or text if their exponent is too large.
    ValueError: it is no JSON, or nests deeper than 500 levels.
    """
    raw = (body.encode("utf-8", "surrogatepass") if isinstance(body, str) else bytes(body)).removeprefix(_BOM)
    if deeper_than(MAX_LEVELS, raw):
        raise ValueError(f"more than {MAX_LEVELS} levels")
    text = raw.decode()
    return (_CAREFUL if _SURROGATE.search(text) else _QUICK).decode(text)


def _decimal(text: str) -> Decimal | str:
    try:
        return Decimal(text)
    except InvalidOperation:  # an exponent of 19 digits or more: the number stays text
        return text


def _integer(text: str) -> int | Decimal | str:
    return int(text) if len(text) <= _MAX_INT_DIGITS else _decimal(text)


def _with_printable_names(members: list[tuple[str, Any]]) -> dict[str, Any]:
    """Return an object. Lone surrogates in names stay escapes: no pydantic model can have them."""
    return {name.encode("utf-8", "backslashreplace").decode(): value for name, value in members}


_QUICK: Final = json.JSONDecoder(parse_float=_decimal, parse_int=_integer, parse_constant=Decimal)
_CAREFUL: Final = json.JSONDecoder(
    parse_float=_decimal, parse_int=_integer, parse_constant=Decimal, object_pairs_hook=_with_printable_names
)
