"""What a handler remembers of a partition from one unit to the next."""

from collections.abc import Callable
from typing import Generic, TypeVar

from processors.engine.unit import Unit

T = TypeVar("T")


class Memory(Generic[T]):
    """Begins anew whenever the partition's lane is opened: another worker, of another version, may have had it since,
    and what was remembered of its rows need not be so any more."""

    def __init__(self, begin: Callable[[], T]) -> None:
        self._begin = begin
        self._of: dict[int, tuple[int, T]] = {}
        """By partition: which opening of its lane it is of."""

    def of(self, unit: Unit) -> T:
        """What is remembered of the unit's partition."""
        opening, known = self._of.get(unit.partition, (None, None))
        if known is None or opening != unit.opening:
            known = self._begin()
            self._of[unit.partition] = unit.opening, known
        return known
