"""What is kept of orders, and which ones are a customer's: found in the rows of the orders' changelog.

All of it is read, once. An index by customer would be one more place that holds who bought what; and the state topic
may be without customers. To erase is rare, and a gigabyte of rows takes less than a minute.
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
"""Events that say whose an order is."""


class RowsOfALaterVersion(Refusal):
    """This version cannot say whose orders they are."""


@dataclass(frozen=True, slots=True)
class KeptOrder:
    """An order, the number of its events and the bytes of its rows; none of both where nothing is kept of it."""

    order_id: str
    events: int = 0
    row_bytes: int = 0

    @property
    def is_kept(self) -> bool:
        """Whether there is a row."""
        return self.row_bytes > 0


class _KeptRow(NamedTuple):
    """A row of an order that is meant. Of an event that could not be joined there may be two, its own one and the
    order's, which lists it: so `not_joined` has their sources, and `events` is how many others there are."""

    order_id: str
    row_bytes: int
    events: int = 0
    not_joined: frozenset[str] = frozenset()


def is_of(order: Row, customer: str) -> bool:
    """Whether an order was placed by whoever has this id, or e-mail address in whatever case; also one whose
    `order.created` and `order.opened` name different ones."""
    slots = order.slots
    return any(said and _names(said[0], customer) for said in (value_of(slots.created), value_of(slots.opened)))


def _names(fields: Mapping[str, Any], customer: str) -> bool:
    if customer in [usable_id(fields.get(name)) for name in _IDS]:
        return True
    email = fields.get(_EMAIL)
    return isinstance(email, str) and folded(email) == folded(customer)


class Search:
    """Takes the rows of the changelog, each partition's in their order; what came last under a key counts there: a
    migration moves rows to other partitions, and those are read in any order."""

    def __init__(self, meant: Meant) -> None:
        self._wanted, self._customers = set(meant.orders), meant.customers
        self._found: dict[tuple[int, bytes], _KeptRow] = {}
        """By where the row is: an order's own one, or that of an event that is not in it."""

    def take(self, partition: int, key: bytes, row: bytes | None) -> None:
        """One record. RowsOfALaterVersion: see there."""
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
        """The order of an event, if that is meant; by its payload as it came: to make a fact of it may be what
        failed."""
        try:
            event = read_envelope(body)
        except InvalidEnvelope:  # kept when the bounds were wider: a worker knows of no order's, either
            return None
        order_id = routing.order_id_of(event.name, event.payload)
        if order_id in self._wanted:
            return order_id
        is_naming = event.name in _NAMING
        return order_id if is_naming and any(_names(event.payload, each) for each in self._customers) else None

    def orders(self) -> Sequence[KeptOrder]:
        """Those that were asked for by id, kept or not, and the customers' own, sorted by id."""
        rows: dict[str, list[_KeptRow]] = {order_id: [] for order_id in self._wanted}
        for row in {key: row for (_, key), row in self._found.items()}.values():  # one is in two while it is moved
            rows.setdefault(row.order_id, []).append(row)
        return [_kept_order(order_id, rows[order_id]) for order_id in sorted(rows)]


def _kept_order(order_id: str, rows: Sequence[_KeptRow]) -> KeptOrder:
    not_joined = frozenset[str]().union(*(row.not_joined for row in rows))
    events = len(not_joined) + sum(row.events for row in rows)
    return KeptOrder(order_id, events, sum(row.row_bytes for row in rows))


def _body(key: bytes, row: bytes) -> bytes | None:
    """The body of the event that a row keeps beside its order's; None: it keeps none. Events of large orders wait so,
    where no worker runs for long, and those that could not be joined are kept."""
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
    """All orders that are meant. KafkaError: no answer. RowsOfALaterVersion: see there."""
    search = Search(Meant(orders, customers))
    starts, ends = await bounds(consumer, partitions(settings, [settings.topics.orders_changelog]))
    async for records in read_range(consumer, starts, ends):
        for record in records:
            search.take(record.partition, record.key, record.value)
        on_read(len(records))
    return search.orders()
