"""Many lifecycles as one stream in the order of time, holding only those that have begun and not ended."""

from collections.abc import Iterable, Iterator
from datetime import datetime
from heapq import heappop, heappush, heapreplace

from commands.simulate.event import Event

_Pending = tuple[datetime, int, Event, Iterator[Event]]
"""The next event of a lifecycle, the lifecycle's number (so that events are never compared), and the rest of it."""


def merged(lifecycles: Iterable[tuple[datetime, Iterator[Event]]]) -> Iterator[Event]:
    """Their events in the order of `moment`. They come with when they begin, in the order of that."""
    pending: list[_Pending] = []
    for number, (begins, lifecycle) in enumerate(lifecycles):
        while pending and pending[0][0] < begins:
            yield _first(pending)
        if (event := next(lifecycle, None)) is not None:
            heappush(pending, (event.moment, number, event, lifecycle))
    while pending:
        yield _first(pending)


def _first(pending: list[_Pending]) -> Event:
    """Take the earliest event, and let the one that follows it in its lifecycle wait in its place."""
    _, number, event, lifecycle = pending[0]
    following = next(lifecycle, None)
    if following is None:
        heappop(pending)
    else:
        heapreplace(pending, (following.moment, number, following, lifecycle))
    return event
