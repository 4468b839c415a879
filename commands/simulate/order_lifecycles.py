"""The ways an order can go: its steps, and how often each way is taken."""

from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import Final

from commands.simulate import fulfilment, placement, returns
from commands.simulate.order import Events, Order, Origin, new_order
from commands.simulate.shop import MARKETS, People
from commands.simulate.timeline import MINUTE, Timeline

Step = Callable[[Order], Events]

_ASSIGNED: Final[tuple[Step, ...]] = (placement.placed, fulfilment.assigned)
_SHIPPED: Final[tuple[Step, ...]] = (fulfilment.handed_over, placement.completed)
PLAIN: Final[tuple[Step, ...]] = (*_ASSIGNED, *_SHIPPED)
"""Placed, fulfilled, completed."""


def exchanged(order: Order) -> Events:
    """An item comes back, and a new order replaces it."""
    return_id = order.time.id()
    yield from returns.sent_back(order, order.shipped[:1], return_id)
    order.time.wait(1, 10 * MINUTE)
    origin = replace(order.origin, exchange_of=(order.id, return_id))
    yield from follow(PLAIN, new_order(order.time, origin, order.market))


LIFECYCLES: Final[tuple[tuple[int, tuple[Step, ...]], ...]] = (
    (26, PLAIN),
    (8, (*_ASSIGNED, fulfilment.rerouted, *_SHIPPED)),
    (6, (*_ASSIGNED, fulfilment.held, fulfilment.assigned, *_SHIPPED)),
    (5, (*_ASSIGNED, placement.serial_numbers_added, *_SHIPPED)),
    (5, (placement.placed, placement.swapped, fulfilment.assigned, *_SHIPPED)),
    (8, (*_ASSIGNED, fulfilment.one_item_cancelled, *_SHIPPED)),
    (8, (placement.placed, fulfilment.assigned_to_two, *_SHIPPED)),
    (6, (*PLAIN, returns.returned_partly)),
    (4, (*PLAIN, returns.returned_fully)),
    (4, (*PLAIN, returns.refunded_without_goods)),
    (4, (*PLAIN, exchanged)),
    (8, (placement.awaiting_opening, placement.cancelled)),  # never opened
    (5, (*_ASSIGNED, fulfilment.failed, placement.cancelled)),
    (3, (*_ASSIGNED, fulfilment.held)),  # still on hold
    (3, _ASSIGNED),  # still open
    (2, (placement.awaiting_opening,)),  # still in its grace period
)
"""(weight, steps) for every kind of order in the documentation of the event stream."""

_WEIGHTS: Final = [weight for weight, _ in LIFECYCLES]
_SHARE_SOLD_IN_STORES: Final = 0.25


def order_lifecycle(time: Timeline, people: People, number: int) -> Events:
    """An order in some market, by some channel. `number`: how many orders came in before."""
    market, (_, steps) = time.rng.choice(MARKETS), time.rng.choices(LIFECYCLES, _WEIGHTS)[0]
    in_store = steps is PLAIN and time.happens(_SHARE_SOLD_IN_STORES)
    yield from follow(steps, new_order(time, Origin(people, number, in_store=in_store), market))


def follow(steps: Iterable[Step], order: Order) -> Events:
    """One step after the other."""
    for step in steps:
        yield from step(order)
