"""What is kept of orders, and which ones are a customer's: found in the rows of the orders' changelog.

All of it is read, once. An index by customer would be one more place that holds who bought what; and the state topic
may be without customers. To erase is rare, and a gigabyte of rows takes less than a minute.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from aiokafka import AIOKafkaConsumer

from bridge.kafka.reading import bounds, partitions, read_range
from bridge.refusals import Refusal
from bridge.settings import Settings
from commands.erase.reading import Meant, OnRead
from processors.orders.fact import fact_of
from processors.orders.older_rows import NewerRowError, load
from processors.orders.row import Row
from processors.orders.said import Listing
from processors.orders.slots import value_of
from processors.orders.table import order_id_of
from processors.orders.waiting import waiting_of

_IDS: Final = ("customer_id", "external_customer_id")
_EMAIL: Final = "customer_email"


class RowsOfALaterVersion(Refusal):
    """This version cannot say whose orders they are."""


@dataclass(frozen=True, slots=True)
class KeptOrder:
    """An order, the number of its events and the bytes of its row; none of both where nothing is kept of it."""

    order_id: str
    events: int = 0
    row_bytes: int = 0

    @property
    def is_kept(self) -> bool:
        """Whether there is a row."""
        return self.row_bytes > 0


def is_of(order: Row, customer: str) -> bool:
    """Whether an order was placed by whoever has this id, or e-mail address in whatever case; also one whose
    `order.created` and `order.opened` name different ones."""
    slots = order.slots
    return any(said and _names(said[0], customer) for said in (value_of(slots.created), value_of(slots.opened)))


def _names(fields: Mapping[str, Any], customer: str) -> bool:
    return customer in [fields.get(name) for name in _IDS] or _folded(fields.get(_EMAIL)) == _folded(customer)


def _folded(text: Any) -> str | None:
    return text.strip().casefold() if isinstance(text, str) else None


class Search:
    """Takes the rows of the changelog in their order; what came last of an order counts."""

    def __init__(self, meant: Meant) -> None:
        self._wanted, self._customers = set(meant.orders), meant.customers
        self._found: dict[str, KeptOrder] = {}
        self._waiting: dict[bytes, KeptOrder] = {}
        """By its row's key, an event that names a customer and is not in its order's row yet."""

    def take(self, key: bytes, row: bytes | None) -> None:
        """One record. RowsOfALaterVersion: see there."""
        if (of_order := order_id_of(key)) is None:
            self._take_waiting(key, row)
            return
        order_id = of_order.decode()
        self._found.pop(order_id, None)
        if row is None or not (order_id in self._wanted or self._customers):
            return
        try:
            order = load(row)
        except NewerRowError as error:
            raise RowsOfALaterVersion(f"{error}: run the command of that version") from None
        if order_id in self._wanted or any(is_of(order, customer) for customer in self._customers):
            self._found[order_id] = KeptOrder(order_id, len(order.facts) + len(order.unprocessed), len(row))

    def _take_waiting(self, key: bytes, row: bytes | None) -> None:
        """Events of large orders wait in rows of their own; where no worker runs, for long."""
        self._waiting.pop(key, None)
        if row is None or not self._customers or (found := waiting_of(key, row)) is None:
            return
        order_id, event = found[0].decode(), fact_of(found[1].value, dict(found[1].headers))
        said = None if event is None else event.said
        if isinstance(said, Listing) and any(_names(said.fields, customer) for customer in self._customers):
            self._waiting[key] = KeptOrder(order_id, 1, len(row))

    def orders(self) -> Sequence[KeptOrder]:
        """Those that were asked for by id, kept or not, and the customers' own, sorted by id."""
        waiting = {order.order_id: order for order in self._waiting.values()}
        known = waiting | self._found
        return [known.get(order_id, KeptOrder(order_id)) for order_id in sorted(self._wanted | known.keys())]


async def find_orders(
    consumer: AIOKafkaConsumer, settings: Settings, orders: Collection[str], customers: Collection[str], on_read: OnRead
) -> Sequence[KeptOrder]:
    """All orders that are meant. KafkaError: no answer. RowsOfALaterVersion: see there."""
    search = Search(Meant(orders, customers))
    starts, ends = await bounds(consumer, partitions(settings, [settings.topics.orders_changelog]))
    async for records in read_range(consumer, starts, ends):
        for record in records:
            search.take(record.key, record.value)
        on_read(len(records))
    return search.orders()
