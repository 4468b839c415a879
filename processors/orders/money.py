"""Amounts of money and quantities, read without ever rounding."""

import re
from decimal import Decimal
from typing import Final

_DECIMAL: Final = re.compile(r"-?\d{1,30}(?:\.\d{1,30})?(?:[eE][+-]?\d{1,2})?", re.ASCII)
_MAX_QUANTITY_DIGITS: Final = 9


def money(value: object) -> str | None:
    """Return an amount as a decimal string in its one normal form, None if `value` is no amount.

    `value` comes from `exact_json.parse`; a string that holds a decimal number counts too. The normal form has
    no exponent, no leading and no trailing zeros: 58, 58.0 and "58.00" are `58`, 4.940 is `4.94`, -0.0 is `0`.
    """
    kind = type(value)
    if kind is int:
        return str(value)
    if kind is float:
        text = repr(value)  # parse() gives a float only where its shortest form is the text as written
    elif isinstance(value, str):
        text = value.strip()
    else:
        return None
    return _plain(text) if _DECIMAL.fullmatch(text) else None


def _plain(text: str) -> str:
    plain = format(Decimal(text), "f")  # unlike normalize(), this never rounds to the context's precision
    if "." in plain:
        plain = plain.rstrip("0").rstrip(".")
    return "0" if plain == "-0" else plain


def quantity(value: object) -> int | None:
    """Return a count of pieces: a whole number from 0 up to nine digits, however it is spelt; else None."""
    if type(value) is int and 0 <= value < 10**_MAX_QUANTITY_DIGITS:
        return value
    text = money(value)
    return int(text) if text is not None and text.isdigit() and len(text) <= _MAX_QUANTITY_DIGITS else None
