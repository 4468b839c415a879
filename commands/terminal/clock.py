"""The time, as records have it."""

import time


def now_ms() -> int:
    """Milliseconds since 1970."""
    return int(time.time() * 1000)


def time_of(ago_s: float | None) -> int | None:
    """The time (ms) so many seconds ago."""
    return None if ago_s is None else now_ms() - int(ago_s * 1000)
