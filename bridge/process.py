"""What a process takes from the system: files, and memory by glibc's malloc."""

import ctypes
import resource
from typing import Final

_M_MMAP_THRESHOLD: Final = -3  # malloc.h
_LARGE: Final = 256 << 10

_MANY: Final = 65_536


def allow_many_open_files() -> None:
    """Raise the soft limit, often 1,024, as far as the hard one allows, at most to 65,536; never lower it."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = _MANY if hard == resource.RLIM_INFINITY else min(hard, _MANY)
    if soft != resource.RLIM_INFINITY and soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))


def give_memory_back() -> None:
    """Have glibc give back the free pages within its heap: 0.2 ms for each MB of them."""
    malloc_trim = getattr(ctypes.CDLL(None), "malloc_trim", None)
    if malloc_trim is not None:
        malloc_trim(0)


def keep_large_blocks_apart() -> None:
    """Have glibc map by itself each block of 256 KiB or more that finds no gap in the heap, so that freeing it gives
    the memory back. Idempotent; nothing happens where the C library is not glibc.

    A memtable grows by blocks of that size. glibc maps the first ones, but once one of them was freed it raises its
    threshold, and takes all later ones from its heap. There small blocks of the block cache settle in the gaps that a
    memtable leaves, the next memtable finds no gap of its size, and the heap grows.
    """
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
    if mallopt is not None:
        mallopt(_M_MMAP_THRESHOLD, _LARGE)
