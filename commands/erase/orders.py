"""Finds what is kept of orders, and a customer's orders, in the rows of the orders' changelog.

It reads the whole changelog once. An index by customer would be another place with personal data, and the state topic
may have no customers. Erasing is rare, and a gigabyte of rows takes less than a minute.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, NamedTuple

from aiokafka import AIOKafkaConsumer

from bridge.kafka.reading import bounds, partitions, read_range
from bridge.refusals import Refusal
from bridge.settings import Settings
from commands.erase.names import folded
from commands.erase.reading import Meant
from commands.terminal.progress import OnProgress
from processors.orders.older_rows import NewerRowError, load
from processors.orders.row import Row
from processors.orders.slots import value_of
from processors.orders.table import UNPROCESSED, order_id_of
from processors.orders.unprocessed import SOURCE, unpack
from processors.orders.waiting import waiting_of
from schemas import routing
from schemas.envelope import InvalidEnvelope, read_envelope
from schemas.text import usable_id

_IDS: Final = ("customer_id", "external_customer_id")
_EMAIL: Final = "customer_email"
_NAMING: Final = ("order.created", "order.opened")
"""Events that name an order's customer."""


class RowsOfALaterVersion(Refusal):
    """This version cannot read whose orders they are."""


@dataclass(frozen=True, slots=True)
class KeptOrder:
    """An order, the number of its events and the bytes of its rows; both are 0 if nothing is kept of it."""

    order_id: str
    events: int = 0
    row_bytes: int = 0

    @property
    def is_kept(self) -> bool:
        """Whether it has a row."""
        return self.row_bytes > 0


class _KeptRow(NamedTuple):
    """A row of a selected order. An event that could not be processed may be in two rows: its own, and its order's,
    which lists it. So `not_joined` has the sources of such events; `events` counts the others."""

    order_id: str
    row_bytes: int
    events: int = 0
    not_joined: frozenset[str] = frozenset()


def is_of(order: Row, customer: str) -> bool:
    """Whether an order was placed by the customer with this id or e-mail address (in any case); also if `order.created`
    and `order.opened` name different customers."""
    slots = order.slots
    return any(said and _names(said[0], customer) for said in (value_of(slots.created), value_of(slots.opened)))


def _names(fields: Mapping[str, Any], customer: str) -> bool:
    if customer in [usable_id(fields.get(name)) for name in _IDS]:
        return True
    email = fields.get(_EMAIL)
    return isinstance(email, str) and folded(email) == folded(customer)


class Search:
    """Takes the changelog's rows, each partition's in order. The last row of a key counts within its partition: a
    migration moves rows between partitions, which are read in any order."""

    def __init__(self, meant: Meant) -> None:
        self._wanted, self._customers = set(meant.orders), meant.customers
        self._found: dict[tuple[int, bytes], _KeptRow] = {}
        """By partition and key of the row: an order's own, or an event's that is not in its order."""

    def take(self, partition: int, key: bytes, row: bytes | None) -> None:
        """Take one record. RowsOfALaterVersion: see there."""
        self._found.pop((partition, key), None)
        if row is not None and (found := self._of_row(key, row)) is not None:
            self._found[partition, key] = found

    def _of_row(self, key: bytes, row: bytes) -> _KeptRow | None:
        if (own := order_id_of(key)) is not None:
            return self._of_order(own.decode(), row)
        if (body := _body(key, row)) is None or (order_id := self._order_meant(body)) is None:
            return None
        if key.startswith(UNPROCESSED):
            return _KeptRow(order_id, len(row), not_joined=frozenset({key.removeprefix(UNPROCESSED).decode()}))
        return _KeptRow(order_id, len(row), events=1)

    def _of_order(self, order_id: str, row: bytes) -> _KeptRow | None:
        if not (order_id in self._wanted or self._customers):
            return None
        try:
            order = load(row)
        except NewerRowError as error:
            raise RowsOfALaterVersion(f"{error}: run the command of that version") from None
        if order_id not in self._wanted and not any(is_of(order, customer) for customer in self._customers):
            return None
        listed = frozenset(entry[SOURCE] for entry in order.unprocessed)
        return _KeptRow(order_id, len(row), len(order.facts), listed)

    def _order_meant(self, body: bytes) -> str | None:
        """The order of an event, if it is selected, by the payload as it came: making a fact of it may have failed."""
        try:
            event = read_envelope(body)
        except InvalidEnvelope:  # kept under wider limits; a worker finds no order in it, either
            return None
        order_id = routing.order_id_of(event.name, event.payload)
        if order_id in self._wanted:
            return order_id
        is_naming = event.name in _NAMING
        return order_id if is_naming and any(_names(event.payload, each) for each in self._customers) else None

    def orders(self) -> Sequence[KeptOrder]:
        """The orders asked for by id, kept or not, and the customers' orders, sorted by id."""
        rows: dict[str, list[_KeptRow]] = {order_id: [] for order_id in self._wanted}
        # A row that is being moved is in two partitions.
        for row in {key: row for (_, key), row in self._found.items()}.values():
            rows.setdefault(row.order_id, []).append(row)
        return [_kept_order(order_id, rows[order_id]) for order_id in sorted(rows)]


def _kept_order(order_id: str, rows: Sequence[_KeptRow]) -> KeptOrder:
    not_joined = frozenset[str]().union(*(row.not_joined for row in rows))
    events = len(not_joined) + sum(row.events for row in rows)
    return KeptOrder(order_id, events, sum(row.row_bytes for row in rows))


def _body(key: bytes, row: bytes) -> bytes | None:
    """The body of an event that has a row of its own: it waits for a large order, while no worker runs, or it could not
    be processed. None: the row is another one."""
    if key.startswith(UNPROCESSED):
        return unpack(row)[0]
    found = waiting_of(key, row)
    return None if found is None else found[1].value


async def find_orders(
    consumer: AIOKafkaConsumer,
    settings: Settings,
    orders: Collection[str],
    customers: Collection[str],
    on_read: OnProgress,
) -> Sequence[KeptOrder]:
    """All selected orders. KafkaError: no answer. RowsOfALaterVersion: see there."""
    search = Search(Meant(orders, customers))
    starts, ends = await bounds(consumer, partitions(settings, [settings.topics.orders_changelog]))
    async for records in read_range(consumer, starts, ends):
        for record in records:
            search.take(record.partition, record.key, record.value)
        on_read(len(records))
    return search.orders()
