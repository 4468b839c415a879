"""What goes wrong with delivered events: they come again, with another payload, or broken. Pure."""

from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from random import Random
from typing import Final

import orjson

from commands.simulate.event import Delivery, Event
from commands.simulate.malformed import malformed
from commands.simulate.mix import Mix
from schemas.keytable import KeyTable
from schemas.outcome import Outcome

_REMEMBERED: Final = 64
"""How many past deliveries may come again: enough to spread them, few enough to keep."""

_MEAN_RETRY_S: Final = 60.0
_SHARE_SPELLED_OTHERWISE: Final = 1 / 3


@dataclass(frozen=True, slots=True)
class Timed:
    """A delivery and the simulated moment of its call."""

    due: datetime
    delivery: Delivery

    def but_late(self, by: timedelta) -> "Timed":
        """The same delivery, this much later."""
        return Timed(self.due + by, self.delivery)


class Mishaps:
    """Keeps the last deliveries, and counts events so that the share of each mishap comes out exact."""

    def __init__(self, rng: Random, mix: Mix, tenant: str) -> None:
        self._rng = rng
        self._tenant = tenant
        self._known: deque[Timed] = deque(maxlen=_REMEMBERED)
        self._contradictable: deque[tuple[Event, Timed]] = deque(maxlen=_REMEMBERED)
        self._corrections = 0
        self._keys = KeyTable.shipped()
        kinds = (self._conflict, mix.conflicts), (self._again, mix.duplicates), (self._broken, mix.malformed)
        self._owed: list[tuple[Callable[[datetime], Timed], float]] = [
            (make, share * mix.per_event) for make, share in kinds
        ]
        self._seen = 0

    def after(self, event: Event, delivered: Timed) -> Iterator[Timed]:
        """The mishaps that come now that this event was published."""
        self._known.append(delivered)
        if not self._keys.rule(event.name).content:  # under a content key, another payload is another event
            self._contradictable.append((event, delivered))
        for make, each in self._owed:
            for _ in range(round((self._seen + 1) * each) - round(self._seen * each)):
                yield make(event.moment)
        self._seen += 1

    def _again(self, now: datetime) -> Timed:
        """The same event, sometimes with its JSON formatted differently."""
        known = self._rng.choice(self._known)
        delivery = known.delivery
        if self._rng.random() < _SHARE_SPELLED_OTHERWISE:
            body = orjson.dumps(orjson.loads(delivery.body), option=orjson.OPT_INDENT_2 | orjson.OPT_SORT_KEYS)
            delivery = replace(delivery, body=body)
        return Timed(self._soon_after(max(now, known.due)), replace(delivery, kind=Outcome.DUPLICATE))

    def _conflict(self, now: datetime) -> Timed:
        """Another payload under a known key."""
        event, own = self._rng.choice(self._contradictable)  # never empty: streams begin with `customer.created`
        self._corrections += 1
        corrected = replace(event, payload=event.payload | {"note": f"correction {self._corrections}"})
        body = corrected.body(self._tenant)
        conflict = replace(own.delivery, kind=Outcome.CONFLICT, body=body, correction=self._corrections)
        timed = Timed(self._soon_after(now), conflict)
        self._known.append(timed)
        return timed

    def _broken(self, now: datetime) -> Timed:
        known = self._rng.choice(self._known)
        return Timed(now, Delivery(Outcome.QUARANTINED, malformed(self._rng, known.delivery.body)))

    def _soon_after(self, moment: datetime) -> datetime:
        return moment + timedelta(seconds=self._rng.expovariate(1 / _MEAN_RETRY_S))
