"""What is said of the disk that a worker has its tables on, as its metrics tell. Pure."""

from typing import Final, NamedTuple

from commands.terminal.services import Service

FULL: Final = 64 << 20
"""Bytes: a memtable is written as a file of that size."""
NEARLY_FULL: Final = 0.1
"""Of the whole."""


class LowDisk(NamedTuple):
    """A disk with less than `NEARLY_FULL` of it free: a sentence without its full stop, and what to do. `is_full`: so
    little is left that a table may not be written."""

    what: str
    remedy: str
    is_full: bool


def low_disk(worker: Service) -> LowDisk | None:
    """That of a worker; None: it has space, or the worker does not tell."""
    free, size = worker.sum("bridge_data_free_bytes"), worker.sum("bridge_data_size_bytes")
    if free is None or not size or free >= size * NEARLY_FULL:
        return None
    what = f"the disk of the worker at {worker.url} has {free / (1 << 20):,.0f} of {size / (1 << 20):,.0f} MiB free"
    remedy = "make space on the disk of BRIDGE_WORKER_DATA_DIR: a full one stops its lanes"
    return LowDisk(what, remedy, free < FULL)
