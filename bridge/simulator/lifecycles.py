"""The ways an order can go: steps of `order_events`, with how often each way is taken."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from random import Random
from typing import Final

from bridge.simulator.event import Event
from bridge.simulator.order import Order
from bridge.simulator.order_events import STEPS

ORDER_INTERVAL: Final = timedelta(seconds=20)
"""Between the placing of one order and the next."""

_PLACED: Final = ("created", "authorized", "opened")
_SHIPPED: Final = ("ready", "handed_over", "invoiced", "captured", "completed")

LIFECYCLES: Final[tuple[tuple[int, tuple[str, ...]], ...]] = (
    (30, (*_PLACED, "assigned", *_SHIPPED)),
    (8, (*_PLACED, "assigned", "rerouted", *_SHIPPED)),
    (6, (*_PLACED, "assigned", "held", "assigned", *_SHIPPED)),
    (5, (*_PLACED, "assigned", "serial_numbers_added", *_SHIPPED)),
    (5, (*_PLACED, "swapped", "assigned", *_SHIPPED)),
    (6, (*_PLACED, "assigned", "first_item_cancelled", *_SHIPPED)),
    (10, (*_PLACED, "assigned", *_SHIPPED, "returned")),
    (4, (*_PLACED, "assigned", *_SHIPPED, "refunded")),
    (8, ("created", "authorized", "cancelled", "voided")),  # within the grace period: never opened
    (6, (*_PLACED, "assigned", "rerouted", "cancelled", "voided")),
    (4, (*_PLACED, "assigned", "held")),  # still on hold
    (5, (*_PLACED, "assigned")),  # still open
    (3, ("created", "authorized")),  # still in its grace period
)
"""(weight, steps): every kind of order that the event stream documents."""


def placed_at(number: int, start: datetime) -> datetime:
    """When the order with this number comes in."""
    return start + number * ORDER_INTERVAL


def order_events(seed: int, number: int, start: datetime) -> list[Event]:
    """All events of the order with this number, in the order in which they happened."""
    rng = Random(f"{seed}/order/{number}")  # noqa: S311 - a simulation, and its own stream for each order
    order = Order(rng, placed_at(number, start))
    for step in _steps(rng):
        STEPS[step](order)
    return order.events


def _steps(rng: Random) -> Iterator[str]:
    weights = [weight for weight, _ in LIFECYCLES]
    yield from rng.choices(LIFECYCLES, weights)[0][1]
