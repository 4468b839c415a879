"""A table's partition: rows, offset and position are one."""

from pathlib import Path

from processors.engine.position import Position
from processors.engine.store import POSITION, SCAN_BYTES, TablePartition


def test_rows_come_back_in_the_order_of_the_keys(tmp_path: Path) -> None:
    table = TablePartition(tmp_path / "seen" / "0")
    table.apply([(b"a", b"1"), (b"b", b"2")], offset=5)
    assert table.get_many([b"b", b"x", b"a"]) == [b"2", None, b"1"]


def test_offset_and_position_survive_with_the_rows(tmp_path: Path) -> None:
    """What is reopened after a stop says exactly how far its rows reach."""
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
