"""Rows fitted to a terminal's width: identifying columns stay whole, others are cut or left out. Pure.

rich's own tables take missing room from all columns, until none can be read.
"""

from collections.abc import Iterator, Sequence
from typing import Final, NamedTuple

from rich.cells import cell_len, set_cell_size

from bridge.printable import inert

_GAP: Final = 2
_MARK: Final = "…"
_EXTRA: Final = 6
"""Columns of this rank and above are shown only if those of rank 0 are whole."""


class Column(NamedTuple):
    """One column. `least`: cells may be cut to this width; None: never. `rank`: the column with the highest rank is
    left out first; 0: never. `end`: cells are cut in the middle, because their ends tell them apart."""

    name: str
    least: int | None = None
    rank: int = 0
    right: bool = False
    end: bool = False


class Fitted(NamedTuple):
    """The columns that fit: each one's index among all columns, and its width. `is_whole`: all fit; `cuts`: longer
    cells are cut."""

    columns: Sequence[tuple[int, Column, int]]
    is_whole: bool
    cuts: bool

    def line(self, cells: Sequence[str]) -> str:
        """One row, given the cells of all columns."""
        shown = (_cell(inert(cells[place]), column, width, cuts=self.cuts) for place, column, width in self.columns)
        return (" " * _GAP).join(shown).rstrip()

    def head(self) -> str:
        """The columns' names."""
        shown = (_cell(column.name, column, width, cuts=self.cuts) for _, column, width in self.columns)
        return (" " * _GAP).join(shown).rstrip()


def fit(columns: Sequence[Column], rows: Sequence[Sequence[str]], width: int | None) -> Fitted:
    """Fit columns into `width`; None: show everything. Columns of low rank get the remaining room first."""
    full = [max(cell_len(text) for text in (column.name, *cells)) for column, *cells in _turned(columns, rows)]
    if width is None:
        return Fitted([(place, column, full[place]) for place, column in enumerate(columns)], is_whole=True, cuts=False)
    least = [min(size, column.least or size) for column, size in zip(columns, full, strict=True)]
    shown = [*range(len(columns))]
    while _taken(shown, least) > width and (dropped := _first_to_go(columns, shown)) is not None:
        shown.remove(dropped)
    identified = [full[place] if column.rank == 0 else least[place] for place, column in enumerate(columns)]
    while _taken(shown, identified) > width and (extra := _first_to_go(columns, shown, _EXTRA)) is not None:
        shown.remove(extra)
    spare = width - _taken(shown, least)
    sizes = dict(zip(shown, (least[place] for place in shown), strict=True))
    for place in sorted(shown, key=lambda place: columns[place].rank):
        more = max(0, min(spare, full[place] - sizes[place]))
        sizes[place] += more
        spare -= more
    room = [(place, columns[place], sizes[place]) for place in shown]
    return Fitted(room, is_whole=len(shown) == len(columns), cuts=True)


def _turned(columns: Sequence[Column], rows: Sequence[Sequence[str]]) -> Iterator[tuple[Column, *tuple[str, ...]]]:
    for place, column in enumerate(columns):
        yield column, *(inert(row[place]) for row in rows)


def _taken(shown: Sequence[int], sizes: Sequence[int]) -> int:
    return sum(sizes[place] for place in shown) + _GAP * (len(shown) - 1)


def _first_to_go(columns: Sequence[Column], shown: Sequence[int], rank: int = 1) -> int | None:
    last = max(shown, key=lambda place: columns[place].rank)
    return last if columns[last].rank >= rank else None


def _cell(text: str, column: Column, width: int, *, cuts: bool) -> str:
    size = cell_len(text)
    if size > width and cuts:
        return _cut(text, width, end=column.end)
    return " " * (width - size) + text if column.right else text + " " * (width - size)


def _cut(text: str, width: int, *, end: bool) -> str:
    """Cut text to a width, with a mark at its end or in its middle."""
    tail = max(0, width - 1) // 2 if end else 0
    kept = set_cell_size(text[::-1], tail)[::-1]
    return f"{set_cell_size(text, max(0, width - 1 - tail))}{_MARK[:width]}{kept}"
