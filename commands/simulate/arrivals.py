"""All lifecycles in the order in which they begin: orders, and a retailer's other activities beside them."""

import itertools
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import Final

from commands.simulate.imports import historical_import, return_from_before
from commands.simulate.inventory import adjustment, count, transfer
from commands.simulate.order import Events
from commands.simulate.order_lifecycles import order_lifecycle
from commands.simulate.other_lifecycles import cash_drawer, customer, employee, gift_card
from commands.simulate.returns import blind_return
from commands.simulate.shop import ORDERS_PER_CUSTOMER, ORDERS_PER_EMPLOYEE, USUAL_LINES, People
from commands.simulate.timeline import Timeline, randomness

ORDER_INTERVAL: Final = timedelta(seconds=20)
"""Time between two orders: some 4,300 orders a day."""

EVENTS_PER_ORDER: Final = 13.3
"""Average, with the events of other lifecycles; for progress bars."""

Lifecycle = Callable[[Timeline, People, int], Events]
"""Its int: how many orders came in before."""

_BESIDE: Final[tuple[tuple[int, int, Lifecycle], ...]] = (
    (ORDERS_PER_CUSTOMER, 0, customer),
    (15, 7, adjustment),
    (40, 9, lambda time, *_: blind_return(time)),
    (40, 11, transfer),
    (60, 13, count),
    (60, 17, cash_drawer),
    (ORDERS_PER_EMPLOYEE, 0, employee),
    (100, 19, lambda time, *_: gift_card(time)),
    (100, 29, return_from_before),
    (500, 31, historical_import),
)
"""(one for each of this many orders, the first one at this order, lifecycle)."""


def arrivals(
    seed: int, orders: int | None, start: datetime, lines: tuple[int, ...] = USUAL_LINES
) -> Iterator[tuple[datetime, Events]]:
    """When each lifecycle begins, in order of time, and its events. `orders` None: without end.

    `lines`: each order has one of these numbers of lines, by chance.
    """
    people = People(seed, lines)
    for number in itertools.count() if orders is None else range(orders):
        begins = start + number * ORDER_INTERVAL
        for place, (period, first, lifecycle) in enumerate(_BESIDE):
            if number % period == first:
                yield begins, lifecycle(Timeline(randomness(seed, place, number), begins), people, number)
        yield begins, order_lifecycle(Timeline(randomness(seed, "order", number), begins), people, number)
