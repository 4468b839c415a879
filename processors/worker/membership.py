"""How long a process may be away from its group. Pure: time comes in."""

from typing import Final

ABSENCE_S: Final = 60.0
_SESSION_TIMEOUTS: Final = 2
"""A join waits for members that do not answer, for up to a session timeout, and after that for the leader's."""
_MOST_A_LOOK_S: Final = 3.0
"""There is one every second; a process that was frozen in between could not join."""


class Absence:
    """How long the process has not been a member. `session_timeout` in seconds."""

    def __init__(self, session_timeout: float) -> None:
        self.limit = max(ABSENCE_S, _SESSION_TIMEOUTS * session_timeout)
        """Seconds after which another process may do better."""
        self.reset()

    def reset(self) -> None:
        """It is a member, or nobody could be."""
        self._away = 0.0
        self._looked_at: float | None = None

    def is_too_long(self, now: float) -> bool:
        """Whether it has been away for longer than the limit, at ``now`` (seconds); counted since the last reset."""
        if self._looked_at is not None:
            self._away += min(now - self._looked_at, _MOST_A_LOOK_S)
        self._looked_at = now
        return self._away > self.limit
