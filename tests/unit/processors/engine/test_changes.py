"""Changes asked of a lane. Its tick makes them and answers once they are committed, but makes none that nobody waits
for."""

import asyncio
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest

from processors.engine import changes as changes_module
from processors.engine.changes import Changes, NotMadeError
from processors.engine.errors import TableError, UnitFullError

LONG = 30.0
"""Seconds. No test waits so long: it would have failed before."""


class FakeUnit:
    """A unit of a partition, with actions to call once it is committed."""

    def __init__(self, partition: int = 3) -> None:
        self.partition, self.written, self._actions = partition, list[str](), list[Callable[[], None]]()

    def on_commit(self, action: Callable[[], None]) -> None:
        self._actions.append(action)

    def commit(self) -> None:
        for action in self._actions:
            action()


def writing(what: str) -> Callable[[Any], str]:
    def change(unit: Any) -> str:
        unit.written.append(what)
        return f"{what} is there"

    return change


async def asked(changes: Changes, what: str = "a", partition: int = 3, within: float = LONG) -> asyncio.Task[str]:
    """A change that waits."""
    task = asyncio.create_task(changes.ask(partition, writing(what), within))
    await asyncio.sleep(0)
    return task


def make(changes: Changes, partition: int = 3) -> tuple[bool, FakeUnit]:
    unit: Any = FakeUnit(partition)
    return changes.make(unit), unit


async def test_who_asks_hears_once_it_is_committed_and_not_before() -> None:
    changes = Changes()
    waiting = await asked(changes)
    made, unit = make(changes)
    assert (made, unit.written) == (True, ["a"])
    await asyncio.sleep(0)
    assert not waiting.done()
    unit.commit()
    assert await waiting == "a is there"
    assert make(changes)[0] is False


async def test_one_unit_makes_one_change_of_its_partition_in_the_order_in_which_they_came() -> None:
    changes = Changes()
    tasks = [await asked(changes, what, partition) for what, partition in (("a", 3), ("b", 3), ("c", 4))]
    for written, partition in ((["a"], 3), (["c"], 4), (["b"], 3)):
        made, unit = make(changes, partition)
        assert (made, unit.written) == (True, written)
        unit.commit()
    assert [await task for task in tasks] == ["a is there", "b is there", "c is there"]
    assert make(changes)[0] is False


async def test_what_was_not_committed_is_made_again() -> None:
    changes = Changes()
    waiting = await asked(changes)
    assert make(changes)[0]  # this unit is never committed
    _, unit = make(changes)
    assert unit.written == ["a"]
    unit.commit()
    assert await waiting == "a is there"


async def test_who_waits_for_too_long_hears_so_and_nothing_is_made_later() -> None:
    changes = Changes()
    with pytest.raises(NotMadeError, match=r"^not committed within 0\.001 s$"):
        await changes.ask(3, writing("a"), 0.001)
    assert make(changes)[0] is False


async def test_a_commit_that_comes_too_late_tells_nobody() -> None:
    changes = Changes()
    waiting = await asked(changes)
    _, unit = make(changes)
    waiting.cancel()
    unit.commit()  # the waiter is cancelled, but its task has not run since
    with pytest.raises(asyncio.CancelledError):
        await waiting
    assert make(changes)[0] is False


async def test_what_a_change_raises_is_told_and_makes_no_other_wait() -> None:
    changes = Changes()

    def fail(_unit: Any) -> None:
        raise ValueError("a bug")

    failing = asyncio.create_task(changes.ask(3, fail, LONG))
    after = await asked(changes, "b")
    with pytest.raises(ValueError, match="a bug"):
        make(changes)
    with pytest.raises(ValueError, match="a bug"):
        await failing
    _, unit = make(changes)
    unit.commit()
    assert await after == "b is there"


@pytest.mark.parametrize("error", [TableError("disk"), UnitFullError("too much"), MemoryError()])
async def test_what_is_the_units_fault_is_made_by_another_one(error: Exception) -> None:
    changes, errors = Changes(), [error]

    def change(unit: Any) -> str:
        if errors:
            raise errors.pop()
        return writing("a")(unit)

    waiting = asyncio.create_task(changes.ask(3, change, LONG))
    await asyncio.sleep(0)
    with pytest.raises(type(error)):
        make(changes)
    _, unit = make(changes)
    unit.commit()
    assert await waiting == "a is there"


async def test_a_partition_has_room_for_so_many(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(changes_module, "MOST_WAITING", 2)
    changes = Changes()
    tasks = [await asked(changes, str(n)) for n in range(2)]
    with pytest.raises(NotMadeError, match=r"^2 other changes wait for partition 3$"):
        await changes.ask(3, writing("c"), LONG)
    other = await asked(changes, "d", partition=4)
    for task in (*tasks, other):
        task.cancel()
    await asyncio.gather(*tasks, other, return_exceptions=True)
    assert SimpleNamespace(**vars(changes))._waiting[3] == SimpleNamespace(**vars(changes))._waiting[4]
