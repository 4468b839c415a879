"""Noticing that this process is no member of its group, though Kafka is there. Pure: time comes in."""

from typing import Final

ABSENCE_SECONDS: Final = 60.0
_SESSION_TIMEOUTS: Final = 2
"""A join waits for members that do not answer, for up to a session timeout, and after that for the leader's."""


class Absence:
    """How long the process has not been a member. `session_timeout` in seconds."""

    def __init__(self, session_timeout: float) -> None:
        self.limit = max(ABSENCE_SECONDS, _SESSION_TIMEOUTS * session_timeout)
        """Seconds after which another process may do better."""
        self._since: float | None = None

    def reset(self) -> None:
        """It is a member, or nobody could be."""
        self._since = None

    def is_too_long(self, now: float) -> bool:
        """Whether it has been away for longer than the limit, at ``now`` (seconds); counted since the last reset."""
        self._since = now if self._since is None else self._since
        return now - self._since > self.limit
