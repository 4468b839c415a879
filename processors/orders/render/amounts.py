"""Exact sums of money."""

from decimal import Context, Decimal, Inexact
from typing import Final

from schemas.money import plain

EXACT: Final = Context(prec=300, traps=[Inexact])
"""Decimal's own context rounds at 28 digits. With their exponents amounts reach from 10^129 down to 10^-129: a sum of
any number of them has its place in 300."""

ZERO: Final = Decimal(0)


def plain_or_none(amount: Decimal | None) -> str | None:
    """Write an amount in its normal form."""
    return None if amount is None else plain(amount)
