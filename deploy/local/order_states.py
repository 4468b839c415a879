"""The order states as their topic has them."""

from collections.abc import Iterable
from typing import Any

import orjson

from bridge.kafka.reading import partitions, read_range, reader
from bridge.settings import Settings

State = dict[str, Any]
"""The document of `schemas/order_state.py`."""


async def order_states(settings: Settings) -> list[State]:
    """The last state of every order."""
    states: dict[bytes, State | None] = {}
    async with reader(settings) as consumer:
        every = partitions(settings, [settings.topics.order_state])
        starts, ends = await consumer.beginning_offsets(every), await consumer.end_offsets(every)
        async for records in read_range(consumer, starts, ends):
            for record in records:
                states[record.key] = record.value and orjson.loads(record.value)
    return [state for state in states.values() if state]


def cancelled_before_created(states: Iterable[State]) -> str | None:
    """The id of an order whose cancellation came in before its creation; None: there is none."""
    for state in states:
        received = {entry["event"]: entry["received_at"] for entry in state["timeline"]}
        if received.get("order.cancelled", "9") < received.get("order.created", ""):
            return str(state["order_id"])
    return None
