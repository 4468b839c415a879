"""A worker's lanes: where they read on, their turns, how they open, close and halt. Without Kafka."""

import asyncio
import logging
from collections.abc import Callable, Mapping
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from aiokafka.structs import TopicPartition
from faust.types import TP

from processors.engine import attempts
from processors.engine.chunk import Chunk
from processors.engine.errors import LaneHaltedError, TableDamagedError, TableError
from processors.engine.lanes import Lanes
from processors.engine.observer import LaneState
from processors.engine.refusals import RefusalsByLane
from tests.unit.processors.engine.options import options_in
from tests.unit.processors.engine.records import record
from tests.unit.processors.engine.test_lane import SOURCE, Silent, lane_without_kafka


class Placed:
    """A stand-in for the consumer: notes where it is to read on."""

    def __init__(self) -> None:
        self.offsets: list[int] = []

    async def place(self, offsets: Mapping[TP, int]) -> None:
        self.offsets += offsets.values()


@pytest.mark.parametrize(
    ("start", "end", "placed"),
    [
        (10, 20, []),  # known already, and the next chunk begins where the lane stands
        (10, 15, [20]),
        (10, 25, [20]),  # its end is new, and no other chunk would bring it
        (22, 25, [20]),
        (None, 25, [20]),
    ],
)
async def test_what_a_chunk_has_of_new_records_is_read_again(
    tmp_path: Path, start: int | None, end: int, placed: list[int]
) -> None:
    options = options_in(tmp_path)
    lanes = Lanes({SOURCE.topic: ()}, {}, options, Silent(), RefusalsByLane())
    consumer: Any = Placed()
    lanes.consumer = consumer
    lane = lanes._lanes[SOURCE] = lanes._new_lane(SOURCE)
    lane.start_at(20, None, 0)
    released: list[bool] = []
    chunk = Chunk(SOURCE, start, end, [record(start or 24)], lambda: released.append(True))
    assert await lanes.unit(chunk) is None
    assert (consumer.offsets, released) == (placed, [True])


async def test_source_topics_take_turns_however_many_lanes_wait_for_one(tmp_path: Path) -> None:
    """Turns let the first stage get ahead of a slow second one, which then has large units."""
    options = options_in(tmp_path)
    lanes, turns = Lanes({"raw": (), "orders": ()}, {}, options, Silent(), RefusalsByLane()), list[str]()

    async def work(topic: str) -> None:
        async with lanes.working(topic):
            turns.append(topic)
            await asyncio.sleep(0)

    async with asyncio.TaskGroup() as group:
        for topic in (*["orders"] * 4, *["raw"] * 2):
            group.create_task(work(topic))
    assert turns == ["orders", "raw", "orders", "raw", "orders", "orders"]


@pytest.mark.parametrize("is_over", [False, True])
async def test_what_is_assigned_to_lanes_that_are_stopped_is_opened_by_nobody(tmp_path: Path, is_over: bool) -> None:
    """Nobody would close these lanes, and they would fence those of the process's next app."""
    options = options_in(tmp_path)
    lanes = Lanes({SOURCE.topic: ()}, {}, options, Silent(), RefusalsByLane())
    stopping = asyncio.create_task(lanes.stop())
    await (stopping if is_over else asyncio.sleep(0))
    await lanes.open_all([SOURCE])
    await stopping
    assert lanes.assigned() == {}


class Stays:
    """A lane whose closing ends when the test says so."""

    def __init__(self) -> None:
        self.may_close = asyncio.Event()

    async def close(self) -> None:
        await self.may_close.wait()


def of_one_lane(directory: Path) -> tuple[Lanes, Stays]:
    options = options_in(directory)
    lanes, lane = Lanes({SOURCE.topic: ()}, {}, options, Silent(), RefusalsByLane()), Stays()
    lanes._lanes[SOURCE] = lane  # type: ignore[assignment] # takes a lane's place
    return lanes, lane


async def test_partitions_are_being_reassigned_until_the_new_lanes_are_in_place(tmp_path: Path) -> None:
    lanes, lane = of_one_lane(tmp_path)
    assert not lanes.is_reassigning
    revoked = asyncio.create_task(lanes.close_all())
    await until(lambda: lanes.closing is not None)
    assert (lanes.is_reassigning, list(lanes.closing.lanes)) == (True, [SOURCE])  # type: ignore[union-attr]
    lane.may_close.set()
    await revoked
    assert (lanes.is_reassigning, lanes.closing) == (True, None)
    await lanes.open_all([])
    assert not lanes.is_reassigning


async def test_so_they_are_if_who_opens_is_cancelled_or_overtaken(tmp_path: Path) -> None:
    lanes, lane = of_one_lane(tmp_path)
    cancelled = asyncio.create_task(lanes.open_all([]))
    await until(lambda: lanes.closing is not None)
    cancelled.cancel()
    await asyncio.wait({cancelled})
    overtaken, last = asyncio.create_task(lanes.open_all([])), asyncio.create_task(lanes.close_all())
    assert (lanes.is_reassigning, lanes.closing is not None) == (True, True)
    lane.may_close.set()
    await asyncio.wait({overtaken, last})
    assert lanes.is_reassigning
    await lanes.open_all([])
    assert not lanes.is_reassigning
    await lanes.stop()
    assert lanes.is_reassigning


