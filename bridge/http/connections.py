"""All connections of one port: how many there may be, which of them are overdue, and their end."""

import asyncio
import heapq
from collections.abc import Callable, Collection
from typing import Final

from bridge.http.bounds import LAST_REQUESTS_S, LOOK_S, ROOM, TRIM_BYTES, TRIM_CONNECTIONS, Budget
from bridge.http.causes import HttpCause
from bridge.http.protocol import BoundedProtocol
from bridge.metrics.shared import HttpMetrics
from bridge.process import give_memory_back

_POLL_S: Final = 0.02


class Connections:
    """The connections of `port`: at most `most`, and `of_one_peer` from one address if that is given."""

    def __init__(self, port: str, metrics: HttpMetrics, most: int, of_one_peer: int | None = None) -> None:
        self._most, self._of_one_peer = most, of_one_peer
        self._refused = {cause: metrics.refused_total.labels(port, cause) for cause in HttpCause}
        self._open: set[BoundedProtocol] = set()
        self._most_open = 0
        self._looking: asyncio.TimerHandle | None = None
        metrics.connections.labels(port).set_function(lambda: len(self._open))
        self.budget = Budget()
        self.draining = False
        """Whether each answer is to be the last of its connection."""

    def admit(self, connection: BoundedProtocol) -> bool:
        """Whether the connection is admitted. If need be, those that have waited longest for a request make room."""
        if self._of_one_peer:
            same = [each for each in self._open if each.peer == connection.peer]
            if not self._has_room(same, self._of_one_peer):
                self.count(HttpCause.PEER_CONNECTIONS)
                return False
        if not self._has_room(self._open, self._most):
            self.count(HttpCause.CONNECTIONS)
            return False
        self._open.add(connection)
        self._most_open = max(self._most_open, len(self._open))
        self._look_later()
        return True

    def leave(self, connection: BoundedProtocol) -> None:
        """The connection is gone; perhaps it was never admitted."""
        self._open.discard(connection)

    def count(self, refused: HttpCause) -> None:
        """Something was refused."""
        self._refused[refused].inc()

    async def gone(self, patience: float) -> bool:
        """Whether all connections are gone within `patience` seconds."""
        return await _come_to(lambda: not self._open, patience)

    async def answered(self, patience: float) -> bool:
        """Whether all requests have their answer within `patience` seconds."""
        return await _come_to(lambda: not any(connection.is_busy for connection in self._open), patience)

    async def end(self, patience: float) -> None:
        """Close each connection after its answer or, if idle, after a moment to bring a request. Drop what is left
        after `patience` seconds."""
        self.draining = True
        await _come_to(lambda: self._dismiss(min(LAST_REQUESTS_S, patience / 2)), patience)
        for connection in list(self._open):
            connection.drop()
        if self._looking is not None:
            self._looking.cancel()

    def _dismiss(self, moment: float) -> bool:
        """Close connections that are idle for longer than `moment` seconds; return whether none is left."""
        now = asyncio.get_running_loop().time()
        for connection in list(self._open):
            if not connection.is_busy and now - connection.waits_since > moment:
                connection.close_idle()
        return not self._open

    def _has_room(self, among: Collection[BoundedProtocol], most: int) -> bool:
        if len(among) < most:
            return True
        idle = [connection for connection in among if not connection.is_busy]
        for connection in heapq.nsmallest(max(1, most // ROOM), idle, key=lambda each: each.waits_since):
            self.count(HttpCause.MADE_ROOM)
            connection.make_room()
        return bool(idle)

    def _give_memory_back(self) -> None:
        # Heads are too small to be mapped by themselves: what they leave free in the heap stays the process's.
        gone = self._most_open - len(self._open)
        if gone > TRIM_CONNECTIONS or self.budget.most_used > TRIM_BYTES > self.budget.used:
            self._most_open, self.budget.most_used = len(self._open), self.budget.used
            give_memory_back()

    def _look_later(self) -> None:
        if self._looking is None:
            self._looking = asyncio.get_running_loop().call_later(LOOK_S, self._look)

    def _look(self) -> None:
        self._looking = None
        now = asyncio.get_running_loop().time()
        for connection in list(self._open):
            connection.look(now)
        self._give_memory_back()
        if self._open:
            self._look_later()


async def _come_to(condition: Callable[[], bool], patience: float) -> bool:
    loop = asyncio.get_running_loop()
    until = loop.time() + patience
    while not condition():
        if loop.time() > until:
            return False
        await asyncio.sleep(_POLL_S)
    return True
