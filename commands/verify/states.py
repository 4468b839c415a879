"""Orders with events but without a document in order-state, for example because that topic was made anew."""

from collections.abc import Iterator, Mapping
from typing import Final

from aiokafka import TopicPartition

from bridge.kafka.reading import Offsets, Record, at_time, bounds, partitions, read_range
from bridge.settings import Settings
from commands.terminal.damage import AroundDamage
from commands.terminal.progress import OnProgress
from commands.verify.balance import Fault, Finding
from processors.orders.gone import gone_key
from schemas.headers import ERROR_OFFSET, ERROR_PARTITION, ERROR_TOPIC, SOURCE
from schemas.routing import order_id_in
from schemas.topics import Topics

_NEVER_RAW: Final = "no source"


class States:
    """Orders with a folded event, each until its document is seen.

    An order takes about 0.25 kB while events of it are in what is read. `folded`: offsets up to which the orders topic
    is folded. `kept_from_ms`: an order without events since then (ms) may be forgotten by age, and have no document any
    more.
    """

    def __init__(self, topics: Topics, folded: Mapping[TopicPartition, int], kept_from_ms: int) -> None:
        self._topics, self._folded, self._kept_from_ms = topics, folded, kept_from_ms
        self._of_quarantine = topics.orders.encode()
        self._sources: dict[bytes, bytes] = {}
        """Order id -> source of its first event."""
        self._oldest_ms: int | None = None
        self._put_aside: set[tuple[bytes | None, bytes | None]] = set()
        """Partitions and offsets of records of orders that are in quarantine."""

    def add(self, record: Record) -> None:
        """Add a record of quarantine or orders; others are ignored. Add all of quarantine before any of orders."""
        if record.topic == self._topics.orders:
            self._add_event(record)
        elif record.topic == self._topics.quarantine:
            headers = dict(record.headers)
            if headers.get(ERROR_TOPIC) == self._of_quarantine:
                # The order lists such an event, if it can; not if the code fails on that, or the event is too large.
                self._put_aside.add((headers.get(ERROR_PARTITION), headers.get(ERROR_OFFSET)))

    def see(self, key: bytes | None) -> None:
        """Note any record of an order's state, even a deletion: it proves that the topic was not made anew."""
        self._sources.pop(key or b"", None)

    @property
    def missing(self) -> frozenset[bytes]:
        """Ids of orders whose document was not seen."""
        return frozenset(self._sources)

    @property
    def oldest_ms(self) -> int:
        """The earliest time (ms) of the added events of orders that must have a document."""
        return self._oldest_ms or 0

    def findings(self) -> Iterator[Finding]:
        """A fault for each missing document."""
        for order_id, source in self._sources.items():
            detail = f"its order {str(order_id, 'utf-8')} has no document in {self._topics.order_state}"
            yield Finding(Fault.LOST, str(source, "utf-8", "replace") or _NEVER_RAW, detail)

    def _add_event(self, record: Record) -> None:
        is_folded = record.offset < self._folded[TopicPartition(record.topic, record.partition)]
        if not is_folded or record.timestamp < self._kept_from_ms or record.key in self._sources:
            return
        if self._put_aside and (b"%d" % record.partition, b"%d" % record.offset) in self._put_aside:
            return
        if order_id := _order_id(record):
            self._sources.setdefault(order_id, dict(record.headers).get(SOURCE, b""))
            is_older = self._oldest_ms is None or record.timestamp < self._oldest_ms
            self._oldest_ms = record.timestamp if is_older else self._oldest_ms


def _order_id(record: Record) -> bytes:
    """Empty: the event belongs to no order, or does not name it."""
    return (order_id_in(record.value or b"") or "").encode()


async def see_states(
    settings: Settings, consumer: AroundDamage, states: States, since_ms: int | None, on_read: OnProgress
) -> None:
    """Leave in `states` the orders that must have a document and have none. All other records must be added before.

    A document has the time of one of its order's events, or a later one. So nearly all documents are found from the
    oldest added event (and `since_ms`) on. Only if some are missing, older ones are read, and then the orders'
    changelog, which says whether an order is gone: orders are kept for longer than their events.
    """
    oldest, ends = await bounds(consumer, partitions(settings, [settings.topics.order_state]))
    starts = await at_time(consumer, max(since_ms or 0, states.oldest_ms), oldest, ends)
    for first, behind in ((starts, ends), (oldest, starts)):
        if states.missing:
            await _see(consumer, states, first, behind, on_read)
    if missing := states.missing:
        await _see_gone(settings, consumer, states, missing, on_read)


async def _see(consumer: AroundDamage, states: States, starts: Offsets, ends: Offsets, on_read: OnProgress) -> None:
    async for records in read_range(consumer, starts, ends):
        on_read(len(records))
        for record in records:
            states.see(record.key)


async def _see_gone(
    settings: Settings, consumer: AroundDamage, states: States, missing: frozenset[bytes], on_read: OnProgress
) -> None:
    """Compaction leaves only a row in the changelog of an order that was erased or forgotten."""
    by_key = {gone_key(str(order_id, "utf-8")): order_id for order_id in missing}
    async for records in read_range(
        consumer, *await bounds(consumer, partitions(settings, [settings.topics.orders_changelog]))
    ):
        on_read(len(records))
        for record in records:
            states.see(by_key.get(record.key))