async def until(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(30):
        while not condition():
            await asyncio.sleep(0)


async def test_nothing_is_opened_once_the_lanes_were_stopped(tmp_path: Path) -> None:
    """An assignment under way would open lanes that nobody closes, and that fence the next app's."""
    options = options_in(tmp_path)
    lanes = Lanes({SOURCE.topic: ()}, {}, options, Silent(), RefusalsByLane())
    opening = asyncio.create_task(lanes.open_all([SOURCE]))
    await asyncio.sleep(0)
    await lanes.stop()
    await opening
    assert lanes.assigned() == {}


async def test_why_a_lane_is_halted_is_told_once_for_each_reason(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """Logged as one of many attempts, the reason was left out when a full disk halted eight lanes."""
    monkeypatch.setattr(attempts, "_HALTED_DELAY_S", 0.0)
    lanes, _ = of_one_lane(tmp_path)
    lane = lanes._lanes[SOURCE] = lane_without_kafka(tmp_path)
    errors = [*map(LaneHaltedError, ("the disk", "the disk", "another"))]

    async def attempt(*_: object) -> BaseException | None:
        if not errors:
            lanes._lanes.clear()  # now the lane is another worker's
            return None
        return errors.pop(0)

    monkeypatch.setattr(lanes, "_attempt", attempt)
    await lanes._keep_opening(lane, None)
    told = [each.getMessage() for each in caplog.records if each.levelno == logging.CRITICAL]
    assert told == ["lane source/0 is halted: the disk", "lane source/0 is halted: another"]


@pytest.mark.parametrize(
    ("error", "state", "is_opened"),
    [(TableDamagedError("0 is damaged"), LaneState.HALTED, False), (TableError("EIO"), LaneState.FAILED, True)],
)
async def test_a_lane_whose_table_is_damaged_is_not_opened_anew_and_one_whose_disk_fails_is(
    tmp_path: Path, error: Exception, state: LaneState, is_opened: bool, caplog: pytest.LogCaptureFixture
) -> None:
    """Opening the lane succeeds. It would say that it is ready every ten seconds, until it reads the damaged block
    again."""
    lanes, _ = of_one_lane(tmp_path)
    lane = lanes._lanes[SOURCE] = lane_without_kafka(tmp_path, lanes._open_later)
    lane.start_at(0, None, 0)
    lane.fail(error)
    assert (lane.state, SOURCE in lanes._openings) == (state, is_opened)
    told = [each.getMessage() for each in caplog.records if each.levelno == logging.CRITICAL]
    assert told == ([] if is_opened else ["lane source/0 is halted: 0 is damaged"])
    for task in lanes._openings.values():
        task.cancel()


class Table:
    """A table with rows from this topic."""

    def __init__(self, lineage: str | None) -> None:
        self.lineage = lineage


class OfOneTable:
    """A lane with one table from this topic. It notes why it failed."""

    def __init__(self, lineage: str | None, *, runs: bool = True) -> None:
        self.tp, self.runs, self.failures = SOURCE, runs, list[BaseException]()
        self.local = SimpleNamespace(by_changelog=lambda: {TopicPartition("changelog", 0): Table(lineage)})

    def fail(self, error: BaseException) -> None:
        self.failures.append(error)


@pytest.mark.parametrize(
    ("lane", "told", "fails"),
    [
        (OfOneTable("cluster/a"), {"changelog": "cluster/b"}, True),
        (OfOneTable("cluster/a"), {"changelog": "cluster/a"}, False),
        (OfOneTable("cluster/a"), {}, False),  # nobody knows the topic at the moment
        (OfOneTable("cluster/a", runs=False), {"changelog": "cluster/b"}, False),
    ],
)
def test_a_lane_is_opened_anew_where_its_changelog_is_another_topic_now(
    tmp_path: Path, lane: OfOneTable, told: Mapping[str, str], fails: bool
) -> None:
    """A lane with nothing to commit would not notice it."""
    lanes, _ = of_one_lane(tmp_path)
    lanes._lanes[SOURCE] = lane  # type: ignore[assignment] # takes a lane's place
    lanes.compare(told)
    assert [str(error) for error in lane.failures] == (["changelog was deleted and made anew"] if fails else [])


class _Unreadable:
    """A table that is damaged or whose disk fails."""

    def __init__(self, error: Exception) -> None:
        self._error = error

    @property
    def lineage(self) -> str:
        raise self._error


@pytest.mark.parametrize(
    ("error", "failure"),
    [
        (TableDamagedError("0 is damaged"), "0 is damaged"),
        (Exception("IO error: EIO"), "source/0: a table cannot be read: IO error: EIO"),
    ],
)
def test_a_lane_whose_table_does_not_say_where_it_comes_from_fails_and_no_other(
    tmp_path: Path, error: Exception, failure: str
) -> None:
    """Its error ended the watch, and with it the worker with all its lanes."""
    lanes, _ = of_one_lane(tmp_path)
    lane, other = OfOneTable("cluster/a"), OfOneTable("cluster/a")
    other.tp = TP("source", 1)
    lane.local = SimpleNamespace(by_changelog=lambda: {TopicPartition("changelog", 0): _Unreadable(error)})
    lanes._lanes = {lane.tp: lane, other.tp: other}  # type: ignore[dict-item] # take lanes' places
    lanes.compare({"changelog": "cluster/b"})
    assert [(isinstance(each, TableError), str(each)) for each in lane.failures] == [(True, failure)]
    assert [str(each) for each in other.failures] == ["changelog was deleted and made anew"]
