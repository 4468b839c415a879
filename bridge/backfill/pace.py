"""Spreading lines over time."""


class Pace:
    """So many lines a second from `began` on, on the average; no `rate`: no limit. Time is a parameter, in seconds."""

    def __init__(self, rate: float | None, began: float) -> None:
        self._rate = rate
        self._began = began
        self._lines = 0

    def count(self, lines: int) -> None:
        """So many more are through."""
        self._lines += lines

    def wait(self, now: float) -> float:
        """How long the next line has to wait."""
        if self._rate is None:
            return 0.0
        return max(0.0, self._began + self._lines / self._rate - now)
