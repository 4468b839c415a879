"""Tables that cut nothing: text too long for its column continues below.

`lists` prints one line a row, whatever the width.
"""

from collections.abc import Collection, Iterator
from typing import Any

from rich.cells import cell_len, chop_cells
from rich.measure import Measurement
from rich.segment import Segment
from rich.table import Table

from bridge.printable import inert


class Folded:
    """A cell's text, broken at the column's width and not between words, which would lose blanks at line ends."""

    def __init__(self, text: str) -> None:
        self._text = inert(text)

    def __rich_console__(self, _console: object, options: Any) -> Iterator[Segment]:
        """Called by rich. Yields a segment a line: rich would copy the rest of a longer segment for each line."""
        for line in chop_cells(self._text, options.max_width) or [""]:
            yield Segment(line)
            yield Segment.line()

    def __rich_measure__(self, _console: object, _options: object) -> Measurement:
        """Called by rich."""
        return Measurement(1, cell_len(self._text))


def table(*columns: str, title: str | None = None, numbers: Collection[str] = ()) -> Table:
    """A table whose last column takes the remaining width."""
    rows = Table(
        title=title,
        box=None,
        title_justify="left",
        title_style="bold",
        header_style="dim" if title else "bold",
        pad_edge=False,
    )
    for column in columns:
        rows.add_column(column, overflow="fold", justify="right" if column in numbers else "left")
    return rows


def pairs(*, title: str | None = None, numbers: bool = False) -> Table:
    """A table of names and values."""
    rows = Table(title=title, box=None, show_header=False, pad_edge=False, title_justify="left", title_style="bold")
    rows.add_column(style=None if numbers else "bold", overflow="fold")
    rows.add_column(overflow="fold", justify="right" if numbers else "left")
    return rows
