"""Whether a changelog is still the one that a table comes from, without Kafka."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from aiokafka.producer.message_accumulator import BatchBuilder
from aiokafka.structs import ConsumerRecord

from processors.engine.changelog import Changelog, check_growth
from processors.engine.errors import LaneHaltedError
from processors.engine.store import BARRIER, POSITION, TablePartition
from tests.unit.processors.engine.records import record


@pytest.fixture
def table(tmp_path: Path) -> Iterator[TablePartition]:
    table = TablePartition(tmp_path / "table")
    table.apply([(b"a", b"1"), (POSITION, b"7")], offset=5)
    yield table
    table.close()


def changed(offset: int, key: bytes, value: bytes | None) -> ConsumerRecord:
    return record(offset, value, key)


def test_a_table_is_continued_from_the_last_record_that_it_has(table: TablePartition, tmp_path: Path) -> None:
    assert Changelog(table, begin=0, end=9).start == 5
    assert Changelog(table, begin=6, end=9).start == 6
    assert Changelog(TablePartition(tmp_path / "empty"), begin=2, end=9).start == 2


@pytest.mark.parametrize("last", [changed(5, POSITION, b"7"), changed(5, BARRIER, None), changed(5, b"a", b"2")])
def test_the_last_record_is_known_again(table: TablePartition, last: ConsumerRecord) -> None:
    """A row is ahead of the offset if a process ended between two writes."""
    new = changed(6, b"b", b"3")
    assert Changelog(table, 0, 9).unknown([last, new]) == [new]


def test_what_compaction_has_left_is_all_new(table: TablePartition) -> None:
    new = changed(7, b"b", b"3")
    assert Changelog(table, 0, 9).unknown([new]) == [new]


@pytest.mark.parametrize("other", [changed(5, POSITION, b"8"), changed(5, b"unknown", b"1")])
def test_a_changelog_that_lost_its_end_and_grew_again_halts_the_lane(
    table: TablePartition, other: ConsumerRecord
) -> None:
    with pytest.raises(LaneHaltedError, match="another record of offset 5"):
        Changelog(table, 0, 9).unknown([other])


def batch(records: int) -> BatchBuilder:
    made = BatchBuilder(1_000, 0, is_transactional=True)
    for _ in range(records):
        made.append(timestamp=1, key=b"key", value=b"row")
    return made


def test_new_rows_lie_behind_all_that_the_table_has(table: TablePartition) -> None:
    check_growth(table, 8, [batch(2), batch(1)])
    with pytest.raises(LaneHaltedError, match="took new records at 5"):
        check_growth(table, 7, [batch(2), batch(1)])
