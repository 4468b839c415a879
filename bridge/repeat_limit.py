"""Leaving out repeated log lines: 10 s without a broker made aiokafka write 50,000 of them."""

import logging
import time
from collections.abc import Callable
from typing import Final

REPEATS: Final = 5
WINDOW_S: Final = 10.0
_MOST_KINDS: Final = 1000


class RepeatLimit:
    """At most `repeats` lines of one kind in each window. Time is a parameter, in seconds."""

    def __init__(self, repeats: int = REPEATS, window_s: float = WINDOW_S) -> None:
        self._repeats = repeats
        self._window_s = window_s
        self._windows: dict[object, tuple[float, int]] = {}

    def admit(self, kind: object, now: float) -> int | None:
        """None: leave this line out. Else: write it, and so many were left out in the window before."""
        since, seen = self._windows.get(kind, (now, 0))
        if now - since >= self._window_s:
            self._windows[kind] = (now, 1)
            return max(seen - self._repeats, 0)
        if kind not in self._windows and len(self._windows) >= _MOST_KINDS:
            self._forget_before(now - self._window_s)
        self._windows[kind] = (since, seen + 1)
        return 0 if seen < self._repeats else None

    def _forget_before(self, moment: float) -> None:
        # Templates are few, but some libraries format the text before they log it.
        self._windows = {kind: window for kind, window in self._windows.items() if window[0] > moment}


class RepeatFilter(logging.Filter):
    """Lines are of one kind if logger, level and text before formatting are the same."""

    def __init__(self, limit: RepeatLimit | None = None, clock: Callable[[], float] = time.monotonic) -> None:
        super().__init__()
        self._limit = limit or RepeatLimit()
        self._clock = clock

    def filter(self, record: logging.LogRecord) -> bool:
        """Whether to write this record; it then says in `left_out` how many were not."""
        text = record.msg.get("event") if isinstance(record.msg, dict) else record.msg
        left_out = self._limit.admit((record.name, record.levelno, str(text)), self._clock())
        record.left_out = left_out
        return left_out is not None
