"""Orders that have events, and no document in order-state: where that topic was deleted and made anew, for instance."""

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
    """Orders that must have a document, until it is seen: those of which an event is folded.

    Each takes some 0.25 kB, for as long as it has events in what is read. `folded`: up to where the partitions of the
    orders topic are; `kept_from_ms`: an order of which nothing came since then (ms) may be forgotten by its age, and
    nothing be left of it.
    """

    def __init__(self, topics: Topics, folded: Mapping[TopicPartition, int], kept_from_ms: int) -> None:
        self._topics, self._folded, self._kept_from_ms = topics, folded, kept_from_ms
        self._of_quarantine = topics.orders.encode()
        self._sources: dict[bytes, bytes] = {}
        """By order's id: where its first event lies in raw."""
        self._oldest_ms: int | None = None
        self._put_aside: set[tuple[bytes | None, bytes | None]] = set()
        """Partitions and offsets of orders, as quarantine has them."""

    def add(self, record: Record) -> None:
        """A record of quarantine, of the orders topic, before which all of quarantine must have come, or of another
        topic, which says nothing of it."""
        if record.topic == self._topics.orders:
            self._add_event(record)
        elif record.topic == self._topics.quarantine:
            headers = dict(record.headers)
            if headers.get(ERROR_TOPIC) == self._of_quarantine:
                # Listed with its order, if it can be: not where the code fails on that, or it is too large.
                self._put_aside.add((headers.get(ERROR_PARTITION), headers.get(ERROR_OFFSET)))

    def see(self, key: bytes | None) -> None:
        """A record of an order's state, a deletion or not: the topic is still the one that had it."""
        self._sources.pop(key or b"", None)

    @property
    def missing(self) -> frozenset[bytes]:
        """Ids of orders whose document was not seen."""
        return frozenset(self._sources)

    @property
    def oldest_ms(self) -> int:
        """No event that was added of an order that must have a document is of before (ms)."""
        return self._oldest_ms or 0

    def findings(self) -> Iterator[Finding]:
        """One for each of them."""
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
    """Empty: it belongs to no order, or nothing says to which one."""
    return (order_id_in(record.value or b"") or "").encode()


async def see_states(
    settings: Settings, consumer: AroundDamage, states: States, since_ms: int | None, on_read: OnProgress
) -> None:
    """Leave in `states` the orders that have no document, and must have one. All else must have been added.

    A document has the time of one of its order's events or a later one, so in nearly every case it is not of before
    the oldest of those that were added, nor of before `since_ms`. What is before is read only where it is not, and of
    the orders' changelog whether the order is gone: orders are kept for longer than their events.
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
    """Of an order that was erased or forgotten compaction has taken all but a row in the changelog."""
    by_key = {gone_key(str(order_id, "utf-8")): order_id for order_id in missing}
    async for records in read_range(
        consumer, *await bounds(consumer, partitions(settings, [settings.topics.orders_changelog]))
    ):
        on_read(len(records))
        for record in records:
            states.see(by_key.get(record.key))
