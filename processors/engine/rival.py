"""Noticing another process with this one's instance id. Pure: time comes in."""

from math import inf
from typing import Final

_LOSSES: Final = 3
"""One, or two, may be of an answer that was lost: the member that it had named is known to nobody."""
_SESSIONS: Final = 3
"""One that the other is left, one that it leaves, and as much again for the joins between: nothing lost for so many
since is the end of it."""
_TOLD_S: Final = 60.0


class Rival:
    """Counts the memberships that were lost within their session. Those of an instance id are lost by nothing else than
    another process that joins with it: Kafka takes whoever came last for the member. If each joins again at once,
    neither has its lanes open before it has lost them. ``session``: its timeout in seconds.
    """

    def __init__(self, session: float) -> None:
        self._session, self._losses = session, 0
        self._lost_at = self._told_at = -inf

    def took_over(self, now: float) -> bool:
        """A membership was lost at ``now`` (seconds); whether that is to be told in the log."""
        self._losses = self._losses + 1 if self._is_recent(now) else 1
        self._lost_at = now
        is_told = self.is_there(now) and now - self._told_at >= _TOLD_S
        if is_told:
            self._told_at = now
        return is_told

    def is_there(self, now: float) -> bool:
        """Whether it took over again and again, and may do so once more."""
        return self._losses >= _LOSSES and self._is_recent(now)

    def turn(self, now: float) -> float:
        """Seconds that are to be left to it before this process joins again: what remains of a whole session."""
        return max(0.0, self._lost_at + self._session - now) if self.is_there(now) else 0.0

    def _is_recent(self, now: float) -> bool:
        return now - self._lost_at < _SESSIONS * self._session
