"""A clock that goes on while the system is suspended, to tell how long ago something was.

While this machine sleeps, virtual or not, leases, sessions and tokens run out elsewhere, and answers grow older. On
Linux `time.monotonic` stands still meanwhile: after the resumption, all that ended long ago would count as valid.
Durations of work, timeouts and paces concern this process alone, so they stay with `time.monotonic`.
"""

import time
from typing import Final, NamedTuple, Self

_CLOCK: Final[int] = getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC)
"""Linux has CLOCK_BOOTTIME. Elsewhere CLOCK_MONOTONIC goes on, as on macOS, or no clock does."""


def boottime() -> float:
    """Seconds since some moment; they never go back."""
    return time.clock_gettime(_CLOCK)


class Moment(NamedTuple):
    """A moment by two clocks, in seconds. If a hypervisor has paused its guest, perhaps only the wall clock tells, once
    it is set right."""

    boottime: float
    wall: float

    @classmethod
    def now(cls) -> Self:
        """The present moment."""
        return cls(boottime(), time.time())

    def seconds_since(self, earlier: "Moment") -> float:
        """Seconds since `earlier`, by the clock that says more. So a wall clock that is set forward makes things look
        older than they are."""
        return max(self.boottime - earlier.boottime, self.wall - earlier.wall)
