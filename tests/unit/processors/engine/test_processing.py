"""How a chunk becomes units, without Kafka."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from faust.types import TP

from processors.engine import processing
from processors.engine.chunk import Chunk
from processors.engine.errors import HandlerHaltedError, TableError
from processors.engine.processing import process
from processors.engine.refusals import IN_A_ROW
from processors.engine.unit import Unit
from processors.engine.unit_size import UnitSize
from tests.unit.processors.engine.records import record
from tests.unit.processors.engine.test_unit import FakeLane, chunk


class Lanes:
    """A stand-in for the lanes, which commits every unit at once."""

    def __init__(self, lane: FakeLane) -> None:
        self.lane, self.counted = lane, 0
        self.only = asyncio.Lock()
        self.opened: int | None = 1

    def turn(self, _tp: TP) -> asyncio.Lock:
        return self.only

    @asynccontextmanager
    async def working(self, _topic: str) -> AsyncIterator[None]:
        yield

    def opening(self, _tp: TP) -> Any:
        return self.opened

    async def unit(self, part: Chunk) -> Unit:
        for last in self.lane.started[self.counted :]:
            last.size.committed(len(last.records), last.written)
        self.counted = len(self.lane.started)
        return Unit(self.lane, part)


class Writing:
    """Emits ``size(offset)`` bytes for each record. Counts records, and notes refused ones."""

    def __init__(self, size: Callable[[int], int]) -> None:
        self.size, self.asked, self.refused = size, 0, list[int]()

    def process(self, unit: Unit) -> None:
        for each in unit.records:
            self.asked += 1
            unit.emit("out", 0, b"k", b"x" * self.size(each.offset), 1)

    def refuse(self, unit: Unit, _error: Exception) -> None:
        self.refused.append(unit.records[0].offset)


async def committed(lane: FakeLane, records: int, handler: Any) -> list[Unit]:
    whole = Chunk(chunk().tp, 0, records, [record(offset) for offset in range(records)], lambda: None)
    await process(Lanes(lane), whole, handler)  # type: ignore[arg-type]  # takes their place
    assert lane.given_up == []
    return lane.started


async def test_no_unit_writes_more_than_it_may_and_every_record_is_in_one(tmp_path: Path) -> None:
    lane = FakeLane(tmp_path)
    lane.size = UnitSize(1000, 100_000)
    handler = Writing(lambda _: 5_000)
    units = await committed(lane, 500, handler)
    assert [each.offset for unit in units for each in unit.records] == list(range(500))
    assert all(unit.written <= 100_000 for unit in units)
    assert [unit.chunk.start for unit in units[1:]] == [unit.chunk.end for unit in units[:-1]]
    assert handler.asked <= 1.2 * 500


async def test_one_record_alone_may_exceed_it(tmp_path: Path) -> None:
    lane = FakeLane(tmp_path, batch_bytes=1 << 20)
    lane.size = UnitSize(1000, 10_000)
    handler = Writing(lambda offset: 50_000 if offset == 7 else 1)
    units = await committed(lane, 20, handler)
    [large] = [unit for unit in units if unit.written > 10_000]
    assert [each.offset for each in large.records] == [7]
    assert handler.refused == []


async def test_a_record_that_no_topic_takes_is_refused_alone(tmp_path: Path) -> None:
    lane = FakeLane(tmp_path)
    handler = Writing(lambda offset: 300_000 if offset == 7 else 1)
    units = await committed(lane, 20, handler)
    assert handler.refused == [7]
    assert sorted(each.offset for unit in units for each in unit.records) == list(range(20))


class Failing(Writing):
    """Raises ``error`` for each unit, and ``aside`` when it is to put a record aside."""

    def __init__(self, error: Exception, aside: Exception | None = None) -> None:
        super().__init__(int)
        self.error, self.aside = error, aside

    def process(self, _unit: Unit) -> None:
        raise self.error

    def refuse(self, unit: Unit, error: Exception) -> None:
        super().refuse(unit, error)
        if self.aside is not None:
            raise self.aside


@pytest.mark.parametrize("error", [MemoryError(), TableError("the disk")])
async def test_what_is_not_the_records_fault_puts_none_aside(tmp_path: Path, error: Exception) -> None:
    for handler, refused in ((Failing(error), []), (Failing(ValueError("no number"), error), [0])):
        lane = FakeLane(tmp_path / str(len(refused)))
        await process(Lanes(lane), Chunk(chunk().tp, 0, 1, [record(0)], lambda: None), handler)  # type: ignore[arg-type]
        assert (lane.started, lane.given_up, handler.refused) == ([], [error], refused)


async def test_a_handler_that_fails_on_too_many_records_halts_the_lane(tmp_path: Path) -> None:
    lane, handler = FakeLane(tmp_path), Failing(ValueError("no number"))
    for _ in range(IN_A_ROW):
        lane.refusals.refused()
    await process(Lanes(lane), Chunk(chunk().tp, 0, 1, [record(0)], lambda: None), handler)  # type: ignore[arg-type]
    assert ([type(error) for error in lane.given_up], lane.started) == ([HandlerHaltedError], [])


class Slow(Writing):
    """Works in steps, each longer than other tasks are to wait."""

    def steps(self, unit: Unit) -> Iterator[None]:
        for _ in unit.records:
            started = time.monotonic()
            while time.monotonic() - started <= processing._SLICE_S:
                pass
            unit.emit("out", 0, b"k", b"x", 1)
            self.asked += 1
            yield

    def process(self, unit: Unit) -> None:
        raise AssertionError(f"it has steps for {unit}")


async def test_between_two_steps_whoever_waits_has_the_event_loop(tmp_path: Path) -> None:
    handler, seen = Slow(int), list[int]()

    async def look() -> None:
        while handler.asked < 20:
            seen.append(handler.asked)
            await asyncio.sleep(0)

    looking = asyncio.create_task(look())
    [unit] = await committed(FakeLane(tmp_path), 20, handler)
    await looking
    assert sorted(set(seen)) == list(range(1, 20))
    assert len(unit.records) == 20


async def test_a_unit_whose_lane_was_opened_anew_meanwhile_is_dropped(tmp_path: Path) -> None:
    """What the unit has read may be out of date. The lane reads its records again."""
    lane, handler, released = FakeLane(tmp_path), Slow(int), list[bool]()
    lanes = Lanes(lane)

    async def open_anew() -> None:
        while handler.asked < 3:
            await asyncio.sleep(0)
        lanes.opened = 2

    whole = Chunk(chunk().tp, 0, 20, [record(offset) for offset in range(20)], lambda: released.append(True))
    opening = asyncio.create_task(open_anew())
    await process(lanes, whole, handler)  # type: ignore[arg-type]  # takes their place
    await opening
    assert (lane.started, lane.given_up, released, handler.refused) == ([], [], [True], [])
    assert handler.asked == 3


async def test_nor_is_one_made_whose_lane_ended_while_another_one_was(tmp_path: Path) -> None:
    lane, handler = FakeLane(tmp_path), Slow(int)
    lanes = Lanes(lane)
    lanes.opened = None
    await process(lanes, Chunk(chunk().tp, 0, 1, [record(0)], lambda: None), handler)  # type: ignore[arg-type]
    assert (lane.started, lane.given_up, handler.asked) == ([], [], 0)
