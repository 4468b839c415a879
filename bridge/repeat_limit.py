"""Leaves repeated log lines out: 10 s without a broker made aiokafka write 50,000.

An outage of n seconds makes at most n warnings, and `BURST` at its beginning, whatever fails and however often.
"""

import logging
import time
from bisect import bisect
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

REPEATS: Final = 3
WINDOW_S: Final = 10.0
BURST: Final = 20
AUDIT: Final = "audit"
"""The logger, and a field, of lines that say what somebody did or changed: none of them is left out."""
LINES_PER_S: Final = 1.0
_LONGEST_WINDOW_S: Final = 300.0
_KEPT_FOR_NEW_KINDS: Final = 5.0
_MOST_KINDS: Final = 1000
"""Of more than these, the kind that began longest ago is forgotten. Templates are few, but some libraries format a text
before they log it."""
_BEGIN: Final = (logging.INFO, logging.WARNING)
"""Lines from each of these levels on have a limit of their own; lines below the first have one, too."""


@dataclass(slots=True)
class _Window:
    since: float
    length: float
    written: int = 0
    left_out: int = 0


class RepeatLimit:
    """At most `repeats` lines of one kind, then one per window; windows get longer while the kind goes on. Of all kinds
    together one line a second, and `burst` at once after a quiet time. Time is a parameter, in seconds."""

    def __init__(self, repeats: int = REPEATS, burst: int = BURST) -> None:
        self._repeats, self._burst = repeats, float(burst)
        self._budget, self._budget_at = self._burst, 0.0
        self._windows: dict[object, _Window] = {}

    def admit(self, kind: object, now: float) -> int | None:
        """None: leave this line out. A number: write it; that many of its kind were left out since the last one."""
        window = self._window(kind, now)
        if window.written >= self._repeats or not self._afford(now, is_new=not window.written):
            window.left_out += 1
            return None
        window.written += 1
        left_out, window.left_out = window.left_out, 0
        return left_out

    def _window(self, kind: object, now: float) -> _Window:
        window = self._windows.get(kind)
        if window is None or now - window.since >= 2 * window.length:  # new, or quiet for a whole window
            left_out = self._windows.pop(kind).left_out if window else 0
            if len(self._windows) >= _MOST_KINDS:
                del self._windows[next(iter(self._windows))]
            window = self._windows[kind] = _Window(now, WINDOW_S, left_out=left_out)
        elif now - window.since >= window.length:
            window.since, window.length = now, min(2 * window.length, _LONGEST_WINDOW_S)
            window.written = self._repeats - 1
        return window

    def _afford(self, now: float, *, is_new: bool) -> bool:
        self._budget = min(self._burst, self._budget + (now - self._budget_at) * LINES_PER_S)
        self._budget_at = now
        if self._budget < 1 + (0 if is_new else _KEPT_FOR_NEW_KINDS):
            return False
        self._budget -= 1
        return True


class RepeatFilter(logging.Filter):
    """Lines are of one kind if logger, level and text before formatting are the same. Critical lines always pass, as do
    those with the field `audit`. Lines below `info`, at `info`, and from `warning` on have a limit each, so that none
    takes from the others."""

    def __init__(
        self, new_limit: Callable[[], RepeatLimit] = RepeatLimit, clock: Callable[[], float] = time.monotonic
    ) -> None:
        super().__init__()
        self._limits = [new_limit() for _ in range(len(_BEGIN) + 1)]
        self._clock = clock

    def filter(self, record: logging.LogRecord) -> bool:
        """Whether to write this record; its `left_out` then says how many of its kind were not."""
        fields = record.msg if isinstance(record.msg, dict) else {"event": record.msg}
        if record.levelno >= logging.CRITICAL or AUDIT in fields:
            return True
        text = fields.get("event")
        limit = self._limits[bisect(_BEGIN, record.levelno)]
        left_out = limit.admit((record.name, record.levelno, str(text)), self._clock())
        record.left_out = left_out
        return left_out is not None
