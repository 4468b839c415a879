"""Words: how what is not known looks, how many there are of something, and what stands together."""

from collections.abc import Iterable
from typing import Final

NOT_KNOWN: Final = "-"
SEPARATOR: Final = " · "


def told(value: str | int | None) -> str:
    """Return a value as text."""
    return NOT_KNOWN if value is None or value == "" else str(value)


def together(parts: Iterable[str | None]) -> str:
    """Return what there is of the parts as one text, which is wrapped between words."""
    return SEPARATOR.join(part for part in parts if part)


def counted(number: int, noun: str) -> str:
    """Return a number of things: `1 event`, `2 events`."""
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"


def to_the_second(instant: str | None) -> str:
    """Return an instant short enough for a line; the document has every digit."""
    return NOT_KNOWN if instant is None else instant[: len("2026-01-01T00:00:00")].replace("T", " ")
