"""Events from older systems: orders imported in a burst, and returns of orders that the bridge has never seen."""

from datetime import timedelta
from typing import Final

from commands.simulate import returns
from commands.simulate.order import Events, Order, Origin, new_order
from commands.simulate.order_document import begin_document
from commands.simulate.order_lifecycles import PLAIN, follow
from commands.simulate.shop import MARKETS, People
from commands.simulate.timeline import Timeline

_FASTER: Final = 1e-5
_ORDERS: Final = (20, 60)


def historical_import(time: Timeline, people: People, number: int) -> Events:
    """Dozens of orders, months old, within seconds. Half of the imports also have the old dates in `published_at`."""
    age = timedelta(days=time.rng.randrange(30, 700))
    past = Timeline(time.rng, time.now, age=age, dated_back=time.happens(0.5), pace=_FASTER)
    origin = Origin(people, number, is_historical=True)
    for _ in range(time.rng.randrange(*_ORDERS)):
        yield from follow(PLAIN, new_order(past, origin, time.rng.choice(MARKETS)))


def return_from_before(time: Timeline, people: People, number: int) -> Events:
    """A return of an order that was closed before the integration began: `order.created` never comes."""
    order = new_order(time, Origin(people, number), time.rng.choice(MARKETS))
    yield from returns.returned_partly(_closed_before(order))


def _closed_before(order: Order) -> Order:
    begin_document(order)
    order.shipped = list(order.lines)
    for instrument in order.instruments:
        instrument.authorized = instrument.captured = instrument.budget
    return order
