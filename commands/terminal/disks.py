"""A warning if a worker's disk is nearly full, from its metrics. Pure."""

from typing import Final, NamedTuple

from commands.terminal.services import Service

FULL: Final = 64 << 20
"""Bytes: RocksDB writes a memtable as a file of this size."""
NEARLY_FULL: Final = 0.1
"""Share of the whole disk."""


class LowDisk(NamedTuple):
    """A disk with less than `NEARLY_FULL` free: a sentence without its full stop, and a remedy. `is_full`: too
    little is left to be sure that a table can be written."""

    what: str
    remedy: str
    is_full: bool


def low_disk(worker: Service) -> LowDisk | None:
    """The warning; None: there is space, or the worker does not tell."""
    free, size = worker.sum("bridge_data_free_bytes"), worker.sum("bridge_data_size_bytes")
    if free is None or not size or free >= size * NEARLY_FULL:
        return None
    what = f"the disk of the worker at {worker.url} has {free / (1 << 20):,.0f} of {size / (1 << 20):,.0f} MiB free"
    remedy = "make space on the disk of BRIDGE_WORKER_DATA_DIR: a full one stops its lanes"
    return LowDisk(what, remedy, free < FULL)
