"""What a handler remembers of a partition from one unit to the next."""

from collections.abc import Callable
from typing import Generic, TypeVar

from processors.engine.unit import Unit

T = TypeVar("T")


class Memory(Generic[T]):
    """What is remembered begins anew whenever the partition's lane is opened: meanwhile another worker, perhaps of
    another version, may have had the partition and changed its rows."""

    def __init__(self, begin: Callable[[], T]) -> None:
        self._begin = begin
        self._of: dict[int, tuple[int, T]] = {}
        """By partition: the lane's opening, and what is remembered since."""

    def of(self, unit: Unit) -> T:
        """What is remembered of the unit's partition."""
        opening, known = self._of.get(unit.partition, (None, None))
        if known is None or opening != unit.opening:
            known = self._begin()
            self._of[unit.partition] = unit.opening, known
        return known
