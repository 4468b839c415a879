"""How long ago something was, by a clock that goes on while the system is suspended.

For others a lease, a session or a token's life goes on while this machine sleeps, virtual or not, and an answer grows
older. `time.monotonic` stands still meanwhile on Linux: after the resumption all that ended long ago would be valid.
How long work takes, timeouts and paces are about this process alone, and stay with that clock.
"""

import time
from typing import Final, NamedTuple, Self

_CLOCK: Final[int] = getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC)
"""Linux has the former; elsewhere it is the latter that goes on, as on macOS, or nothing does."""


def boottime() -> float:
    """Seconds since some moment. They never go back."""
    return time.clock_gettime(_CLOCK)


class Moment(NamedTuple):
    """By two clocks, in seconds: that a hypervisor has paused its guest may be told by the wall clock alone, once it is
    set right."""

    boottime: float
    wall: float

    @classmethod
    def now(cls) -> Self:
        """This one."""
        return cls(boottime(), time.time())

    def seconds_since(self, earlier: "Moment") -> float:
        """By the clock that says more: a wall clock that is set forward makes what is judged by it look older."""
        return max(self.boottime - earlier.boottime, self.wall - earlier.wall)
