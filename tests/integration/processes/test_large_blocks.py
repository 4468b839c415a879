"""A memtable's large blocks come from mappings of their own, also when one was freed before."""

import ctypes
import subprocess
import sys
from pathlib import Path

import pytest

_TWICE = """
import ctypes
import sys
from pathlib import Path

from processors.engine.store import TablePartition
from bridge.process import keep_large_blocks_apart


class Mallinfo2(ctypes.Structure):
    _fields_ = [(name, ctypes.c_size_t) for name in "arena ordblks smblks hblks hblkhd a b c d e".split()]


mallinfo2 = ctypes.CDLL(None).mallinfo2
mallinfo2.restype = Mallinfo2


def mapped_by_a_memtable():
    before = mallinfo2().hblkhd
    table = TablePartition(Path(sys.argv[1]))
    for number in range(12_000):
        table.apply([(b"%d" % number, bytes(1_000))], number)
    mapped = mallinfo2().hblkhd - before
    table.close()
    return mapped


keep_large_blocks_apart()
print(mapped_by_a_memtable(), mapped_by_a_memtable())
"""


@pytest.mark.skipif(not hasattr(ctypes.CDLL(None), "mallinfo2"), reason="it is glibc's malloc that is told, and asked")
def test_a_second_memtable_is_mapped_like_the_first_one(tmp_path: Path) -> None:
    first, second = map(int, subprocess.check_output([sys.executable, "-c", _TWICE, tmp_path / "rows"]).split())
    assert first >= 8 << 20
    assert second >= 8 << 20
