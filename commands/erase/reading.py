"""Where events lie that the command cannot take away: all topics that keep bodies, read from their beginnings."""

from collections.abc import Callable, Collection
from dataclasses import dataclass
from typing import NamedTuple

from aiokafka import AIOKafkaConsumer

from bridge.kafka.reading import Record, bounds, partitions, read_range
from bridge.settings import Settings
from commands.terminal.progress import OnProgress
from schemas.headers import ENTITY_KEY
from schemas.text import naming


@dataclass(frozen=True, slots=True)
class Meant:
    """What is looked for: the events of these `orders`, and every body that names one of these `customers`."""

    orders: Collection[str]
    customers: Collection[str]

    def finder(self) -> Callable[[Record], bool]:
        """What says whether a record is one of those. Whose an event is its header says; where it has none, as in
        quarantine, the body does, by naming the order. Blanks beside an address count for nothing, as for orders."""
        keys = {order.encode() for order in self.orders}
        customers = sorted({each for customer in self.customers for each in (customer, customer.strip())} - {""})
        names = naming(customers) if customers else None
        anyone = naming([*customers, *self.orders])

        def takes(record: Record) -> bool:
            key = next((value for name, value in record.headers if name == ENTITY_KEY), None)
            if key in keys:
                return True
            pattern = anyone if key is None else names
            return pattern is not None and pattern.search(record.value or b"") is not None

        return takes


class Place(NamedTuple):
    """One record: where it lies, and its time in milliseconds."""

    topic: str
    partition: int
    offset: int
    timestamp: int


def body_topics(settings: Settings) -> list[str]:
    """Topics that keep events' bodies until their retention is over."""
    return [settings.topics.raw, *settings.topics.outputs]


async def find_places(
    consumer: AIOKafkaConsumer, settings: Settings, meant: Meant, on_read: OnProgress
) -> dict[str, list[Place]]:
    """Every record that is meant, by topic, in the order of `body_topics`. KafkaError: no answer."""
    found: dict[str, list[Place]] = {topic: [] for topic in body_topics(settings)}
    takes = meant.finder()
    starts, ends = await bounds(consumer, partitions(settings, found))
    async for records in read_range(consumer, starts, ends):
        for record in records:
            if takes(record):
                found[record.topic].append(Place(record.topic, record.partition, record.offset, record.timestamp))
        on_read(len(records))
    return {topic: sorted(of_topic) for topic, of_topic in found.items()}
