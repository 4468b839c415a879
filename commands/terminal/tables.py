"""Tables of which nothing is cut: what is too long for its column goes on below.

Lists, of which a row is a line whatever the width, are in `lists`.
"""

from collections.abc import Collection, Iterator
from typing import Any

from rich.cells import cell_len, chop_cells
from rich.measure import Measurement
from rich.segment import Segment
from rich.table import Table

from bridge.printable import inert


class Folded:
    """A text for a cell that is broken at its width, not between words: there, blanks at the end of a line are lost."""

    def __init__(self, text: str) -> None:
        self._text = inert(text)

    def __rich_console__(self, _console: object, options: Any) -> Iterator[Segment]:
        """Called by rich. Each line is a segment: of one that has many, rich copies what is left for each of them."""
        for line in chop_cells(self._text, options.max_width) or [""]:
            yield Segment(line)
            yield Segment.line()

    def __rich_measure__(self, _console: object, _options: object) -> Measurement:
        """Called by rich."""
        return Measurement(1, cell_len(self._text))


def table(*columns: str, title: str | None = None, numbers: Collection[str] = ()) -> Table:
    """Return a table of which the last column takes what width the others leave."""
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
    """Return a table of names and values."""
    rows = Table(title=title, box=None, show_header=False, pad_edge=False, title_justify="left", title_style="bold")
    rows.add_column(style=None if numbers else "bold", overflow="fold")
    rows.add_column(overflow="fold", justify="right" if numbers else "left")
    return rows
