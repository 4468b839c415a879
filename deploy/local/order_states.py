"""Reads order states from their topic."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any

import orjson

from bridge.kafka.reading import partitions, read_range, reader
from bridge.settings import Settings
from schemas.money import EXACT

State = dict[str, Any]
"""The document of `schemas/order_state`."""


async def order_states(settings: Settings) -> list[State]:
    """Return the last state of every order."""
    states: dict[bytes, State | None] = {}
    async with reader(settings) as consumer:
        every = partitions(settings, [settings.topics.order_state])
        starts, ends = await consumer.beginning_offsets(every), await consumer.end_offsets(every)
        async for records in read_range(consumer, starts, ends):
            for record in records:
                states[record.key] = record.value and orjson.loads(record.value)
    return [state for state in states.values() if state]


def cancelled_before_created(states: Iterable[State]) -> str | None:
    """Return the id of an order whose cancellation was received before its creation. None: there is none."""
    for state in states:
        cancelled, created = (_first_received(state, event) for event in ("order.cancelled", "order.created"))
        if cancelled is not None and created is not None and cancelled < created:
            return str(state["order_id"])
    return None


def _first_received(state: State, event: str) -> str | None:
    """Return when the first such event was received. None: the document, which has the last facts only, has none."""
    return min((entry["received_at"] for entry in state["timeline"] if entry["event"] == event), default=None)


def sums(states: Iterable[State], name: str) -> Mapping[str, Decimal]:
    """Return, by currency, the exact sum of the field `name` of the orders' `payment_sums`."""
    found: dict[str, Decimal] = defaultdict(Decimal)
    for state in states:
        for currency, amounts in state["payment_sums"].items():
            found[currency] = EXACT.add(found[currency], Decimal(amounts[name]))
    return found
