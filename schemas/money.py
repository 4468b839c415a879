"""Reads, writes and adds amounts of money. Nothing is ever rounded."""

import re
from collections.abc import Iterable
from decimal import Context, Decimal, Inexact
from typing import Final

PATTERN: Final = r"^(0|-?(0\.\d*[1-9]|[1-9]\d*(\.\d*[1-9])?))$"
"""What `plain` returns: no exponent, no leading and no trailing zeros (`58`, `62.94`, `-0.5`, `0`)."""

EXACT: Final = Context(prec=300, traps=[Inexact])
"""Decimal's own context rounds at 28 digits. Amounts reach, with their exponents, from 10^129 down to 10^-129: a sum of
any number of them fits in 300 digits."""

ZERO: Final = Decimal(0)
NOTHING: Final = "0"
"""`ZERO` as `plain` writes it."""

_DECIMAL: Final = re.compile(r"-?\d{1,30}(?:\.\d{1,30})?(?:[eE][+-]?\d{1,2})?", re.ASCII)


def amount_of(text: str) -> Decimal | None:
    """Return the amount that a text holds, exactly; None if it is no decimal number, or absurdly long."""
    return Decimal(text) if _DECIMAL.fullmatch(text) else None


def total_of(amounts: Iterable[str]) -> Decimal:
    """Return the exact sum of amounts in their normal form."""
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
    """Write an amount in its normal form; None stays None."""
    return None if amount is None else plain(amount)
