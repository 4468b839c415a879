"""Amounts of money: which texts are one, how one is written, and exact sums. Nothing is ever rounded."""

import re
from collections.abc import Iterable
from decimal import Context, Decimal, Inexact
from typing import Final

PATTERN: Final = r"^(0|-?(0\.\d*[1-9]|[1-9]\d*(\.\d*[1-9])?))$"
"""What `plain` returns: no exponent, no leading and no trailing zeros (`58`, `62.94`, `-0.5`, `0`)."""

EXACT: Final = Context(prec=300, traps=[Inexact])
"""Decimal's own context rounds at 28 digits. With their exponents amounts reach from 10^129 down to 10^-129: a sum of
any number of them has its place in 300."""

ZERO: Final = Decimal(0)
NOTHING: Final = "0"
"""The same as `plain` writes it."""

_DECIMAL: Final = re.compile(r"-?\d{1,30}(?:\.\d{1,30})?(?:[eE][+-]?\d{1,2})?", re.ASCII)


def amount_of(text: str) -> Decimal | None:
    """Return the amount that a text holds, exactly; None if it is no decimal number, or of absurd length."""
    return Decimal(text) if _DECIMAL.fullmatch(text) else None


def total_of(amounts: Iterable[str]) -> Decimal:
    """Add amounts in their normal form up, exactly."""
    together = ZERO
    for amount in amounts:
        together = EXACT.add(together, Decimal(amount))
    return together


def plain(amount: Decimal) -> str:
    """Write an amount in its one normal form: 58.0 is `58`, 4.940 is `4.94`, -0.0 is `0`."""
    if not amount:
        return NOTHING
    text = format(amount, "f")  # unlike normalize(), this never rounds to the context's precision
    return text.rstrip("0").rstrip(".") if "." in text else text


def plain_or_none(amount: Decimal | None) -> str | None:
    """Write an amount in its normal form."""
    return None if amount is None else plain(amount)
