"""A unit of work, without Kafka: what it collects and what it leaves behind."""

from collections.abc import Mapping
from pathlib import Path
from unittest.mock import Mock

import pytest
from faust.types import TP

from processors.engine.chunk import Chunk, nothing
from processors.engine.errors import TableDamagedError, TableError, UnitFullError
from processors.engine.overrides.batches import Batch, new_batch
from processors.engine.refusals import Refusals
from processors.engine.store import POSITION, TablePartition
from processors.engine.unit import Unit
from processors.engine.unit_size import UnitSize
from tests.unit.processors.engine.records import record


class FakeLane:
    """A stand-in for the lane that notes what a unit asks of it. ``batch_bytes``: what one batch holds."""

    def __init__(self, directory: Path, batch_bytes: int = 10_000) -> None:
        self.tables: Mapping[str, TablePartition] = {"seen": TablePartition(directory / "seen")}
        self.changelogs: Mapping[str, str] = {"seen": "changelog"}
        self.refusals = Refusals()
        self.max_record_bytes = 200_000
        self.opening = 1
        self.size = UnitSize(1000, 1_000_000)
        self.batch_bytes = batch_bytes
        self.started: list[Unit] = []
        self.given_up: list[Exception] = []

    def create_batch(self) -> Batch:
        batch: Batch = new_batch(self.batch_bytes, 0)
        return batch

    def start(self, unit: Unit) -> None:
        self.started.append(unit)

    def give_up(self, unit: Unit, error: Exception) -> None:
        assert unit not in self.started
        self.given_up.append(error)


@pytest.fixture
def lane(tmp_path: Path) -> FakeLane:
    return FakeLane(tmp_path)


def chunk() -> Chunk:
    return Chunk(TP("source", 0), 0, 2, [record(0), record(1)], lambda: None)


def test_committing_starts_the_commit(lane: FakeLane) -> None:
    unit = Unit(lane, chunk())
    unit.put("seen", b"k", b"row", 1)
    unit.commit()
    assert lane.started == [unit]
    assert set(unit.batches) == {("changelog", 0)}


def test_a_unit_anew_has_nothing_of_the_first_attempt(lane: FakeLane) -> None:
    unit = Unit(lane, chunk())
    unit.put("seen", b"k", b"row", 1)
    unit.on_commit(lambda: pytest.fail("of the first attempt"))
    again = unit.anew()
    again.committed()
    assert (again.batches, again.rows, again.chunk) == ({}, {}, unit.chunk)


def test_a_table_that_cannot_be_read_says_nothing_about_the_record(lane: FakeLane) -> None:
    lane.tables["seen"].close()
    with pytest.raises(TableError):
        Unit(lane, chunk()).get_many("seen", [b"k"])
    with pytest.raises(TableError):
        Unit(lane, chunk()).scan("seen", b"k", b"", 1)


@pytest.mark.parametrize("told", [TableDamagedError("seen/0 is damaged"), TableError("seen/0: EIO")])
def test_what_a_table_says_of_itself_is_raised_as_it_is(lane: FakeLane, told: TableError) -> None:
    """Damage halts the lane. It says nothing about the record either."""
    lane.tables = {"seen": Mock(get_many=Mock(side_effect=told), scan=Mock(side_effect=told))}
    with pytest.raises(TableError) as raised:
        Unit(lane, chunk()).get_many("seen", [b"k"])
    assert raised.value is told
    with pytest.raises(TableError) as raised:
        Unit(lane, chunk()).scan("seen", b"k", b"", 1)
    assert raised.value is told


def test_a_record_that_no_topic_takes_is_refused_before_it_is_sent(lane: FakeLane) -> None:
    unit = Unit(lane, chunk())
    too_large = b"x" * (lane.max_record_bytes + 1)
    assert not unit.holds(too_large)
    with pytest.raises(ValueError, match="too large"):
        unit.put("seen", b"k", too_large, 1)
    assert (unit.batches, unit.rows) == ({}, {})


def test_rows_are_scanned_in_order_from_behind_a_key(lane: FakeLane) -> None:
    lane.tables["seen"].apply([(b"a/1", b""), (b"b/1", b"1"), (b"b/2", b"2"), (b"b/3", b"3"), (b"c/1", b"")], offset=0)
    unit = Unit(lane, chunk())
    assert unit.scan("seen", b"b/", b"", 2) == [(b"b/1", b"1"), (b"b/2", b"2")]
    assert unit.scan("seen", b"b/", b"b/2", 2) == [(b"b/3", b"3")]


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


def test_a_unit_that_is_full_takes_its_position(lane: FakeLane) -> None:
    """Otherwise the lane would fail on its position again and again."""
    size = Unit(lane, chunk())
    size.emit("out", 0, b"key", b"value", 1)
    lane.size = UnitSize(1000, size.written)
    unit = Unit(lane, chunk())
    unit.emit("out", 0, b"key", b"value", 1)
    unit.put_position("seen")
    assert unit.rows["seen"][POSITION] == b"2 1 1001"
    with pytest.raises(UnitFullError):
        unit.emit("out", 0, b"key", b"value", 1)


def test_a_unit_has_the_time_of_its_last_record_or_of_its_tick(lane: FakeLane) -> None:
    assert Unit(lane, chunk()).timestamp == 1001
    assert Unit(lane, nothing(TP("source", 0), 2, 2), 77).timestamp == 77


def test_what_is_due_is_bounded_as_records_are_unless_it_is_one_thing(lane: FakeLane) -> None:
    lane.size = UnitSize(1000, 100)
    unit = Unit(lane, nothing(TP("source", 0), 2, 2), 77)
    assert unit.room == 100
    with pytest.raises(UnitFullError):
        unit.emit("out", 0, b"key", b"x" * 100, 1)
    lane.size.exceeded(0)
    alone = Unit(lane, nothing(TP("source", 0), 2, 2), 77)
    assert alone.room == 0
    alone.emit("out", 0, b"key", b"x" * 100, 1)
    assert alone.room < 0
