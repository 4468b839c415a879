"""A handler that does not end on a record: the record is put aside, others pass, and the watchdog has its turn."""

import asyncio
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from processors.engine import cpu_limit, processing
from processors.engine.chunk import Chunk
from processors.engine.cpu_limit import TookTooLongError, within_cpu_limit
from processors.engine.errors import HandlerHaltedError
from processors.engine.processing import process
from processors.engine.unit import Unit
from tests.unit.processors.engine.records import record
from tests.unit.processors.engine.test_processing import Lanes, Writing, committed
from tests.unit.processors.engine.test_unit import FakeLane, chunk

pytestmark = pytest.mark.thorough  # they use up CPU time


class Spinning(Writing):
    """Never ends on the records ``at``, in its first ``spins`` attempts, nor when it puts the record ``aside``
    aside."""

    def __init__(self, *at: int, aside: int | None = None, spins: int = 99) -> None:
        super().__init__(int)
        self.at, self.aside, self.spins, self.attempts = at, aside, spins, 0

    def steps(self, unit: Unit) -> Iterator[None]:
        self.attempts += 1
        for each in unit.records:
            unit.emit("out", 0, b"k", b"x", 1)
            while each.offset in self.at and self.attempts <= self.spins:
                pass
            yield

    def process(self, unit: Unit) -> None:
        for _ in self.steps(unit):
            pass

    def refuse(self, unit: Unit, error: Exception) -> None:
        super().refuse(unit, error)
        while unit.records[0].offset == self.aside:
            pass


class SpinningAtOnce(Spinning):
    steps = None  # type: ignore[assignment]  # no steps

    def process(self, unit: Unit) -> None:
        for _ in Spinning.steps(self, unit):
            pass


@pytest.mark.parametrize("kind", [Spinning, SpinningAtOnce])
async def test_a_record_that_takes_too_long_is_put_aside_and_no_other(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: type[Spinning]
) -> None:
    monkeypatch.setattr(cpu_limit, "CPU_LIMIT_S", 0.05)
    lane, handler = FakeLane(tmp_path), kind(7)
    units = await committed(lane, 20, handler)
    assert handler.refused == [7]
    assert [each.offset for unit in units for each in unit.records] == list(range(20))
    assert handler.attempts == 1 + 20  # each unit with this record uses up the limit, so it is in two


async def test_where_putting_it_aside_takes_too_long_the_lane_halts(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cpu_limit, "CPU_LIMIT_S", 0.05)
    lane, handler = FakeLane(tmp_path), Spinning(0, aside=0)
    await process(Lanes(lane), Chunk(chunk().tp, 0, 1, [record(0)], lambda: None), handler)  # type: ignore[arg-type]
    [error] = lane.given_up
    assert isinstance(error, HandlerHaltedError)
    assert "TookTooLongError" in str(error)


class SpinningOnAndOn(Spinning):
    """Gives up endless work by itself: in several steps, and once more when it puts a record aside."""

    limit: Callable[[Callable[[], Any]], Any] = staticmethod(within_cpu_limit)

    def steps(self, unit: Unit) -> Iterator[None]:
        for _ in range(3):
            self.spin_for_a_while()
            yield
        yield from super().steps(unit)

    def refuse(self, unit: Unit, error: Exception) -> None:
        self.spin_for_a_while()
        super().refuse(unit, error)

    def spin_for_a_while(self) -> None:
        def spin() -> None:
            while True:
                pass

        with suppress(TookTooLongError):
            self.limit(spin)


async def most_without_a_beat(lanes: Lanes, handler: Any, monkeypatch: pytest.MonkeyPatch) -> int:
    """The most times that work was given up before a task that sleeps in between, as the watchdog does, had the event
    loop again."""
    given_up = most = 0

    def noticed(work: Callable[[], Any]) -> Any:
        nonlocal given_up, most
        try:
            return within_cpu_limit(work)
        except TookTooLongError:
            given_up += 1
            most = max(most, given_up)
            raise

    async def beat() -> None:
        nonlocal given_up
        while True:
            given_up = 0
            await asyncio.sleep(0.005)

    monkeypatch.setattr(processing, "within_cpu_limit", noticed)
    monkeypatch.setattr(SpinningOnAndOn, "limit", staticmethod(noticed))
    beating = asyncio.create_task(beat())
    await asyncio.sleep(0)
    whole = Chunk(chunk().tp, 0, 2, [record(0), record(1)], lambda: None)
    await process(lanes, whole, handler)  # type: ignore[arg-type]  # takes their place
    beating.cancel()
    return most


@pytest.mark.parametrize("kind", [Spinning, SpinningOnAndOn])
async def test_what_takes_too_long_never_keeps_the_event_loop_twice_in_a_row(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: type[Spinning]
) -> None:
    """Otherwise the watchdog would end the process, which may have less than one CPU."""
    monkeypatch.setattr(cpu_limit, "CPU_LIMIT_S", 0.05)
    monkeypatch.setattr(processing, "_LONG_S", 0.025)
    lane, handler = FakeLane(tmp_path), kind(1)
    assert await most_without_a_beat(Lanes(lane), handler, monkeypatch) == 1
    assert handler.refused == [1]
    assert len(lane.started) == 2


@pytest.mark.parametrize("kind", [Spinning, SpinningAtOnce])
async def test_a_record_that_takes_too_long_but_once_is_none_of_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: type[Spinning]
) -> None:
    """A machine that was paused may have counted the pause as CPU."""
    monkeypatch.setattr(cpu_limit, "CPU_LIMIT_S", 0.05)
    handler = kind(0, spins=1)
    [unit] = await committed(FakeLane(tmp_path), 1, handler)
    assert ([each.offset for each in unit.records], handler.refused, handler.attempts) == ([0], [], 2)


async def test_a_lane_that_ends_before_its_record_is_put_aside_has_it_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cpu_limit, "CPU_LIMIT_S", 0.05)
    lane, handler, released = FakeLane(tmp_path), Spinning(0), list[bool]()
    lanes = Lanes(lane)

    async def open_anew() -> None:
        while not handler.attempts:
            await asyncio.sleep(0)
        lanes.opened = 2

    opening = asyncio.create_task(open_anew())
    await asyncio.sleep(0)
    whole = Chunk(chunk().tp, 0, 1, [record(0)], lambda: released.append(True))
    await process(lanes, whole, handler)  # type: ignore[arg-type]  # takes their place
    await opening
    assert (handler.refused, lane.started, lane.given_up, released) == ([], [], [], [True])
