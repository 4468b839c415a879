"""What a simulation sends: events, re-deliveries, conflicts and broken bodies, in the order of sending. Pure."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from random import Random
from typing import Final, NamedTuple

import orjson

from bridge.simulator.event import Event
from bridge.simulator.lifecycles import order_events, placed_at
from bridge.simulator.malformed import malformed
from bridge.simulator.side_events import side_event
from schemas.keytable import KeyTable
from schemas.outcome import Outcome

_ORDERS_PER_SIDE_EVENT: Final = 3


@dataclass(frozen=True, slots=True)
class Delivery:
    """One webhook call. `kind`: what must become of it, counted over all of them whatever their order of arrival."""

    kind: Outcome
    body: bytes


@dataclass(frozen=True, slots=True)
class Mix:
    """What to send. The shares are shares of all deliveries and together less than 1.

    `disorder` 0 sends in the order of events, 1 shuffles completely, anything between moves a delivery by about that
    share of the whole stream.
    """

    orders: int
    duplicates: float = 0.0
    conflicts: float = 0.0
    malformed: float = 0.0
    disorder: float = 0.0

    def __post_init__(self) -> None:
        """ValueError: the shares leave nothing for the events themselves."""
        if self.duplicates + self.conflicts + self.malformed >= 1:
            raise ValueError("duplicates, conflicts and malformed bodies together must be less than all")


def deliveries(seed: int, mix: Mix, tenant: str, start: datetime) -> list[Delivery]:
    """The same arguments give the same deliveries, byte for byte. `start`: when the first order came in, UTC."""
    rng = Random(f"{seed}/deliveries")  # noqa: S311 - a simulation
    events = sorted(_events(seed, mix.orders, start), key=lambda event: event.moment)
    total = len(events) / (1 - mix.duplicates - mix.conflicts - mix.malformed)
    unique = [_Placed(place, Delivery(Outcome.UNIQUE, e.body(tenant))) for place, e in enumerate(events)]
    conflicts = list(_conflicts(rng, events, round(total * mix.conflicts), tenant))
    known = [*unique, *conflicts]
    again = (_again(rng, rng.choice(known)) for _ in range(round(total * mix.duplicates)))
    broken = (_broken(rng, rng.choice(known)) for _ in range(round(total * mix.malformed)))
    sent = [*known, *again, *broken]
    sent.sort(key=lambda placed: _position(rng, placed.place / len(events), mix.disorder))
    return [placed.delivery for placed in sent]


class _Placed(NamedTuple):
    """`place` counts events; a delivery about an event lies behind it."""

    place: float
    delivery: Delivery


def _events(seed: int, orders: int, start: datetime) -> Iterator[Event]:
    for number in range(orders):
        yield from order_events(seed, number, start)
        if number % _ORDERS_PER_SIDE_EVENT == 0:
            yield side_event(seed, number, placed_at(number, start))


def _conflicts(rng: Random, events: Sequence[Event], count: int, tenant: str) -> Iterator[_Placed]:
    """Other payloads under keys that are known: only where the key does not hold the payload itself."""
    keys = KeyTable.shipped()
    candidates = [place for place, event in enumerate(events) if not keys.rule(event.name).content]
    for number in range(count):
        place = rng.choice(candidates)
        corrected = events[place].payload | {"note": f"correction {number}"}
        body = replace(events[place], payload=corrected).body(tenant)
        yield _Placed(_soon_after(rng, place), Delivery(Outcome.CONFLICT, body))


def _again(rng: Random, original: _Placed) -> _Placed:
    """The same event, one time in three with the JSON written in another way."""
    body = original.delivery.body
    if rng.random() < 1 / 3:
        body = orjson.dumps(orjson.loads(body), option=orjson.OPT_INDENT_2 | orjson.OPT_SORT_KEYS)
    return _Placed(_soon_after(rng, original.place), Delivery(Outcome.DUPLICATE, body))


def _broken(rng: Random, original: _Placed) -> _Placed:
    return _Placed(original.place, Delivery(Outcome.QUARANTINED, malformed(rng, original.delivery.body)))


def _soon_after(rng: Random, place: float) -> float:
    return place + 1 + rng.expovariate(1 / 20)


def _position(rng: Random, place: float, disorder: float) -> float:
    return (1 - disorder) * place + disorder * rng.random()
