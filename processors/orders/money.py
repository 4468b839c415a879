"""Amounts of money and quantities, read without ever rounding."""

from typing import Final

from schemas.money import amount_of, plain

_MAX_QUANTITY_DIGITS: Final = 9


def money(value: object) -> str | None:
    """Return an amount as a decimal string in its one normal form, None if `value` is no amount.

    `value` comes from `exact_json.parse`; a string that holds a decimal number counts too. The normal form is
    that of `schemas.money.plain`.
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
    amount = amount_of(text)
    return None if amount is None else plain(amount)


def quantity(value: object) -> int | None:
    """Return a count of pieces: a whole number from 0 up to nine digits, however it is spelt; else None."""
    if type(value) is int and 0 <= value < 10**_MAX_QUANTITY_DIGITS:
        return value
    text = money(value)
    return int(text) if text is not None and text.isdigit() and len(text) <= _MAX_QUANTITY_DIGITS else None
