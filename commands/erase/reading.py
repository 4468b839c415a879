"""Finds events that the command cannot remove: reads all topics that keep bodies from their beginning."""

from collections.abc import Callable, Collection
from dataclasses import dataclass
from typing import NamedTuple

from aiokafka import AIOKafkaConsumer

from bridge.kafka.reading import Record, bounds, partitions, read_range
from bridge.settings import Settings
from commands.erase.names import Names
from commands.terminal.progress import OnProgress
from schemas.headers import CE_BRIDGE_EVENT, CE_TYPE, ENTITY_KEY
from schemas.routing import aggregate_of


@dataclass(frozen=True, slots=True)
class Meant:
    """What to find: events of these `orders`, and bodies that name one of these `customers`."""

    orders: Collection[str]
    customers: Collection[str]

    def finder(self) -> Callable[[Record], bool]:
        """A function that tells whether a record is to be found.

        An event whose headers name its order is of that order only, even if its body names others, as in an exchange.
        For all other records, and in quarantine, the body decides.
        """
        keys = {order.encode() for order in self.orders}
        customers, anyone = Names(self.customers), Names([*self.customers, *self.orders])

        def takes(record: Record) -> bool:
            key = _order_key(record)
            return key in keys or (anyone if key is None else customers).are_in(record.value)

        return takes


def _order_key(record: Record) -> bytes | None:
    """The id of the event's order or blind return; None: it has neither, or no header says so."""
    said = dict(record.headers)
    event, key = said.get(CE_BRIDGE_EVENT) or said.get(CE_TYPE) or b"", said.get(ENTITY_KEY)
    is_of_order = key != event and aggregate_of(event.decode(errors="replace")) == "orders"
    return key if is_of_order else None


class Place(NamedTuple):
    """A record's place, and its time in milliseconds."""

    topic: str
    partition: int
    offset: int
    timestamp: int


def body_topics(settings: Settings) -> list[str]:
    """Topics that keep bodies until their retention ends."""
    return [settings.topics.raw, *settings.topics.outputs]


async def find_places(
    consumer: AIOKafkaConsumer, settings: Settings, meant: Meant, on_read: OnProgress
) -> dict[str, list[Place]]:
    """All records to be found, by topic in the order of `body_topics`. KafkaError: no answer."""
    found: dict[str, list[Place]] = {topic: [] for topic in body_topics(settings)}
    takes = meant.finder()
    starts, ends = await bounds(consumer, partitions(settings, found))
    async for records in read_range(consumer, starts, ends):
        for record in records:
            if takes(record):
                found[record.topic].append(Place(record.topic, record.partition, record.offset, record.timestamp))
        on_read(len(records))
    return {topic: sorted(of_topic) for topic, of_topic in found.items()}
