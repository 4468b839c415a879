"""Pieces of long lists, so that no order's page is too large to load."""

from collections.abc import Collection, Sequence
from itertools import islice
from typing import Final, Generic, NamedTuple, TypeVar

T = TypeVar("T")

SIZE: Final = 50
"""Entries of a piece."""


class Part(NamedTuple, Generic[T]):
    """A piece of a list: entries `first` to `last` of `total`. These and the piece's `number` count from 1."""

    entries: Sequence[T]
    number: int
    first: int
    last: int
    total: int

    @property
    def before(self) -> int | None:
        """The number of the piece before; None: this is the first."""
        return self.number - 1 if self.number > 1 else None

    @property
    def after(self) -> int | None:
        """The number of the next piece; None: this is the last."""
        return self.number + 1 if self.last < self.total else None


def part_of(entries: Collection[T], number: int, size: int = SIZE) -> Part[T]:
    """Return the piece of that number, or the nearest one that exists."""
    pieces = max(1, -(-len(entries) // size))
    number = min(max(1, number), pieces)
    start = (number - 1) * size
    chosen = list(islice(entries, start, start + size))
    return Part(chosen, number, start + 1 if chosen else 0, start + len(chosen), len(entries))
