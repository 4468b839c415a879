"""How long a process may be absent from its group. Pure: callers give the time."""

from typing import Final

ABSENCE_S: Final = 60.0
_SESSION_TIMEOUTS: Final = 2
"""A join waits for up to one session timeout for members that do not answer, and up to another for the leader."""
_MOST_A_LOOK_S: Final = 3.0
"""Most that counts between two looks, which come every second: a process that was frozen could not join."""


class Absence:
    """How long the process has not been a member. `session_timeout` in seconds."""

    def __init__(self, session_timeout: float) -> None:
        self.limit = max(ABSENCE_S, _SESSION_TIMEOUTS * session_timeout)
        """Seconds after which another process may do better."""
        self.reset()

    def reset(self) -> None:
        """Begin anew: the process is a member, or nobody could be one."""
        self._away = 0.0
        self._looked_at: float | None = None

    def is_too_long(self, now: float) -> bool:
        """Whether the process has been away for longer than the limit at ``now`` (seconds), since the last reset."""
        if self._looked_at is not None:
            self._away += min(now - self._looked_at, _MOST_A_LOOK_S)
        self._looked_at = now
        return self._away > self.limit
