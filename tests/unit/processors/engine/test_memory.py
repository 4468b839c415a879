"""What a handler remembers of a partition, and for how long."""

from types import SimpleNamespace
from typing import Any

from processors.engine.memory import Memory


def unit(partition: int, opening: int) -> Any:
    return SimpleNamespace(partition=partition, opening=opening)


def test_it_lasts_as_long_as_an_opening_of_the_lane() -> None:
    memory = Memory(list[str])
    memory.of(unit(0, 1)).append("a")
    memory.of(unit(1, 2)).append("b")
    assert (memory.of(unit(0, 1)), memory.of(unit(1, 2))) == (["a"], ["b"])
    assert memory.of(unit(0, 3)) == []
    assert memory.of(unit(1, 2)) == ["b"]
    assert memory.of(unit(0, 1)) == []
