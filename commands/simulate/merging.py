"""Many lifecycles merged to one stream in order of time. It holds only those that have begun and not ended."""

from collections.abc import Iterable, Iterator
from datetime import datetime
from heapq import heappop, heappush, heapreplace

from commands.simulate.event import Event

_Pending = tuple[datetime, int, Event, Iterator[Event]]
"""A lifecycle's next event, its number (so that events are never compared), and the rest of it."""


def merged(lifecycles: Iterable[tuple[datetime, Iterator[Event]]]) -> Iterator[Event]:
    """The events of all lifecycles by `moment`. Lifecycles must come in the order in which they begin."""
    pending: list[_Pending] = []
    for number, (begins, lifecycle) in enumerate(lifecycles):
        while pending and pending[0][0] < begins:
            yield _first(pending)
        if (event := next(lifecycle, None)) is not None:
            heappush(pending, (event.moment, number, event, lifecycle))
    while pending:
        yield _first(pending)


def _first(pending: list[_Pending]) -> Event:
    """Take the earliest event, and put its lifecycle's next event in its place."""
    _, number, event, lifecycle = pending[0]
    following = next(lifecycle, None)
    if following is None:
        heappop(pending)
    else:
        heapreplace(pending, (following.moment, number, following, lifecycle))
    return event
