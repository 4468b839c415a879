"""Topics in memory and a worker that knows what it is given, to explain without Kafka."""

from collections.abc import AsyncGenerator, Collection, Mapping, Sequence
from types import SimpleNamespace
from typing import Any, Final

from bridge.kafka.reading import Record
from bridge.settings import Settings
from commands.explain.case import Case
from commands.explain.search import Search
from processors.dedupe.raw_event import RawEvent, RawReader
from schemas import headers as header
from schemas.keytable import KeyTable
from tests.unit.commands.record.test_shown import Read

SETTINGS: Final = Settings(tenant="acme", partitions=1)
TOPICS: Final = SETTINGS.topics
TABLE: Final = KeyTable.shipped()
START_MS: Final = 1_767_225_600_000
"""2026-01-01."""
HOUR_MS: Final = 3_600_000
BODY: Final = b'{"tenant":"acme","name":"order.created","published_at":"2026-01-01T00:00:00Z","payload":{"id":"SO-1"}}'


class Memory(Search):
    """Topics of these records, each with one partition."""

    def __init__(self, records: Sequence[Record]) -> None:
        self.searched, self.consumer, self._records = [], None, records

    async def scan(
        self, topic: str, numbers: Collection[int], from_ms: int, *, recent: bool = False
    ) -> AsyncGenerator[Record, None]:
        """Scan as in Kafka; there are so few records that all are the latest."""
        del recent
        for record in self._records:
            if (record.topic, record.partition in numbers) == (topic, True) and record.timestamp >= from_ms:
                yield record


class FakeWorker:
    """Answers about events and orders. `orders` None: nobody answers about orders."""

    url, was_asked = "http://w", True

    def __init__(
        self,
        orders: Mapping[str, Mapping[str, Any]] | None = None,
        seen: Mapping[str, Any] | None = None,
        timeline: Sequence[Mapping[str, Any]] = (),
        blind: Sequence[Mapping[str, Any]] = (),
    ) -> None:
        self._orders, self._seen, self._timeline, self._blind = orders, seen, timeline, blind
        self.away = "No worker answers." if orders is None else ""

    async def seen(self, _event_id: str) -> Mapping[str, Any] | None:
        """What it was given, for any event."""
        return self._seen

    async def orders(self, any_id: str) -> list[str] | None:
        """Ids of orders with a state."""
        if self._orders is None:
            return None
        return [any_id] if "order_id" in self._orders.get(any_id, {}) else []

    async def blind_returns(self, any_id: str) -> list[Mapping[str, Any]] | None:
        """The given blind returns with this id."""
        return None if self._orders is None else [each for each in self._blind if each["return_id"] == any_id]

    async def order(self, order_id: str) -> Mapping[str, Any] | None:
        """The given document."""
        return None if self._orders is None else self._orders.get(order_id, {"detail": None})

    async def timeline(self, _order_id: str) -> list[Any] | None:
        """The given facts, for any order."""
        return None if self._orders is None else [*self._timeline]


NOBODY: Final = FakeWorker()


class _Admin:
    async def list_consumer_group_offsets(self, _group: str, partitions: Sequence[Any]) -> dict[Any, Any]:
        return dict.fromkeys(partitions, SimpleNamespace(offset=1_000_000))


def case_of(*records: Record, worker: Any = NOBODY, since_ms: int = START_MS) -> Case:
    """A case in which all of raw is processed."""
    admin: Any = _Admin()
    return Case(SETTINGS, Memory(records), worker, admin, (), TABLE, since_ms)


def raw(offset: int, at_ms: int = START_MS, headers: header.Headers | None = None) -> Read:
    """A delivery of `BODY`."""
    return Read(BODY, TOPICS.raw, 0, offset, at_ms, b"order.created", headers or [])


def quarantined(offset: int, of: str | None = None, at_ms: int = START_MS) -> Read:
    """`BODY`, put aside by a worker as the raw record `of`, or by the ingress."""
    stage, source = (b"ingress", []) if of is None else (b"dedupe", _came_from(of))
    reason = b"other_tenant" if of is None else b"handler_failed"
    said = [(header.ERROR_REASON, reason), (header.ERROR_STAGE, stage), *source]
    return Read(BODY, TOPICS.quarantine, 0, offset, at_ms, None, said)


def cleaned(offset: int, source: bytes, at_ms: int = START_MS) -> Read:
    """The cleaned record of `BODY`, from that raw record."""
    read = RawReader("acme", TABLE).read(raw(0))
    assert isinstance(read, RawEvent)
    of = read.identity
    said = [(header.CE_ID, b"acme/" + of.row_key), (header.PAYLOAD_HASH, of.payload_hash), (header.SOURCE, source)]
    return Read(BODY, TOPICS.orders, 0, offset, at_ms, of.entity_key, said)


def _came_from(place: str) -> header.Headers:
    partition, _, offset = place.encode().partition(b":")
    named = (TOPICS.raw.encode(), partition, offset)
    return [*zip((header.ERROR_TOPIC, header.ERROR_PARTITION, header.ERROR_OFFSET), named, strict=True)]
