"""A simulated retailer's orders, which each lost an event: which are incomplete, since when, until when."""

from collections.abc import Iterable, Iterator
from random import Random
from typing import Final, NamedTuple

import pytest
from aiokafka.structs import ConsumerRecord

from processors.orders.fact import fact_of
from processors.orders.order_rules import OrderRules
from processors.orders.table import row_key
from schemas.routing import order_id_of
from tests.unit.commands.simulate.retailer import published
from tests.unit.processors.orders.facts import TENANT, Json, cleaned, state_of, state_of_row, without_arrival
from tests.unit.processors.orders.sweeps import Table
from tests.unit.processors.orders.units import TOPICS

pytestmark = pytest.mark.thorough

MINUTE: Final = 60_000
SLA: Final = 15 * MINUTE
RULES: Final = OrderRules(late_after_ms=SLA)
ORDERS: Final = 80
NEEDS_OPENED: Final = ("fulfillment_request.", "order.completed", "order.shipped", "invoice.created")


class Sent(NamedTuple):
    """An event of an order: when NewStore published it and when it was received (ms)."""

    order_id: str
    name: str
    request_id: str
    needs_assignment: bool
    published: int
    received: int
    body: bytes

    @property
    def needs(self) -> Iterator[str]:
        """The names of the events that this one proves to exist."""
        yield "order.created"
        if self.name.startswith(NEEDS_OPENED):
            yield "order.opened"
        if self.needs_assignment:
            yield f"fulfillment_request.assigned:{self.request_id}"

    @property
    def awaited(self) -> str:
        """The name under which orders await it."""
        return f"{self.name}:{self.request_id}" if self.name == "fulfillment_request.assigned" else self.name


def sent(chances: Random, late_by: int = 0) -> list[Sent]:
    """All events of orders that begin, as they were received: each up to ten minutes late, and `late_by` ms more."""
    made = []
    for event in published(ORDERS):
        order_id = order_id_of(event.name, event.payload)
        if order_id is None or event.payload.get("is_historical"):
            continue
        is_of_request = event.name.startswith("fulfillment_request.")
        at = round(event.moment.timestamp() * 1_000)
        made.append(
            Sent(
                order_id,
                event.name,
                event.payload["id"] if is_of_request else "",
                is_of_request and event.payload.get("service_level") != "IN_STORE_HANDOVER",
                at,
                at + late_by + chances.randrange(10 * MINUTE),
                event.body(TENANT),
            )
        )
    begun = {each.order_id for each in made if each.name == "order.created"}
    return sorted((each for each in made if each.order_id in begun), key=lambda each: each.received)


def record(n: int, event: Sent) -> ConsumerRecord:
    """The nth record of the orders topic."""
    value, headers = cleaned(event.body, received_at_ms=event.received, source=f"0:{n}")
    of = (TOPICS.orders, 3, n, event.received, 0, b"k", value, None, 1, len(value))
    return ConsumerRecord(*of, tuple(headers.items()))


class Clock:
    """Gives a table events when they are received. Looks every minute while something is due."""

    def __init__(self) -> None:
        self.table, self.count = Table(RULES), 0
        self.incomplete: dict[str, int] = {}
        """Orders that were marked, and when."""

    def play(self, events: Iterable[Sent]) -> None:
        for event in events:
            self.look_until(event.received)
            self.table.deliver(record(self.count, event))
            self.count += 1

    def look_until(self, now_ms: int) -> None:
        while (index := self.table.index) and (minute := -(-index[0].at // MINUTE) * MINUTE) < now_ms:
            more = True
            while more:
                more, unit = self.table.tick(minute)
                for asked in self.table.raw.asked:
                    asked.end = 0
                found = [state for state in unit.states() if state["incomplete"]]
                self.incomplete |= {state["order_id"]: minute for state in found}
                more |= bool(index := self.table.index) and index[0].at <= minute

    def state(self, order_id: str) -> Json:
        row = self.table.rows[row_key(order_id.encode())]
        assert row is not None
        return state_of_row(row)


FOR_EVER: Final = 1 << 45


def test_who_lost_an_event_is_incomplete_within_a_minute_and_whole_once_it_comes() -> None:
    chances = Random(1)
    events, clock = sent(chances), Clock()
    orders = sorted({event.order_id for event in events})
    lost = [chances.choice([event for event in events if event.order_id == order_id]) for order_id in orders]
    came = [event for event in events if event not in lost]
    clock.play(came)
    clock.look_until(FOR_EVER)
    due = dict[str, int]()
    for gone in lost:
        revealing = [each.received for each in came if each.order_id == gone.order_id and gone.awaited in {*each.needs}]
        if revealing and gone.awaited not in {each.awaited for each in came if each.order_id == gone.order_id}:
            due[gone.order_id] = min(revealing) + SLA
    assert len(orders) > 60
    assert 10 < len(due) < len(orders)
    assert clock.incomplete.keys() == due.keys()
    assert all(due[order] <= at < due[order] + MINUTE for order, at in clock.incomplete.items())
    clock.play(lost)
    for order_id in orders:
        state = clock.state(order_id)
        facts = [
            fact for each in events if each.order_id == order_id and (fact := fact_of(*cleaned(each.body))) is not None
        ]
        assert (state["incomplete"], state["missing"]) == (False, [])
        assert without_arrival({**state, "stalled": []}) == without_arrival(state_of(*facts))


def test_where_the_whole_stream_is_an_hour_late_no_order_is_incomplete() -> None:
    clock = Clock()
    clock.play(sent(Random(2), late_by=60 * MINUTE))
    clock.look_until(FOR_EVER)
    assert clock.count > 700
    assert clock.incomplete == {}
