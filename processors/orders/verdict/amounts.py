"""Amounts for people: the exact ones of the document, with zeros behind them so that points stand below each other."""

from collections.abc import Iterable
from typing import Final

from processors.orders.verdict.text import NOT_KNOWN

_CENTS: Final = 2


def column(amounts: Iterable[str | None]) -> list[str]:
    """Return amounts with as many decimal places as the longest of them has, and with two rather than one."""
    told = list(amounts)
    places = max((len(amount.partition(".")[2]) for amount in told if amount is not None), default=0)
    return [NOT_KNOWN if amount is None else _padded(amount, _CENTS if places == 1 else places) for amount in told]


def alone(amount: str | None) -> str:
    """Return one amount: `70.4` is `70.40`, `58` is `58`."""
    (text,) = column([amount])
    return text


def with_currency(amount: str | None, currency: str | None) -> str:
    """Return `70.40 EUR`, or `unknown EUR`."""
    return f"{'unknown' if amount is None else alone(amount)} {currency or 'of unknown currency'}"


def _padded(amount: str, places: int) -> str:
    whole, _, fraction = amount.partition(".")
    return f"{whole}.{fraction.ljust(places, '0')}" if places else whole
