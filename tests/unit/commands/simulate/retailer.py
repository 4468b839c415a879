"""A simulated retailer's events, as a receiver would read them: from bodies, with money as decimals."""

import json
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from functools import cache
from typing import Any

from commands.simulate.arrivals import arrivals
from commands.simulate.event import Event
from commands.simulate.merging import merged
from schemas.acceptance import Accepted, Quarantined, accept
from schemas.keytable import KeyTable
from schemas.routing import order_id_of
from tests.unit.commands.verify.records import TENANT

START = datetime(2026, 1, 1, tzinfo=UTC)
ORDERS = 600
"""Orders that come in; imported and exchange orders come on top."""

Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Received:
    """An event. Its payload's numbers are as written."""

    name: str
    moment: datetime
    published_at: str
    payload: Json


def accepted(body: bytes) -> Accepted | Quarantined:
    """What an ingress makes of a body."""
    table = KeyTable.shipped()
    return accept(body, content_encoding=None, tenant=TENANT, table=table, received_at_ms=0, traceparent=None)


@cache
def published(orders: int = ORDERS, seed: int = 7) -> tuple[Event, ...]:
    """Everything that a retailer with so many orders publishes, by time."""
    return tuple(merged(arrivals(seed, orders, START)))


@cache
def received(orders: int = ORDERS, seed: int = 7) -> tuple[Received, ...]:
    """The same events, as a receiver reads them."""
    events = published(orders, seed)
    return tuple(Received(event.name, event.moment, event.published_at, _payload(event)) for event in events)


def _payload(event: Event) -> Json:
    payload: Json = json.loads(event.body(TENANT), parse_float=Decimal, parse_int=Decimal)["payload"]
    return payload


def named(*names: str) -> list[Received]:
    """All events of these names."""
    return [event for event in received() if event.name in names]


@cache
def by_order() -> dict[str, list[Received]]:
    """The events of each order whose creation was seen, by time."""
    orders = defaultdict(list)
    for event in received():
        if (order_id := order_id_of(event.name, event.payload)) is not None:
            orders[order_id].append(event)
    return {order_id: events for order_id, events in orders.items() if events[0].name == "order.created"}


def of(events: Iterable[Received], *names: str) -> list[Json]:
    """The payloads of events of these names."""
    return [event.payload for event in events if event.name in names]


def amounts(events: Iterable[Received], action: str) -> Decimal:
    """What moved in an order's payment account by this action."""
    payloads = of(events, f"payment_account.{action}")
    return sum((part["amount"] for payload in payloads for part in payload["transactions"]), Decimal(0))
