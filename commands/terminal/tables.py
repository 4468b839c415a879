"""Tables of which nothing is cut: what is too long for its column goes on below.

Lists, of which a row is a line whatever the width, are in `lists`.
"""

from collections.abc import Collection

from rich.table import Table


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
