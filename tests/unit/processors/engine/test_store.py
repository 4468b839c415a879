"""A table's partition: its rows, offset and position change together."""

import random
from pathlib import Path
from typing import Any

import pytest

from processors.engine.position import Position
from processors.engine.store import POSITION, SCAN_BYTES, TablePartition

pytestmark = pytest.mark.thorough  # its tables are on a disk


def test_rows_come_back_in_the_order_of_the_keys(tmp_path: Path) -> None:
    table = TablePartition(tmp_path / "seen" / "0")
    table.apply([(b"a", b"1"), (b"b", b"2")], offset=5)
    assert table.get_many([b"b", b"x", b"a"]) == [b"2", None, b"1"]


def test_offset_and_position_survive_with_the_rows(tmp_path: Path) -> None:
    """A table that is reopened after a stop says exactly how far its rows reach."""
    table = TablePartition(tmp_path / "0")
    assert (table.offset, table.position, table.lineage) == (None, None, None)
    table.lineage = "cluster/topic"
    table.apply([(b"a", b"1"), (POSITION, b"42")], offset=7)
    table.close()

    again = TablePartition(tmp_path / "0")
    assert (again.offset, again.position, again.lineage) == (7, Position(42), "cluster/topic")
    assert again.get(b"a") == b"1"


def test_a_row_without_a_value_is_deleted(tmp_path: Path) -> None:
    table = TablePartition(tmp_path / "0")
    table.apply([(b"a", b"1")], offset=1)
    table.apply([(b"a", None)], offset=2)
    assert table.get(b"a") is None


def test_no_keys_need_no_look_up(tmp_path: Path) -> None:
    assert TablePartition(tmp_path / "0").get_many([]) == []


def test_a_look_at_many_rows_ends_with_so_many_bytes(tmp_path: Path) -> None:
    table = TablePartition(tmp_path / "seen" / "0")
    table.apply([(b"x%d" % n, bytes(SCAN_BYTES // 2)) for n in range(5)] + [(b"y", b"")], offset=5)
    found, after = list[list[bytes]](), b""
    while rows := table.scan(b"x", after, 10):
        found.append([key for key, _ in rows])
        after = rows[-1][0]
    assert found == [[b"x0", b"x1"], [b"x2", b"x3"], [b"x4"]]


class _Watched:
    """A database that notes the keys from which it is read."""

    def __init__(self, database: Any) -> None:
        self._database, self.begins = database, list[bytes]()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._database, name)

    def iter(self) -> Any:
        return _WatchedRows(self._database.iter(), self.begins)


class _WatchedRows:
    def __init__(self, rows: Any, begins: list[bytes]) -> None:
        self._rows, self._begins = rows, begins

    def __getattr__(self, name: str) -> Any:
        return getattr(self._rows, name)

    def seek(self, key: bytes) -> None:
        self._begins.append(key)
        self._rows.seek(key)


def test_a_queue_is_read_from_its_first_row_on_not_through_those_that_were_worked_off(tmp_path: Path) -> None:
    table = TablePartition(tmp_path / "orders" / "0", queues=(b"due/",))
    table.apply([(b"due/%d" % n, b"1") for n in range(2, 8)] + [(b"dual", b"1"), (b"dug", b"1")], offset=1)
    table._db = watched = _Watched(table._db)
    assert table.scan(b"due/", b"", 2) == [(b"due/2", b"1"), (b"due/3", b"1")]
    table.apply([(b"due/2", None), (b"due/3", None), (b"due/4", None)], offset=2)
    assert table.scan(b"due/", b"", 1) == [(b"due/5", b"1")]
    assert table.scan(b"due/", b"due/6", 2) == [(b"due/7", b"1")]  # from a key on: this says nothing of what is before
    table.apply([(b"due/5", None), (b"due/6", None), (b"due/7", None)], offset=3)
    assert table.scan(b"due/", b"", 2) == []
    assert table.scan(b"due/", b"", 2) == []
    assert watched.begins == [b"due/", b"due/2", b"due/6", b"due/5", b"due/\xff"]


def test_a_row_that_comes_before_the_first_of_a_queue_is_found(tmp_path: Path) -> None:
    table = TablePartition(tmp_path / "orders" / "0", queues=(b"due/",))
    assert table.scan(b"due/", b"", 1) == []
    table.apply([(b"due/5", b"1"), (b"due/6", b"1")], offset=1)
    assert table.scan(b"due/", b"", 1) == [(b"due/5", b"1")]
    table.apply([(b"due/5", None), (b"due/1", b"1"), (b"due/3", b"1")], offset=2)
    assert [key for key, _ in table.scan(b"due/", b"", 10)] == [b"due/1", b"due/3", b"due/6"]


@pytest.mark.parametrize("seed", range(10))
def test_a_queue_gives_what_it_holds_in_whatever_order_rows_come_and_go(tmp_path: Path, seed: int) -> None:
    rng, rows = random.Random(seed), set[bytes]()
    table = TablePartition(tmp_path / "orders" / "0", queues=(b"due/",))
    for offset in range(300):
        come = {b"due/%03d" % rng.randrange(1000) for _ in range(rng.randrange(3))}
        go = set(sorted(rows)[: rng.randrange(4)]) - come
        table.apply([*((key, b"1") for key in come), *((key, None) for key in go)], offset)
        rows = (rows | come) - go
        limit, after = rng.randrange(1, 5), b"due/%03d" % rng.randrange(1000) if rng.random() < 0.2 else b""
        expected = sorted(key for key in rows if key > after)[:limit]
        assert [key for key, _ in table.scan(b"due/", after, limit)] == expected
