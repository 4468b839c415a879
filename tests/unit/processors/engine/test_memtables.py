"""The memory of all tables is bounded, and no write waits for a flush that another table would have to start."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from processors.engine.memtables import MemtableBudget
from processors.engine.store import TablePartition

pytestmark = pytest.mark.thorough  # its tables are on a disk

MIB = 1 << 20


@dataclass(eq=False)
class Table:
    """A table with ``active`` bytes in the memtable being written to, and ``older`` bytes on their way to the disk."""

    path: Path
    active: int
    older: int = 0
    broken: bool = False
    flushed: list[bool] = field(default_factory=list)
    """For each flush: whether the table waited for it."""

    def memtable_bytes(self) -> tuple[int, int]:
        return self.active, self.active + self.older

    def flush(self, *, wait: bool) -> None:
        if self.broken:
            raise OSError("the disk is full")
        self.flushed.append(wait)
        self.active, self.older = 0, 0 if wait else self.older + self.active


def flushed(*tables: Table, size: int = MIB) -> Mapping[str, list[bool]]:
    """The flushes before a write of ``size`` bytes, by table: 10 MiB begin a flush, 16 MiB wait for it."""
    budget = MemtableBudget(flush_bytes=10 * MIB, most_bytes=16 * MIB)
    for table in tables:
        budget.add(table)
    budget.before_write(size)
    return {table.path.name: table.flushed for table in tables if table.flushed}


def test_the_largest_is_flushed_though_another_is_written_to() -> None:
    """None of many small tables would ever be full by itself."""
    small = [Table(Path(f"small-{number}"), MIB) for number in range(6)]
    assert flushed(*small, Table(Path("large"), 4 * MIB)) == {"large": [False]}


def test_nothing_is_flushed_while_there_is_room() -> None:
    assert flushed(Table(Path("one"), 4 * MIB), Table(Path("other"), 5 * MIB)) == {}


def test_what_is_on_its_way_to_the_disk_counts_and_is_waited_for_in_the_end() -> None:
    assert flushed(Table(Path("one"), 4 * MIB, older=12 * MIB)) == {"one": [True]}


def test_one_that_cannot_be_flushed_keeps_no_other_from_it() -> None:
    tables = Table(Path("broken"), 8 * MIB, broken=True), Table(Path("whole"), 4 * MIB)
    assert flushed(*tables) == {"whole": [False]}


def test_small_writes_are_looked_at_together() -> None:
    assert flushed(Table(Path("one"), 12 * MIB), size=MIB - 1) == {}


@pytest.mark.parametrize(("option", "value"), [("max_log_file_size", MIB), ("keep_log_file_num", 2)])
def test_rocksdbs_own_log_does_not_grow_without_end(tmp_path: Path, option: str, value: int) -> None:
    """RocksDB writes down the options that it was opened with."""
    TablePartition(tmp_path / "0").close()
    (written,) = (tmp_path / "0").glob("OPTIONS-*")
    assert f"{option}={value}" in [line.strip() for line in written.read_text().splitlines()]
