"""Canonical JSON a second time: slow, naive, and straight from the contract's words.

It shares no code with `schemas`, so that agreement means something.
"""

import json
from decimal import Decimal
from typing import Any

_SHORT = {'"': '\\"', "\\": "\\\\", "\b": "\\b", "\f": "\\f", "\n": "\\n", "\r": "\\r", "\t": "\\t"}


class _Text(str):
    __slots__ = ()


def canonical(text: str) -> bytes:
    """Return the canonical form of a JSON text. ValueError: it is none."""
    return _written(json.loads(text, parse_int=_Text, parse_float=_number, parse_constant=_Text)).encode()


def _number(text: str) -> _Text:
    decimal = Decimal(text)
    if "e" in text.lower() or len(decimal.as_tuple().digits) > 15:
        return _Text(text)
    short = format(decimal.normalize(), "f")
    return _Text(short if "." in short else f"{short}.0")


def _written(value: Any) -> str:
    match value:
        case _Text():
            return str(value)
        case str():
            return _string(value)
        case dict():
            keys = sorted(value, key=lambda key: [ord(character) for character in key])
            return "{" + ",".join(f"{_string(key)}:{_written(value[key])}" for key in keys) + "}"
        case list():
            return "[" + ",".join(map(_written, value)) + "]"
        case _:
            return {True: "true", False: "false", None: "null"}[value]


def _string(text: str) -> str:
    return '"' + "".join(map(_character, text)) + '"'


def _character(character: str) -> str:
    code = ord(character)
    if character in _SHORT:
        return _SHORT[character]
    return f"\\u{code:04x}" if code < 0x20 or 0xD800 <= code <= 0xDFFF else character
