"""Amounts of money: which texts are one, and how one is written. Nothing is ever rounded."""

import re
from decimal import Decimal
from typing import Final

PATTERN: Final = r"^(0|-?(0\.\d*[1-9]|[1-9]\d*(\.\d*[1-9])?))$"
"""What `plain` returns: no exponent, no leading and no trailing zeros (`58`, `62.94`, `-0.5`, `0`)."""

_DECIMAL: Final = re.compile(r"-?\d{1,30}(?:\.\d{1,30})?(?:[eE][+-]?\d{1,2})?", re.ASCII)


def amount_of(text: str) -> Decimal | None:
    """Return the amount that a text holds, exactly; None if it is no decimal number, or of absurd length."""
    return Decimal(text) if _DECIMAL.fullmatch(text) else None


def plain(amount: Decimal) -> str:
    """Write an amount in its one normal form: 58.0 is `58`, 4.940 is `4.94`, -0.0 is `0`."""
    if not amount:
        return "0"
    text = format(amount, "f")  # unlike normalize(), this never rounds to the context's precision
    return text.rstrip("0").rstrip(".") if "." in text else text
