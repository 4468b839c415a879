"""All deliveries of a simulation in sending order: events, re-deliveries, conflicts, broken bodies and replays.

Pure, and a stream: it holds only what is under way, so it can go on without end.
"""

import itertools
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from heapq import heappop, heappush, merge
from operator import attrgetter
from random import Random

from commands.simulate.arrivals import EVENTS_PER_ORDER, ORDER_INTERVAL, arrivals
from commands.simulate.event import Delivery, Event
from commands.simulate.merging import merged
from commands.simulate.mishaps import Mishaps, Timed
from commands.simulate.mix import Mix
from commands.simulate.timeline import randomness
from schemas.outcome import Outcome


def deliveries(
    seed: int, mix: Mix, tenant: str, start: datetime, publishing: Callable[[], bool] = lambda: True
) -> Iterator[Delivery]:
    """The same arguments give the same deliveries, byte for byte. `start`: when the first order came in, UTC.

    `publishing` is asked before each event. Once it says no, only events published before are still delivered.
    """

    def events() -> Iterator[Event]:
        return itertools.takewhile(lambda _: publishing(), merged(arrivals(seed, mix.orders, start, mix.lines)))

    live = _live(randomness(seed, "deliveries"), mix, tenant, events())
    replayed = _replayed(events(), mix.replay, start, tenant) if mix.replay else iter(())
    return (timed.delivery for timed in merge(live, replayed, key=attrgetter("due")))


def expected_deliveries(mix: Mix) -> int | None:
    """About how many deliveries there are; None: without end."""
    if mix.orders is None:
        return None
    events = mix.orders * EVENTS_PER_ORDER
    ends_within_a_window = mix.replay is not None and mix.orders * ORDER_INTERVAL < mix.replay
    replayed = 0.0 if mix.replay is None else events if ends_within_a_window else events / 2
    return round(events * mix.per_event + replayed)


def _live(rng: Random, mix: Mix, tenant: str, events: Iterator[Event]) -> Iterator[Timed]:
    mishaps, ties = Mishaps(rng, mix, tenant), itertools.count()
    under_way: list[tuple[datetime, int, Timed]] = []
    for number, event in enumerate(events):
        while under_way and under_way[0][0] < event.moment:
            yield heappop(under_way)[-1]
        delivered = Timed(event.moment, Delivery(Outcome.UNIQUE, event.body(tenant), event.name, number))
        for timed in (delivered, *mishaps.after(event, delivered)):
            late = timed.but_late(mix.disorder_window * rng.random()) if rng.random() < mix.disorder else timed
            heappush(under_way, (late.due, next(ties), late))
    while under_way:
        yield heappop(under_way)[-1]


def _replayed(events: Iterator[Event], window: timedelta, start: datetime, tenant: str) -> Iterator[Timed]:
    """Deliver events again as a temporary integration does: the body has no mark of a replay."""
    for number, event in enumerate(events):
        if (event.moment - start) // window % 2 == 0:
            again = Delivery(Outcome.DUPLICATE, event.body(tenant), event.name, number)
            yield Timed(event.moment + window, again)
