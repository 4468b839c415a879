"""At least 2,000 simulated records for every public topic. In a whole simulation that would take 200,000 orders, so
rarely is a gift card deactivated."""

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from itertools import chain, count, islice
from random import Random

from commands.simulate import inventory
from commands.simulate.event import Delivery, Event
from commands.simulate.mishaps import Mishaps, Timed
from commands.simulate.mix import Mix
from commands.simulate.order import Events
from commands.simulate.order_lifecycles import order_lifecycle
from commands.simulate.other_lifecycles import cash_drawer, customer, employee, gift_card
from commands.simulate.shop import ORDERS_PER_CUSTOMER, ORDERS_PER_EMPLOYEE, People
from commands.simulate.timeline import Timeline, randomness
from schemas.outcome import Outcome

PLENTY = 2_000
_SEED = 8
_BEGIN = datetime(2026, 2, 1, tzinfo=UTC)
_OWED = 1 / 9
"""The share of one topic's events in all deliveries. Some broken bodies are empty, so they get more."""
_MIX = Mix(orders=None, conflicts=_OWED, malformed=1.1 * _OWED)
_PEOPLE = People(_SEED, lines=(1,))
_STOCK = (inventory.adjustment, inventory.transfer, inventory.count)

_TOPICS: tuple[Callable[[Timeline, int], Events], ...] = (
    lambda time, number: islice(order_lifecycle(time, _PEOPLE, number), 1),  # one each: as many states, and lines
    lambda time, number: _STOCK[number % len(_STOCK)](time, _PEOPLE, number),
    lambda time, number: customer(time, _PEOPLE, number * ORDERS_PER_CUSTOMER),
    lambda time, number: employee(time, _PEOPLE, number * ORDERS_PER_EMPLOYEE),
    lambda time, number: cash_drawer(time, _PEOPLE, number),
    lambda time, _: gift_card(time),
    lambda time, _: (replace(each, name="loyalty_card.deactivated") for each in gift_card(time)),  # nobody knows it
)
"""What happens, without end, for each cleaned topic."""


def plenty(tenant: str) -> tuple[list[bytes], Counter[Outcome]]:
    """Lines of an export file, and how many of them must become what."""
    mishaps = Mishaps(Random(_SEED), _MIX, tenant)
    sent = []
    for event in chain.from_iterable(islice(_endless(*each), PLENTY) for each in enumerate(_TOPICS)):
        delivered = Timed(event.moment, Delivery(Outcome.UNIQUE, event.body(tenant)))
        sent += [each.delivery for each in (delivered, *mishaps.after(event, delivered)) if each.delivery.body]
    return [each.body for each in sent], Counter(each.kind for each in sent)


def _endless(place: int, happens: Callable[[Timeline, int], Events]) -> Iterator[Event]:
    """One lifecycle after the other."""
    for number in count():
        yield from happens(Timeline(randomness(_SEED, place, number), _BEGIN), number)
