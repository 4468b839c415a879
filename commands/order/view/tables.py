"""What the parts of the view have in common: tables, and how what is not known looks."""

from collections.abc import Collection, Iterable
from typing import Final

from rich.table import Table

NOT_KNOWN: Final = "-"
SEPARATOR: Final = " · "


def table(*columns: str, title: str, numbers: Collection[str] = ()) -> Table:
    """Return a table of which the last column takes what width the others leave."""
    rows = Table(title=title, box=None, title_justify="left", title_style="bold", header_style="dim", pad_edge=False)
    for column in columns:
        rows.add_column(column, overflow="fold", justify="right" if column in numbers else "left")
    return rows


def pairs(*, title: str | None = None, numbers: bool = False) -> Table:
    """Return a table of names and values."""
    rows = Table(title=title, box=None, show_header=False, pad_edge=False, title_justify="left", title_style="bold")
    rows.add_column(style=None if numbers else "bold")
    rows.add_column(overflow="fold", justify="right" if numbers else "left")
    return rows


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
    """Return an instant short enough for 80 columns; `-o json` has every digit."""
    return NOT_KNOWN if instant is None else instant[: len("2026-01-01T00:00:00")].replace("T", " ")
