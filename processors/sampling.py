"""A random sample of a stream that comes in pieces."""

import math
from collections.abc import Sequence
from random import Random
from typing import Final, TypeVar

T = TypeVar("T")

_LONGEST: Final = 1e18  # the smallest shares would give infinity


class Sample:
    """Takes each element with the probability `share` (over 0, at most 1), whatever its place and its neighbours.

    It draws how many elements to pass over instead of a number for each, so that it costs only what it takes.
    """

    def __init__(self, share: float, random: Random) -> None:
        self._share, self._random = share, random
        self._next = self._gap()

    def of(self, piece: Sequence[T]) -> list[T]:
        """The elements taken of the next piece, in its order."""
        taken = []
        while self._next < len(piece):
            taken.append(piece[self._next])
            self._next += 1 + self._gap()
        self._next -= len(piece)
        return taken

    def _gap(self) -> int:
        if self._share >= 1:
            return 0
        return int(min(_LONGEST, math.log(1 - self._random.random()) / math.log1p(-self._share)))
