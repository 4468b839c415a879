"""What erasing would do, and what it leaves until when: found out first, shown, and then done."""

import asyncio
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

from bridge.kafka.open_transactions import wait_for_their_ends
from bridge.kafka.reading import partitions, reader
from bridge.refusals import Refusal
from bridge.settings import Settings
from bridge.topics import configs_of
from commands.erase.orders import KeptOrder, find_orders
from commands.erase.reading import Meant, OnRead, Place, body_topics, find_places
from commands.terminal.remedies import OF_OPEN_TRANSACTIONS

_SEGMENT_MS: Final = timedelta(days=7) // timedelta(milliseconds=1)
"""Kafka's own default, for a topic that does not say."""


class RowsHidden(Refusal):
    """Nobody can say whose orders there are, behind a transaction that is open."""


@dataclass(frozen=True, slots=True)
class ErasePlan:
    """`orders` are to be erased. `places` are records that stay, by topic; `keeps_ms` says for how long after its time
    a record of a topic is there at most, None: for ever."""

    orders: Sequence[KeptOrder]
    places: Mapping[str, Sequence[Place]]
    keeps_ms: Mapping[str, int | None]

    def gone_by(self, place: Place) -> datetime | None:
        """When Kafka has removed a record, at the latest; None: never."""
        keeps = self.keeps_ms[place.topic]
        return None if keeps is None else datetime.fromtimestamp((place.timestamp + keeps) / 1000, UTC)


async def make_plan(
    settings: Settings, orders: Collection[str], customers: Collection[str], on_read: OnRead
) -> ErasePlan:
    """Read the orders' changelog, then all topics with bodies. KafkaError: no answer."""
    configs = await configs_of(settings, body_topics(settings))
    deadline = asyncio.get_running_loop().time() + settings.transaction_timeout.total_seconds()
    changelog = partitions(settings, [settings.topics.orders_changelog])
    if hidden := await wait_for_their_ends(settings, changelog, deadline):
        raise RowsHidden(f"{hidden[0]}, and who placed an order may lie there: {OF_OPEN_TRANSACTIONS}")
    async with reader(settings) as consumer:
        kept = await find_orders(consumer, settings, orders, customers, on_read)
    meant = Meant([order.order_id for order in kept], customers)
    async with reader(settings, committed=False) as consumer:  # what lies there, whether or not it ever counts
        places = await find_places(consumer, settings, meant, on_read)
    return ErasePlan(kept, places, {topic: keeps_ms(config) for topic, config in configs.items()})


def keeps_ms(config: Mapping[str, str]) -> int | None:
    """How long after its own time (ms) a record of a topic is there at most; None: for ever.

    Kafka removes whole segments, once their newest record is old enough; into the segment of a record come others for
    as long as `segment.ms`.
    """
    retention = int(config.get("retention.ms", "-1"))
    return None if retention < 0 else retention + int(config.get("segment.ms", _SEGMENT_MS))
