"""Notices another process with this one's instance id. Pure: time comes in."""

from math import inf
from typing import Final

_LOSSES: Final = 3
"""One or two losses may come from a lost answer: nobody knows the member that it named."""
_SESSIONS: Final = 3
"""Sessions without a loss until the rival is taken to be gone: one left to it, one that it leaves, one for the joins
between."""
_TOLD_S: Final = 60.0


class Rival:
    """Counts memberships that were lost within their session. A member with an instance id loses its membership only to
    another process that joins with that id: Kafka takes whoever came last for the member. If each joins again at once,
    neither has its lanes open before it loses them. ``session``: its timeout in seconds."""

    def __init__(self, session: float) -> None:
        self._session, self._losses = session, 0
        self._lost_at = self._told_at = -inf

    def took_over(self, now: float) -> bool:
        """Count a membership lost at ``now`` (seconds); return whether to log it."""
        self._losses = self._losses + 1 if self._is_recent(now) else 1
        self._lost_at = now
        is_told = self.is_there(now) and now - self._told_at >= _TOLD_S
        if is_told:
            self._told_at = now
        return is_told

    def is_there(self, now: float) -> bool:
        """Whether the rival took over again and again, and may do so once more."""
        return self._losses >= _LOSSES and self._is_recent(now)

    def turn(self, now: float) -> float:
        """Seconds to leave to the rival before this process joins again: the rest of a whole session."""
        return max(0.0, self._lost_at + self._session - now) if self.is_there(now) else 0.0

    def _is_recent(self, now: float) -> bool:
        return now - self._lost_at < _SESSIONS * self._session
