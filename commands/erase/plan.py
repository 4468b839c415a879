"""What erasing would do, and what it leaves and until when. It is found out and shown before anything is erased."""

import asyncio
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

from aiokafka import AIOKafkaConsumer

from bridge.kafka.group import processed_up_to
from bridge.kafka.open_transactions import wait_for_their_ends
from bridge.kafka.reading import bounds, partitions, reader
from bridge.refusals import Refusal
from bridge.settings import Settings
from bridge.topics import configs_of
from commands.erase.orders import KeptOrder, find_orders
from commands.erase.reading import Meant, Place, body_topics, find_places
from commands.terminal.progress import OnProgress
from commands.terminal.remedies import OF_OPEN_TRANSACTIONS

WAIT_S: Final = 60.0
"""For workers, as in `bridge verify`."""
_SEGMENT_MS: Final = timedelta(days=7) // timedelta(milliseconds=1)
"""Kafka's default, for a topic without a value."""
_LAST_DAY_MS: Final = datetime(9999, 12, 31, tzinfo=UTC).timestamp() * 1000
"""The last day that a date can hold; retention may be longer."""


class RowsHidden(Refusal):
    """An open transaction hides whose orders there are."""


@dataclass(frozen=True, slots=True)
class ErasePlan:
    """`orders`: to be erased. `places`: records that stay, by topic. `keeps_ms`: how long a topic keeps a record at
    most after it was written, None: for ever. `pending`: unprocessed records, which may add orders of customers."""

    orders: Sequence[KeptOrder]
    places: Mapping[str, Sequence[Place]]
    keeps_ms: Mapping[str, int | None]
    pending: int = 0

    def gone_by(self, place: Place) -> datetime | None:
        """When Kafka has removed a record at the latest, if it was written at its own time; None: never."""
        keeps = self.keeps_ms[place.topic]
        if keeps is None or place.timestamp + keeps > _LAST_DAY_MS:
            return None
        return datetime.fromtimestamp((place.timestamp + keeps) / 1000, UTC)


async def make_plan(
    settings: Settings, orders: Collection[str], customers: Collection[str], on_read: OnProgress
) -> ErasePlan:
    """Read the orders' changelog, then all topics with bodies. KafkaError: no answer. RowsHidden: see there."""
    configs = await configs_of(settings, body_topics(settings))
    async with reader(settings) as consumer:
        # Orders given by id need no waiting.
        pending = await _wait_until_folded(settings, consumer) if customers else 0
        await _nothing_is_hidden(settings, settings.topics.orders_changelog)
        kept = await find_orders(consumer, settings, orders, customers, on_read)
    meant = Meant([order.order_id for order in kept], customers)
    async with reader(settings, committed=False) as consumer:  # all records, even aborted ones
        places = await find_places(consumer, settings, meant, on_read)
    return ErasePlan(kept, places, {topic: keeps_ms(config) for topic, config in configs.items()}, pending)


async def _wait_until_folded(settings: Settings, consumer: AIOKafkaConsumer) -> int:
    """Wait until orders have all that is in raw now; return how many records are unprocessed after `WAIT_S`."""
    pending, deadline = 0, asyncio.get_running_loop().time() + WAIT_S
    for topic in (settings.topics.raw, settings.topics.orders):
        await _nothing_is_hidden(settings, topic)
        starts, ends = await bounds(consumer, partitions(settings, [topic]))
        done = await processed_up_to(settings, consumer, starts, ends, deadline)
        pending += sum(ends.values()) - sum(done.values())
    return pending


async def _nothing_is_hidden(settings: Settings, topic: str) -> None:
    """Return once no transaction hides records. RowsHidden: one still does."""
    deadline = asyncio.get_running_loop().time() + settings.transaction_timeout.total_seconds()
    if hidden := await wait_for_their_ends(settings, partitions(settings, [topic]), deadline):
        raise RowsHidden(f"{hidden[0]}, and who placed an order may lie there: {OF_OPEN_TRANSACTIONS}")


def keeps_ms(config: Mapping[str, str]) -> int | None:
    """How long (ms) a topic keeps a record at most after it was written; None: for ever.

    Kafka removes whole segments, once their newest record is old enough, and a segment takes records for `segment.ms`.
    A record made from raw has the time of receipt, and nothing tells when it was written: transaction markers have that
    time, and make a segment newer, but no consumer sees them.
    """
    retention = int(config.get("retention.ms", "-1"))
    return None if retention < 0 else retention + int(config.get("segment.ms", _SEGMENT_MS))
