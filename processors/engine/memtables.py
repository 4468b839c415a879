"""Bounds what all tables of a process keep in memory before it is on disk.

RocksDB's own ``WriteBufferManager`` either bounds nothing or lets a write wait for flushes that only writes to other
tables would start: one thread that writes many tables waits for ever, with the GIL.
"""

import logging
from pathlib import Path
from threading import Lock
from typing import Protocol
from weakref import WeakSet

log = logging.getLogger(__name__)

_LOOK_BYTES = 1 << 20
"""Bytes written between two looks at the sizes: a look at 128 tables takes 0.1 ms."""


class Memtables(Protocol):
    """The memtables of one table."""

    path: Path

    def memtable_bytes(self) -> tuple[int, int]:
        """Bytes of the memtable that is written to; and of that and those on their way to the disk."""

    def flush(self, *, wait: bool) -> None:
        """Write the rows in memory to disk, in the background unless ``wait``."""


class MemtableBudget:
    """Flushes the largest memtable in the background once those written to exceed ``flush_bytes`` together. Waits for
    the flush once all, with those on their way, exceed ``most_bytes``: the disk is slower than what comes."""

    def __init__(self, flush_bytes: int, most_bytes: int) -> None:
        self._flush_bytes, self._most_bytes = flush_bytes, most_bytes
        self._tables, self._lock = WeakSet[Memtables](), Lock()  # tables are closed by other threads
        self._unseen = 0

    def add(self, table: Memtables) -> None:
        """Count this table, too."""
        with self._lock:
            self._tables.add(table)

    def remove(self, table: Memtables) -> None:
        """The table's memory is free."""
        with self._lock:
            self._tables.discard(table)

    def before_write(self, size: int) -> None:
        """Make room for ``size`` bytes, which some table will get."""
        self._unseen += size
        if self._unseen >= _LOOK_BYTES:
            self._unseen = 0
            self._make_room(size)

    def _make_room(self, size: int) -> None:
        with self._lock:
            sizes = {table: table.memtable_bytes() for table in self._tables}
        wait = size + sum(whole for _, whole in sizes.values()) > self._most_bytes
        if not wait and size + sum(active for active, _ in sizes.values()) <= self._flush_bytes:
            return
        for table in sorted(sizes, key=lambda table: sizes[table][0], reverse=True):
            try:
                table.flush(wait=wait)
            except Exception as error:  # noqa: BLE001 - RocksDB refuses its next write, too, and its lane opens it anew
                log.warning("%s was not flushed: %s", table.path, error)
            else:
                return
