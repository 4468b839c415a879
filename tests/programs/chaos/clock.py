"""The wall clock of one service, which a test may set while it runs: all that the bridge asks for the time of day.

``BRIDGE_TEST_CLOCK=<file>``: eight bytes, by how many seconds the clock is ahead (read by
``tests/integration/exactly_once/child.py``). Clients of Kafka's in C and the monotonic clock go right.
"""

import mmap
import struct
import time
from pathlib import Path
from unittest.mock import patch

_AHEAD = struct.Struct("d")


class Clock:
    """Our end of it: right until set."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.set_ahead(0.0)

    def set_ahead(self, seconds: float) -> None:
        """It jumps there at once."""
        with self.path.open("r+b" if self.path.exists() else "wb") as file:
            file.write(_AHEAD.pack(seconds))


def set_up(path: str) -> None:
    """For the rest of the process, its clock is that of the file."""
    with Path(path).open("rb") as file:
        ahead = mmap.mmap(file.fileno(), _AHEAD.size, prot=mmap.PROT_READ)
    real, real_ns = time.time, time.time_ns

    def jumped() -> float:
        return real() + float(_AHEAD.unpack_from(ahead)[0])

    def jumped_ns() -> int:
        return real_ns() + int(_AHEAD.unpack_from(ahead)[0] * 1e9)

    patch.object(time, "time", jumped).start()
    patch.object(time, "time_ns", jumped_ns).start()
