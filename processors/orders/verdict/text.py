"""Words and amounts for people: unknown values, numbers of things, parts in one line, and exact amounts with zeros
behind them, so that points stand below each other."""

from collections.abc import Iterable
from typing import Final

NOT_KNOWN: Final = "-"
SEPARATOR: Final = " · "


def told(value: str | int | None) -> str:
    """Return a value as text."""
    return NOT_KNOWN if value is None or value == "" else str(value)


def together(parts: Iterable[str | None]) -> str:
    """Return the parts that are there as one text, which is wrapped between words."""
    return SEPARATOR.join(part for part in parts if part)


def counted(number: int, noun: str) -> str:
    """Return a number of things: `1 event`, `2 events`."""
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"


def to_the_second(instant: str | None) -> str:
    """Return an instant short enough for a line; the document has every digit."""
    return NOT_KNOWN if instant is None else instant[: len("2026-01-01T00:00:00")].replace("T", " ")


_CENTS: Final = 2


def column(amounts: Iterable[str | None]) -> list[str]:
    """Return amounts with as many decimal places as the longest of them has, but with two instead of one."""
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
