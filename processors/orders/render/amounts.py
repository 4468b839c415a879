"""Exact sums of money."""

from decimal import Context, Decimal, Inexact
from typing import Final

from schemas.money import plain

EXACT: Final = Context(prec=200, traps=[Inexact])
"""Amounts have up to 60 digits; Decimal's own context rounds at 28."""

ZERO: Final = Decimal(0)


def plain_or_none(amount: Decimal | None) -> str | None:
    """Write an amount in its normal form."""
    return None if amount is None else plain(amount)
