"""Keys that a worker has known for up to a year: rows of its dedupe changelog, written there without the work behind.

Key number n belongs to one event. Most rows have a made-up payload hash; those whose events come again have the real
one.
"""

import time
import uuid
from collections.abc import Iterable, Iterator, Mapping, Sequence
from hashlib import blake2b

import orjson
from confluent_kafka import Producer

from bridge.kafka.partitioner import partition_for
from bridge.settings import Settings
from processors.dedupe.decision import Seen
from schemas.acceptance import Accepted, accept
from schemas.headers import CachedIdentity, identity_from_headers, source_of

_EVENTS = (
    ("inventory_transaction.items_received", ":1"),
    ("inventory_transaction.asn_created", ":1"),
    ("inventory_transaction.asn_closed", ":1"),
    ("inventory_transaction.transfer_order_created", ":1"),
    ("inventory_transaction.adjustment_created", ":1"),
    ("inventory_count.items_counted", ":1"),
    ("employee.created", ""),
    ("gift_card.deactivated", ""),
)
"""Names that do not concern orders, and what their keys have after the id."""
_YEAR_MS = 365 * 86_400_000


def row_key(number: int) -> bytes:
    """The row's key for key `number`: an event name and random-looking ids, about 70 bytes."""
    name, rest = _EVENTS[number % len(_EVENTS)]
    return f"{name}/{_id(number)}{rest}".encode()


def partition(settings: Settings, number: int) -> int:
    """The partition of its events and its row."""
    return partition_for(_EVENTS[number % len(_EVENTS)][0].encode(), settings.partitions)


def body(settings: Settings, number: int) -> bytes:
    """The event of key `number`, about 650 bytes."""
    items = [{"product_id": f"p{line}", "quantity": line, "sku": f"{number:020d}"} for line in range(4)]
    payload = {"id": _id(number), "chunk_number": 1, "items": items, "note": "x" * 250}
    name = _EVENTS[number % len(_EVENTS)][0]
    return orjson.dumps(
        {"tenant": settings.tenant, "name": name, "published_at": "2026-01-01T00:00:00Z", "payload": payload}
    )


def remember(settings: Settings, count: int, again: Iterable[int]) -> None:
    """Write the changelog rows of keys 0 to `count` - 1. The events of `again` will be duplicates."""
    hashes = {number: _payload_hash(settings, number) for number in again}
    producer = Producer(
        {
            "bootstrap.servers": ",".join(settings.kafka_bootstrap_servers),
            "linger.ms": 50,
            "batch.size": 1 << 20,
            "queue.buffering.max.messages": 200_000,
            "compression.type": settings.compression,
        }
    )
    topic, places = settings.topics.dedupe_changelog, [partition(settings, number) for number in range(len(_EVENTS))]
    for number, seen in enumerate(_rows(count, hashes, places)):
        while True:
            try:
                producer.produce(topic, seen.pack(), row_key(number), seen.partition, timestamp=seen.timestamp)
                break
            except BufferError:
                producer.poll(0.1)
    producer.flush()


def _rows(count: int, hashes: Mapping[int, bytes], places: Sequence[int]) -> Iterator[Seen]:
    now = time.time_ns() // 1_000_000
    for number in range(count):
        payload_hash = hashes.get(number) or b"v1:%s" % _digest(~number).encode()
        timestamp = now - _YEAR_MS + _YEAR_MS * number // count
        yield Seen(places[number % len(places)], number, timestamp, payload_hash)


def _payload_hash(settings: Settings, number: int) -> bytes:
    identity = _identity(settings, body(settings, number))
    assert identity.row_key == row_key(number)
    return identity.payload_hash


def _identity(settings: Settings, value: bytes) -> CachedIdentity:
    table = settings.key_table
    accepted = accept(
        value, content_encoding=None, tenant=settings.tenant, table=table, received_at_ms=0, traceparent=None
    )
    assert isinstance(accepted, Accepted)
    source = source_of(settings.tenant)
    identity = identity_from_headers(accepted.headers, table=table, source=source)
    assert identity is not None
    return identity


def _id(number: int) -> str:
    return str(uuid.UUID(hex=_digest(number)))


def _digest(number: int) -> str:
    return blake2b(number.to_bytes(8, signed=True), digest_size=16).hexdigest()
