"""Which records of a changelog become rows, without Kafka."""

from collections.abc import Sequence
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from aiokafka.structs import TopicPartition

from processors.dedupe.decision import Seen
from processors.engine import recovery
from processors.engine.changelog import Changelog
from processors.engine.errors import LaneHaltedError, NoAnswerError
from processors.engine.expiry import Expiry
from processors.engine.position import Position
from processors.engine.recovery import catch_up
from processors.engine.store import BARRIER, POSITION, TablePartition

CHANGELOG = TopicPartition("dedupe-changelog", 3)
ROW = Seen(3, 7, 1_000, b"hash").pack()


class Log:
    """A changelog, as its reader gives it: keys and values from offset 0 on."""

    def __init__(self, *rows: tuple[bytes, bytes | None]) -> None:
        self._records: Sequence[Any] = [
            SimpleNamespace(topic=CHANGELOG.topic, partition=CHANGELOG.partition, offset=offset, key=key, value=value)
            for offset, (key, value) in enumerate(rows)
        ]
        self._next = 0

    def assign(self, partitions: object) -> None: ...

    def seek(self, _tp: TopicPartition, offset: int) -> None:
        self._next = offset

    async def position(self, _tp: TopicPartition) -> int:
        return self._next

    def last_stable_offset(self, _tp: TopicPartition) -> int:
        return self._next

    def highwater(self, _tp: TopicPartition) -> int:
        return len(self._records)

    async def getmany(self, *_tps: TopicPartition, **_limits: int) -> dict[TopicPartition, Sequence[Any]]:
        records, self._next = self._records[self._next :], len(self._records)
        return {CHANGELOG: records} if records else {}

    async def read_into(self, table: TablePartition) -> None:
        reader: Any = self
        await catch_up(reader, {CHANGELOG: Changelog(table, 0, len(self._records))}, lambda *_: None)


async def test_the_last_record_of_each_key_becomes_its_row(tmp_path: Path) -> None:
    table = TablePartition(tmp_path / "3", Expiry(1_000, Seen.time_of))
    await Log((b"a", ROW), (b"b", ROW), (POSITION, Position(8).encode()), (b"b", None), (BARRIER, None)).read_into(
        table
    )
    assert (table.get(b"a"), table.get(b"b"), table.position, table.offset) == (ROW, None, Position(8), 4)
    table.close()


@pytest.mark.parametrize(
    ("key", "value"),
    [
        (b"b", b"junk"),
        (b"b", b"\x07" + ROW[1:]),
        (POSITION, b"somewhere"),
        (POSITION, b""),
        (None, ROW),
        (b"\x00offset", b"7"),
        (b"\x00lineage", None),
    ],
    ids=["too short", "another format", "no place", "an empty one", "no key", "how far it is", "whose it is"],
)
async def test_a_record_that_is_no_row_halts_the_lane_and_is_named(
    tmp_path: Path, key: Any, value: bytes | None
) -> None:
    """The rows before that record are there. Each opening halts again."""
    table = TablePartition(tmp_path / "3", Expiry(1_000, Seen.time_of))
    for _ in range(2):
        with pytest.raises(LaneHaltedError, match=r"^dedupe-changelog/3@1 is no row of this table \(.*#when-a-lane-"):
            await Log((b"a", ROW), (key, value), (b"c", ROW)).read_into(table)
        assert (table.get(b"a"), table.get(b"c"), table.offset) == (ROW, None, 0)
    table.close()


async def test_a_changelog_of_which_nothing_comes_says_that_a_transaction_is_open_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def nothing(*_tps: TopicPartition, **_limits: int) -> dict[TopicPartition, Sequence[Any]]:
        return {}

    monkeypatch.setattr(recovery, "_SILENCE_S", 0.0)
    log, table = Log((b"a", ROW), (b"b", ROW)), TablePartition(tmp_path / "3")
    monkeypatch.setattr(log, "getmany", nothing)
    says = r"of dedupe-changelog/3 \(a transaction is open there: 2 offsets from 0 on wait for it\)"
    with pytest.raises(NoAnswerError, match=says):
        await log.read_into(table)
    table.close()
