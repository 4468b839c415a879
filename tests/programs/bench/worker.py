"""How fast one worker gets through a full raw topic."""

import random
import time
from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, datetime

import orjson
from confluent_kafka import Producer

from bridge.kafka.partitioner import partition_for
from bridge.settings import Settings
from commands.simulate.deliveries import deliveries
from commands.simulate.mix import Mix
from deploy.local.service import Service
from schemas.acceptance import Accepted, accept
from schemas.headers import ENTITY_KEY, SOURCE
from tests.programs.bench.deployment import PATIENCE, Metrics, Result, between

_EVENTS = 300_000
_ORDERS = 12_000
_DUPLICATES = 0.2
_SIDE_EVENTS = (
    "inventory_transaction.items_received",
    "inventory_transaction.asn_created",
    "inventory_count.items_counted",
    "customer.created",
    "customer.updated",
    "cash_drawer.float_defined",
    "employee.created",
    "gift_card.deactivated",
)


def side_bodies(settings: Settings, count: int = _EVENTS, names: tuple[str, ...] = _SIDE_EVENTS) -> Iterator[bytes]:
    """Events that do not concern orders, of about 660 bytes, a fifth of them repeated; their `names` in turn."""
    rng, past = random.Random(7), list[bytes]()
    for number in range(count):
        if past and rng.random() < _DUPLICATES:
            yield rng.choice(past)
            continue
        items = [
            {"product_id": f"p{line}", "quantity": rng.randrange(9), "sku": f"{rng.getrandbits(64)}"}
            for line in range(4)
        ]
        payload = {"id": f"{rng.getrandbits(128):032x}", "chunk_number": 1, "items": items, "note": "x" * 250}
        name = names[number % len(names)]
        at = f"2026-11-01T{number // 3600 % 24:02d}:{number // 60 % 60:02d}:{number % 60:02d}Z"
        past.append(orjson.dumps({"tenant": settings.tenant, "name": name, "published_at": at, "payload": payload}))
        yield past[-1]


def order_bodies(settings: Settings, orders: int = _ORDERS) -> Iterator[bytes]:
    """The deliveries of simulated orders, shuffled, a fifth of them repeated."""
    mix = Mix(orders, duplicates=_DUPLICATES)
    bodies = [each.body for each in deliveries(7, mix, settings.tenant, datetime(2026, 1, 1, tzinfo=UTC))]
    random.Random(7).shuffle(bodies)
    return iter(bodies)


def preload(settings: Settings, bodies: Iterable[bytes]) -> int:
    """Write bodies to raw as the ingress does; return how many."""
    records = (accepted(settings, body) for body in bodies)
    return _produce(settings, settings.topics.raw, ((record.key, record) for record in records))


def preload_orders(settings: Settings, bodies: Iterable[bytes]) -> int:
    """Write bodies to the orders topic as dedupe does, with sources that no raw record has; return how many."""
    records = (accepted(settings, body) for body in bodies)
    cleaned = (each._replace(headers=[*each.headers, (SOURCE, b"0:%d" % n)]) for n, each in enumerate(records, 1 << 40))
    return _produce(settings, settings.topics.orders, ((dict(each.headers)[ENTITY_KEY], each) for each in cleaned))


def accepted(settings: Settings, body: bytes) -> Accepted:
    """What the ingress makes of a body."""
    record = accept(
        body,
        content_encoding=None,
        tenant=settings.tenant,
        table=settings.key_table,
        received_at_ms=time.time_ns() // 1_000_000,
        traceparent=None,
    )
    assert isinstance(record, Accepted)
    return record


def _produce(settings: Settings, topic: str, records: Iterable[tuple[bytes, Accepted]]) -> int:
    servers = ",".join(settings.kafka_bootstrap_servers)
    producer = Producer({"bootstrap.servers": servers, "linger.ms": 20, "compression.type": settings.compression})
    count = 0
    for count, (key, record) in enumerate(records, start=1):  # noqa: B007 - counted
        partition = partition_for(key, settings.partitions)
        while True:
            try:
                producer.produce(topic, record.value, key, partition, headers=record.headers)
                break
            except BufferError:
                producer.poll(0.1)
    producer.flush()
    return count


def drain(settings: Settings, bodies: Iterable[bytes], done: Callable[[Metrics, int], bool]) -> Result:
    """Start a worker on a full raw topic; measure from its first committed chunk to the end."""
    count = preload(settings, bodies)
    service = Service("worker", settings.worker_web_port)
    try:
        service.wait_until_ready()
        samples: list[Metrics] = []
        deadline = time.monotonic() + PATIENCE
        while not samples or not done(samples[-1], count):
            assert time.monotonic() < deadline, "the worker does not get through"
            sample = Metrics(settings.worker_web_port)
            if sample.sum("bridge_events_total"):
                samples.append(sample)
            time.sleep(0.5)  # each look costs the worker some milliseconds
    finally:
        service.stop()
    last = samples[-1]
    chunks = last.sum("bridge_chunk_events_count")
    return between(
        samples[0],
        last,
        rss_mb=max(sample.rss_mb for sample in samples),
        remarks=f"{count:,} events, {last.sum('bridge_chunk_events_sum') / chunks:,.0f} records a transaction",
    )


def dedupe(settings: Settings) -> Result:
    """Events that only pass the dedupe agent."""
    return drain(settings, side_bodies(settings), lambda seen, count: seen.sum("bridge_events_total") >= count)


def dedupe_and_orders(settings: Settings) -> Result:
    """Events that change an order's state, too; done when both agents are."""

    def done(seen: Metrics, count: int) -> bool:
        return seen.sum("bridge_events_total") >= count and seen.sum("bridge_consumer_lag_events") == 0

    return drain(settings, order_bodies(settings), done)


BENCHMARKS = {"worker, dedupe": dedupe, "worker, dedupe and orders": dedupe_and_orders}
