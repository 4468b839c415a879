"""One thread writes many tables: none waits for another, and what they keep in memory is bounded."""

import os
import subprocess
import sys
from pathlib import Path

from processors.engine.store import ARENA_BYTES, TablePartition

_TABLES = 128  # of a worker with 64 partitions: of raw, and of orders
_SECONDS = 150


def _bound(tables: int) -> int:
    """The budget, one write, what is written between two looks, and a block that each table has begun meanwhile."""
    return ((64 + 4 + 1) << 20) + tables * ARENA_BYTES


_ROUND_ROBIN = """
import os, sys
from pathlib import Path
from processors.engine.store import TablePartition

directory, count, largest = Path(sys.argv[1]), int(sys.argv[2]), 0
tables = [TablePartition(directory / str(number)) for number in range(count)]
for offset in range(96 * 1024 // count):  # 96 MiB in all
    for number, table in enumerate(tables):
        table.apply([(b"%d-%d" % (offset, number), os.urandom(1024))], offset)
    largest = max(largest, sum(table.memtable_bytes()[1] for table in tables))
print(sum(table.key_count > 0 for table in tables), largest)
"""


def test_one_thread_that_writes_many_tables_in_turn_gets_through_in_bounded_memory(tmp_path: Path) -> None:
    """It runs in a process of its own: a write that waits for ever keeps the GIL."""
    done = subprocess.run(
        [sys.executable, "-c", _ROUND_ROBIN, str(tmp_path), str(_TABLES)],
        timeout=_SECONDS,
        capture_output=True,
        text=True,
        check=True,
    )
    written, largest = map(int, done.stdout.split())
    assert written == _TABLES
    assert 1 << 20 < largest <= _bound(_TABLES)


def test_a_hundred_megabytes_of_rows_at_once_are_written_in_bounded_memory(tmp_path: Path) -> None:
    tables = [TablePartition(tmp_path / str(number)) for number in range(8)]
    sizes = []
    for offset, table in enumerate(tables[:4]):
        table.apply([(b"%d" % number, os.urandom(256 << 10)) for number in range(400)], offset)
        sizes.append(sum(table.memtable_bytes()[1] for table in tables))
    assert max(sizes) <= _bound(len(tables))
    assert tables[3].get(b"399") is not None


def test_the_log_that_rocksdb_keeps_of_a_table_is_bounded(tmp_path: Path) -> None:
    """Each flush adds some 5 KB. Otherwise a table in use for months would have a log as long as its history."""
    table = TablePartition(tmp_path / "0")
    for offset in range(700):
        table.apply([(b"key", b"%d" % offset)], offset)
        table.flush(wait=True)
    assert sum(path.stat().st_size for path in table.path.glob("LOG*")) < 3 << 20
