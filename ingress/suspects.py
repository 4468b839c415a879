"""Brokers that failed lately are not asked who leads what, unless all have failed.

A broker that is cut off from its peers goes on believing that it leads, and aiokafka believes whom it has asked last.
"""

import time
from typing import Any, Final

SUSPECT_S: Final = 60.0


class Suspects:
    """Replaces `brokers` of one client's cluster metadata: these are the brokers that the client asks."""

    def __init__(self, cluster: Any) -> None:
        self._until: dict[int, float] = {}
        self._every = cluster.brokers
        cluster.brokers = self._trusted

    def add(self, node_id: int) -> None:
        """The broker failed, and is suspect for a minute."""
        self._until[node_id] = time.monotonic() + SUSPECT_S

    def discard(self, node_id: int) -> None:
        """The broker did what it was told to."""
        self._until.pop(node_id, None)

    def _trusted(self) -> set[Any]:
        """All brokers if all are suspect."""
        every: set[Any] = self._every()
        now = time.monotonic()
        return {each for each in every if self._until.get(each.nodeId, now) <= now} or every
