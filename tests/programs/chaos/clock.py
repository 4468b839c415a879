"""The wall clock of one service, which a test may set while the service runs. The bridge asks no other for the time of
day.

`BRIDGE_TEST_CLOCK=<file>`: eight bytes, the seconds by which the clock is ahead (read by
`tests/integration/exactly_once/child.py`). The monotonic clock and Kafka's C clients stay right.
"""

import mmap
import struct
import time
from pathlib import Path
from unittest.mock import patch

_AHEAD = struct.Struct("d")


class Clock:
    """The test's end of the clock: right until set."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.set_ahead(0.0)

    def set_ahead(self, seconds: float) -> None:
        """Let the clock jump there at once."""
        with self.path.open("r+b" if self.path.exists() else "wb") as file:
            file.write(_AHEAD.pack(seconds))


def set_up(path: str) -> None:
    """Give the process the clock of the file for the rest of its life."""
    with Path(path).open("rb") as file:
        ahead = mmap.mmap(file.fileno(), _AHEAD.size, prot=mmap.PROT_READ)
    real, real_ns = time.time, time.time_ns

    def jumped() -> float:
        return real() + float(_AHEAD.unpack_from(ahead)[0])

    def jumped_ns() -> int:
        return real_ns() + int(_AHEAD.unpack_from(ahead)[0] * 1e9)

    patch.object(time, "time", jumped).start()
    patch.object(time, "time_ns", jumped_ns).start()
