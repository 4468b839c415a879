"""Where glibc's malloc puts large blocks: RocksDB's memtables consist of such, and bodies are some."""

import ctypes
from typing import Final

_M_MMAP_THRESHOLD: Final = -3  # malloc.h
_LARGE: Final = 256 << 10


def keep_large_blocks_apart() -> None:
    """Have each block of 256 KiB or more that finds no gap in the heap mapped by itself, so that its end gives the
    memory back. Idempotent; nothing happens where the C library is not glibc.

    A memtable grows by blocks of that size. glibc maps the first ones, but raises its threshold once one of them was
    freed, and takes all later ones from its heap. There small blocks of the block cache settle in what a memtable
    leaves behind, the next memtable finds no gap of its size, and the heap grows.
    """
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
    if mallopt is not None:
        mallopt(_M_MMAP_THRESHOLD, _LARGE)
