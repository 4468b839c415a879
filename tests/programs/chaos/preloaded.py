"""Fills tables with orders and keys that they have known for long, by rows in the changelogs, without the work behind.

Nobody sends anything about these orders, so no topic that the checker reads has them. In the end the workers themselves
are asked whether they still have a sample of them.
"""

import json
import time
from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Final

import orjson
from confluent_kafka import Producer

from bridge.kafka.partitioner import partition_for
from bridge.settings import Settings
from processors.orders.apply import apply
from processors.orders.fact import Fact, fact_of
from processors.orders.row import RULES_VERSION
from processors.orders.table import TOTALS_KEY, row_key
from processors.worker.app import order_rules
from schemas.acceptance import Accepted, accept
from schemas.headers import SOURCE
from tests.integration.exactly_once.deployment import BEARER
from tests.integration.exactly_once.service import Service
from tests.programs.bench import remembered

_TEMPLATE: Final = "order-of-long-ago-00000000"
_SAMPLE: Final = 40
_FLUSH_S: Final = 600.0  # a crowded machine takes minutes for what takes seconds


def preload(settings: Settings, count: int) -> None:
    """Write so many orders, and as many keys, before any worker has started."""
    remembered.remember(settings, count, ())
    producer = Producer(
        {
            "bootstrap.servers": ",".join(settings.kafka_bootstrap_servers),
            "linger.ms": 50,
            "batch.size": 1 << 20,
            "queue.buffering.max.messages": 200_000,
            "compression.type": settings.compression,
            "acks": "all",
        }
    )
    now, topic = time.time_ns() // 1_000_000, settings.topics.orders_changelog
    for partition, key, row in _rows(settings, count):
        while True:
            try:
                producer.produce(topic, row, key, partition, timestamp=now)
                break
            except BufferError:
                producer.poll(0.1)
    assert producer.flush(_FLUSH_S) == 0, "Kafka does not take the rows"


def _rows(settings: Settings, count: int) -> Iterator[tuple[int, bytes, bytes]]:
    """Partition, key and row; last in each partition the number of its orders."""
    row, totals = _template_row(settings), Counter[int]()
    for number in range(count):
        order = _order(number)
        partition = partition_for(order, settings.partitions)
        totals[partition] += 1
        yield partition, row_key(order), row.replace(_TEMPLATE.encode(), order)
    for partition, orders in totals.items():
        totals_row = {"provisional": 0, "status:cancelled": orders, f"rules:{RULES_VERSION}": orders}
        yield partition, TOTALS_KEY, orjson.dumps(totals_row)


def _order(number: int) -> bytes:
    return b"order-of-long-ago-%08d" % number


def _template_row(settings: Settings) -> bytes:
    """The row as a worker would have written it. Its order was cancelled, so that it stands in no list: the first round
    judges orders in lists anew, by the settings of now, and writes their documents."""
    facts = [_fact(settings, name) for name in ("order.created", "order.cancelled")]
    return apply(None, facts, order_rules(settings)).row


def _fact(settings: Settings, name: str) -> Fact:
    items = [{"id": f"{_TEMPLATE}-{line}", "product_id": f"p{line}", "quantity": 1} for line in range(2)]
    envelope = {
        "tenant": settings.tenant,
        "name": name,
        "published_at": "2026-01-01T00:00:00Z",
        "payload": {"id": _TEMPLATE, "items": items},
    }
    body = json.dumps(envelope).encode()
    accepted = accept(
        body,
        content_encoding=None,
        tenant=settings.tenant,
        table=settings.key_table,
        received_at_ms=1_767_225_600_000,
        traceparent=None,
    )
    assert isinstance(accepted, Accepted)
    fact = fact_of(body, {**dict(accepted.headers), SOURCE: b"0:0"})
    assert fact is not None
    return fact


def forgotten(workers: Mapping[str, Service], count: int) -> Iterator[str]:
    """Counter-examples: orders of the sample that no worker knows any more. All workers must be ready."""
    worker = next(iter(workers.values()))
    for number in range(0, count, max(1, count // _SAMPLE)):
        order = _order(number).decode()
        answer = worker.get(f"/orders/{order}", **BEARER)
        if answer.status != 200 or len(json.loads(answer.body)["items"]) != 2:
            yield f"{order}: known for long, and now {answer.status} {answer.body[:200]!r}"
