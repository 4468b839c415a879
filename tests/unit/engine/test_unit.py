"""A unit of work, without Kafka: what it collects and what it leaves behind."""

from collections.abc import Mapping
from pathlib import Path

import pytest
from aiokafka.producer.message_accumulator import BatchBuilder
from faust.types import TP

from processors.engine.chunk import Chunk
from processors.engine.store import TablePartition
from processors.engine.unit import Unit
from tests.unit.engine.records import record


class FakeLane:
    """Takes the lane's place: notes what a unit asks of it. ``batch_bytes`` is what one batch holds."""

    def __init__(self, directory: Path, batch_bytes: int = 10_000) -> None:
        self.tables: Mapping[str, TablePartition] = {"seen": TablePartition(directory / "seen")}
        self.changelogs: Mapping[str, str] = {"seen": "changelog"}
        self.batch_bytes = batch_bytes
        self.started: list[Unit] = []
        self.rejected: list[BaseException] = []

    def create_batch(self) -> BatchBuilder:
        return BatchBuilder(self.batch_bytes, 0, is_transactional=True)

    def start(self, unit: Unit) -> None:
        self.started.append(unit)

    def reject(self, unit: Unit, error: BaseException) -> None:
        assert unit not in self.started
        self.rejected.append(error)


@pytest.fixture
def lane(tmp_path: Path) -> FakeLane:
    return FakeLane(tmp_path)


def chunk() -> Chunk:
    return Chunk(TP("source", 0), 0, 2, [record(0), record(1)], lambda: None)


async def test_leaving_the_block_starts_the_commit(lane: FakeLane) -> None:
    async with Unit(lane, chunk()) as unit:
        unit.put("seen", b"k", b"row", 1)
    assert lane.started == [unit]
    assert set(unit.batches) == {("changelog", 0)}


async def test_an_exception_is_the_lanes_affair_and_not_fausts(lane: FakeLane) -> None:
    """Faust would acknowledge the chunk and restart the agent."""
    error = ValueError("handler")
    async with Unit(lane, chunk()):
        raise error
    assert lane.rejected == [error]
    assert lane.started == []


async def test_cancellation_goes_through(lane: FakeLane) -> None:
    with pytest.raises(KeyboardInterrupt):
        async with Unit(lane, chunk()):
            raise KeyboardInterrupt
    assert len(lane.rejected) == 1


async def test_a_chunk_without_a_lane_shows_no_records_and_commits_nothing() -> None:
    async with Unit(None, chunk()) as unit:
        assert unit.records == ()
        assert unit.get_many("seen", [b"k"]) == []
        with pytest.raises(RuntimeError):
            unit.put("seen", b"k", b"row", 1)


def test_a_units_own_rows_hide_the_tables(lane: FakeLane) -> None:
    """Duplicates inside one chunk are decided against the chunk's own rows."""
    lane.tables["seen"].apply([(b"old", b"1"), (b"gone", b"2")], offset=0)
    unit = Unit(lane, chunk())
    unit.put("seen", b"new", b"3", 1)
    unit.put("seen", b"gone", None, 1)
    assert unit.get_many("seen", [b"old", b"new", b"gone", b"none"]) == [b"1", b"3", None, None]


def test_row_keys_of_the_engine_are_refused(lane: FakeLane) -> None:
    with pytest.raises(ValueError, match="keeps for itself"):
        Unit(lane, chunk()).put("seen", b"\x00position", b"1", 1)


def test_more_than_a_batch_holds_goes_into_several(tmp_path: Path) -> None:
    unit = Unit(FakeLane(tmp_path, batch_bytes=300), chunk())
    for _ in range(5):
        unit.emit("out", 0, b"k", b"x" * 100, 1)
    assert [batch.record_count() for batch in unit.batches["out", 0]] == [2, 2, 1]


def test_a_record_larger_than_a_batch_gets_one_of_its_own(lane: FakeLane) -> None:
    """A webhook body may be 8 MiB."""
    unit = Unit(lane, chunk())
    unit.emit("out", 0, b"k", b"small", 1)
    unit.emit("out", 0, b"k", b"x" * 50_000, 1)
    assert [batch.record_count() for batch in unit.batches["out", 0]] == [1, 1]


def test_only_a_committed_unit_counts(lane: FakeLane) -> None:
    counted: list[str] = []
    unit = Unit(lane, chunk())
    unit.on_commit(lambda: counted.append("committed"))
    assert counted == []
    unit.committed()
    assert counted == ["committed"]
