"""A unit that needs no lane: rows in a dictionary, and what would be sent in a list."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from types import SimpleNamespace
from typing import Any

import orjson
from aiokafka.structs import ConsumerRecord

from processors.orders.table import TABLE
from schemas.order_state import OrderState
from schemas.topics import Topics
from tests.unit.processors.orders.facts import TENANT, cleaned, clock

TOPICS = Topics("newstore")
MOST_BYTES = 100_000


@dataclass
class FakeUnit:
    """A stand-in for the unit: ``rows`` is the table, ``emitted`` what would be sent.

    It refuses what a handler must not do: rows of another table, records of another partition, or of a time after its
    own records or tick. Events that waited have an earlier time.
    """

    records: list[ConsumerRecord]
    rows: dict[bytes, bytes | None]
    emitted: list[tuple[Any, ...]] = field(default_factory=list)
    partition: int = 3
    opening: int = 0
    max_value_bytes: int = MOST_BYTES
    room: int = 10 * MOST_BYTES
    aside: int = 0
    written: int = 0
    now_ms: int | None = None
    """Time of a tick."""
    position: int = 0
    """Where the lane stands."""
    put_keys: list[bytes] = field(default_factory=list)
    """Keys of all rows written, in order."""
    read: int = 0
    """Bytes of rows that were read."""

    @property
    def timestamp(self) -> int:
        return int(self.records[-1].timestamp) if self.now_ms is None else self.now_ms

    @property
    def size(self) -> Any:
        return SimpleNamespace(max_bytes=self.room)

    @property
    def chunk(self) -> Any:
        return SimpleNamespace(tp=SimpleNamespace(topic=TOPICS.orders), end=self.position)

    def get_many(self, table: str, keys: list[bytes]) -> list[bytes | None]:
        assert table == TABLE
        found = [self.rows.get(key) for key in keys]
        self.read += sum(len(row) for row in found if row is not None)
        return found

    def scan(self, table: str, prefix: bytes, after: bytes, limit: int) -> list[tuple[bytes, bytes]]:
        assert table == TABLE
        found = sorted((k, v) for k, v in self.rows.items() if k.startswith(prefix) and k > after and v is not None)
        self.read += sum(len(row) for _, row in found[:limit])
        return found[:limit]

    def holds(self, value: bytes | None) -> bool:
        return len(value or b"") <= self.max_value_bytes

    def put(self, table: str, key: bytes, value: bytes | None, timestamp: int) -> None:
        assert table == TABLE
        assert self.holds(value)
        assert self._has_come(timestamp)
        self.written += len(key) + len(value or b"")
        self.rows[key] = value
        self.put_keys.append(key)

    def emit(self, *record: Any) -> None:
        _, partition, _, value, timestamp, *_ = record
        assert partition == self.partition
        assert self.holds(value)
        assert self._has_come(timestamp)
        self.written += len(record[3] or b"")
        self.emitted.append(record)

    def _has_come(self, timestamp: int) -> bool:
        times = [record.timestamp for record in self.records] + ([] if self.now_ms is None else [self.now_ms])
        return 0 <= timestamp <= max(times, default=timestamp)

    def on_commit(self, action: Callable[[], None]) -> None:
        action()

    def states(self) -> list[dict[str, Any]]:
        """States written, each valid."""
        states = [orjson.loads(record[3]) for record in self.emitted if record[0] == TOPICS.order_state]
        for state in states:
            OrderState.model_validate(state)
        return states


def short_of_memory(*_: object) -> None:
    """A stand-in for a function that has no memory left."""
    raise MemoryError


def event_record(n: int, event: str, *, source: str = "", **payload: Any) -> ConsumerRecord:
    """Return the nth record of the orders topic: an event with this payload, received and published at second n."""
    envelope = {"tenant": TENANT, "name": event, "published_at": clock(n), "payload": payload}
    value, headers = cleaned(orjson.dumps(envelope), received_at_ms=n * 1_000, source=source or f"0:{n}")
    return ConsumerRecord(TOPICS.orders, 3, n, n * 1_000, 0, b"k", value, None, 1, len(value), tuple(headers.items()))


ODD_HEADERS = [("of-another-writer", b"\x00\xff"), ("of-another-writer", None)]
"""Headers that Kafka carries, and dedupe too."""


def with_header(record: ConsumerRecord, name: str, value: bytes | None) -> ConsumerRecord:
    """Return the record with one more header."""
    return replace(record, headers=(*record.headers, (name, value)))
