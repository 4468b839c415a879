"""Work that no record causes, without Kafka: when a lane does it, and what is left of it."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
from faust.types import TP

from processors.engine import lane as lane_module
from processors.engine import ticking
from processors.engine.chunk import Chunk, named
from processors.engine.continuity import Last
from processors.engine.errors import TableError
from processors.engine.lane import Lane
from processors.engine.lanes import Lanes
from processors.engine.observer import LaneState
from processors.engine.overrides.batches import new_batch
from processors.engine.processing import process
from processors.engine.refusals import RefusalsByLane
from processors.engine.ticking import keep_ticking, tick
from processors.engine.unit import Unit
from tests.unit.processors.engine.options import options_in
from tests.unit.processors.engine.records import record
from tests.unit.processors.engine.test_lane import SOURCE, Silent

MOST_BYTES = 1 << 20


class Handler:
    """Emits a value for each record. Each tick runs ``due``, which may write and says whether there is more."""

    def __init__(self, due: Callable[[Unit], bool] = lambda _unit: False) -> None:
        self.due, self.ticks = due, list[int]()

    def process(self, unit: Unit) -> None:
        for each in unit.records:
            unit.emit("out", 0, b"record", b"%d" % each.offset, each.timestamp)

    def refuse(self, unit: Unit, error: Exception) -> None: ...

    def tick(self, unit: Unit, now_ms: int) -> bool:
        self.ticks.append(now_ms)
        assert (list(unit.records), unit.timestamp) == ([], now_ms)
        return self.due(unit)


def writes(unit: Unit) -> bool:
    unit.emit("out", 0, b"tick", b"value", unit.timestamp)
    return False


class Committing(Lanes):
    """Lanes of which one is open, at offset 20. ``committed``: batches and offsets of its transactions."""

    def __init__(self, directory: Path, commit: Callable[[], Awaitable[None]]) -> None:
        options = options_in(directory, chunk_bytes=MOST_BYTES)
        super().__init__({SOURCE.topic: ()}, {}, options, Silent(), RefusalsByLane())
        self.committed: list[tuple[list[tuple[str, int]], Any]] = []
        self.commit, self.failed = commit, list[BaseException]()
        self.lane = self._lanes[SOURCE] = self._new_lane(SOURCE)
        producer: Any = object()  # nothing is asked of it
        self.lane._producer = producer
        self.lane.start_at(20, None, 0)

    def _open_later(self, _lane: Lane, error: BaseException | None) -> None:
        assert error is not None
        self.failed.append(error)


async def at_once() -> None:
    """A commit that takes no time."""


@pytest.fixture
def lanes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Committing:
    lanes = Committing(tmp_path, at_once)

    async def transact(
        _producer: Any, batches: Any, offsets: Any = None, crash: str = ""
    ) -> dict[tuple[str, int], int]:
        await lanes.commit()
        lanes.committed.append((list(batches), offsets and offsets.offsets))
        return dict.fromkeys(batches, 0)

    async def awaited(_producer: Any, work: Awaitable[Any]) -> Any:
        return await work

    monkeypatch.setattr(lane_module, "transact", transact)
    monkeypatch.setattr(lane_module, "batch_of", lambda _producer: new_batch(10_000, 0))
    monkeypatch.setattr(lane_module, "with_growing_backoff", awaited)
    return lanes


async def test_what_writes_nothing_commits_nothing_and_comes_through_all_the_same(lanes: Committing) -> None:
    told: list[str] = []

    def due(unit: Unit) -> bool:
        unit.on_commit(lambda: told.append("through"))
        return True

    assert await tick(lanes, SOURCE, Handler(due))
    await lanes.lane.idle()
    assert (lanes.committed, told, lanes.ticks) == ([], ["through"], {SOURCE: 1})


async def test_what_is_due_is_a_transaction_that_leaves_the_lane_where_it_stood(lanes: Committing) -> None:
    lane = lanes.lane
    lane.failures, lane._continuity.last = 3, Last(18, 1_018)
    lane.refusals.refused()
    before = lane.refusals._in_a_row, lane.size.of(500)
    assert not await tick(lanes, SOURCE, Handler(writes))
    await lane.idle()
    assert lanes.committed == [([("out", 0)], None)]
    assert (lane.next, lane.failures, lane._continuity.last) == (20, 3, Last(18, 1_018))
    assert (lane.refusals._in_a_row, lane.size.of(500)) == before
    assert lanes.ticks == {SOURCE: 1}


async def done(lanes: Committing, handler: Handler) -> None:
    """Tick until nothing is due: it must be one transaction, after attempts that left nothing."""
    for _ in range(20):
        if not await tick(lanes, SOURCE, handler):
            break
        assert lanes.committed == []
    await lanes.lane.idle()
    assert (len(lanes.committed), lanes.failed) == (1, [])


async def test_what_gets_too_much_is_tried_again_with_less(lanes: Committing) -> None:
    """Here each thing is ten times as large as the handler thinks."""

    def due(unit: Unit) -> bool:
        room = unit.room
        for _ in range(max(1, room // 3_000)):
            unit.emit("out", 0, b"tick", b"x" * 30_000, unit.timestamp)
        return False

    handler = Handler(due)
    await done(lanes, handler)
    assert 3 <= len(handler.ticks) <= 6


async def test_one_thing_may_be_larger_than_a_unit(lanes: Committing) -> None:
    def due(unit: Unit) -> bool:
        for _ in range(2):
            unit.emit("out", 0, b"tick", b"x" * MOST_BYTES, unit.timestamp)
        return False

    await done(lanes, Handler(due))


async def test_one_that_fails_is_logged_and_keeps_no_record_waiting(
    lanes: Committing, caplog: pytest.LogCaptureFixture
) -> None:
    def due(unit: Unit) -> bool:
        writes(unit)
        raise ValueError("a bug of the test's")

    handler = Handler(due)
    assert not await tick(lanes, SOURCE, handler)
    assert [(each.levelno, named(SOURCE) in each.getMessage()) for each in caplog.records] == [(logging.ERROR, True)]
    assert "a bug of the test's" in caplog.text
    assert (lanes.ticks, lanes.lane.ready) == ({}, True)
    await process(lanes, Chunk(SOURCE, 20, 21, [record(20)], lambda: None), handler)
    await lanes.lane.idle()
    assert [batches for batches, _ in lanes.committed] == [[("out", 0)]]
    assert lanes.lane.next == 21


@pytest.mark.parametrize("error", [TableError("unreadable"), MemoryError()])
async def test_what_is_no_fault_of_the_handler_opens_the_lane_anew(lanes: Committing, error: Exception) -> None:
    def due(_unit: Unit) -> bool:
        raise error

    assert not await tick(lanes, SOURCE, Handler(due))
    assert (lanes.lane.state, lanes.failed, lanes.ticks) == (LaneState.FAILED, [error], {})


async def test_one_whose_commit_fails_has_not_come_through(lanes: Committing) -> None:
    async def refused() -> None:
        raise OSError("no answer")

    lanes.commit = refused
    told: list[str] = []

    def due(unit: Unit) -> bool:
        unit.on_commit(lambda: told.append("through"))
        return writes(unit)

    await tick(lanes, SOURCE, Handler(due))
    await lanes.lane.idle()
    assert (lanes.lane.state, told, lanes.ticks) == (LaneState.FAILED, [], {})


async def test_one_without_an_outcome_in_time_is_not_repeated_at_the_same_size(lanes: Committing) -> None:
    async def never() -> None:
        raise TimeoutError

    lanes.commit = never
    await tick(lanes, SOURCE, Handler(writes))
    await lanes.lane.idle()
    assert lanes.lane.size.room == lanes.lane.size.max_bytes // 2


async def test_a_lane_that_is_not_ready_or_not_ours_is_left_alone(lanes: Committing) -> None:
    handler = Handler(writes)
    lanes.lane._move(LaneState.VERIFYING)
    assert not await tick(lanes, SOURCE, handler)
    lanes._lanes.clear()
    assert not await tick(lanes, SOURCE, handler)
    assert (handler.ticks, lanes.committed) == ([], [])


async def test_ticks_come_between_units_of_records_one_at_a_time_and_keep_none_waiting(
    lanes: Committing, monkeypatch: pytest.MonkeyPatch
) -> None:
    """This holds however much is due, since turns go in the order of coming."""
    monkeypatch.setattr(ticking, "_PAUSE_S", 0)
    under_way = 0

    async def slow() -> None:
        nonlocal under_way
        under_way += 1
        assert under_way == 1, "two units of a lane at once"
        for _ in range(5):
            await asyncio.sleep(0)
        under_way -= 1

    lanes.commit = slow
    handler = Handler(lambda unit: not writes(unit))
    lanes.lane.size._max_records = lanes.lane.size._records = 10
    beside = asyncio.create_task(keep_ticking(lanes, {SOURCE.topic: handler}))
    records = [record(offset) for offset in range(20, 120)]
    await process(lanes, Chunk(SOURCE, 20, 120, records, lambda: None), handler)
    beside.cancel()
    await asyncio.wait([beside])
    await lanes.lane.idle()
    assert (lanes.failed, lanes.lane.next) == ([], 120)
    kinds = "".join("t" if offsets is None else "r" for _, offsets in lanes.committed)
    assert kinds.count("r") == 10
    assert "rtr" in kinds
    assert "tt" not in kinds[kinds.index("r") : kinds.rindex("r")]


async def test_a_lane_is_ticked_again_at_once_while_there_is_more_to_do(
    lanes: Committing, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ticking, "_PAUSE_S", 0)
    monkeypatch.setattr(ticking, "TICK_S", 3600)
    more = iter([True, True, False, True])
    handler = Handler(lambda _unit: next(more))
    other = Handler()
    beside = asyncio.create_task(keep_ticking(lanes, {SOURCE.topic: handler, "another": other}))
    for _ in range(100):
        await asyncio.sleep(0)
    assert (len(handler.ticks), other.ticks, lanes.ticks) == (3, [], {SOURCE: 3})
    beside.cancel()
    await asyncio.wait([beside])
    assert beside.cancelled()


async def test_lanes_that_are_assigned_later_are_ticked_too(lanes: Committing, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ticking, "TICK_S", 0)
    handler = Handler()
    mine, lanes._lanes = lanes._lanes, {}
    beside = asyncio.create_task(keep_ticking(lanes, {SOURCE.topic: handler}))
    for _ in range(100):
        await asyncio.sleep(0)
    assert handler.ticks == []
    lanes._lanes = mine
    async with asyncio.timeout(30):
        while lanes.ticks[TP(*SOURCE)] < 2:
            await asyncio.sleep(0)
    beside.cancel()
    await asyncio.wait([beside])
