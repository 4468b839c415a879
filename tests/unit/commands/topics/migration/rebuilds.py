"""Raw records, and what a rebuild makes of them."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import orjson
from aiokafka.structs import ConsumerRecord

from bridge.kafka.partitioner import partition_for
from bridge.settings import Settings
from commands.terminal.sending import Write
from commands.topics.migration.home import untimed
from commands.topics.migration.rebuild import Rebuild
from commands.topics.migration.scratch import Kind, Scratch, place_of
from processors.dedupe.redeliveries import AGAIN
from processors.orders.older_rows import load
from processors.orders.row import Row
from processors.orders.table import row_key
from schemas.acceptance import Accepted, accept
from schemas.keytable import KeyTable

BEFORE = 4
RAW = "newstore.raw.v1"
RETENTION_MS = Settings(tenant="acme").dedupe_retention // timedelta(milliseconds=1)


def settings(**changed: Any) -> Settings:
    return Settings(tenant="acme", **{"partitions": 6, **changed})


def raw(*events: tuple[str, dict[str, Any]], offset: int = 0, partitions: int = BEFORE) -> list[ConsumerRecord]:
    """Raw records as an ingress with the shipped key table writes them, a second apart."""
    records = []
    for number, (name, payload) in enumerate(events, start=offset):
        envelope = {"tenant": "acme", "name": name, "published_at": f"2026-01-01T00:00:{number % 60:02d}Z"}
        value = orjson.dumps(envelope | {"payload": payload})
        accepted = accept(
            value,
            content_encoding=None,
            tenant="acme",
            table=KeyTable.shipped(),
            received_at_ms=1000 * number,
            traceparent=None,
        )
        assert isinstance(accepted, Accepted)
        key, partition = accepted.key, partition_for(accepted.key, partitions)
        headers = tuple(accepted.headers)
        records.append(
            ConsumerRecord(RAW, partition, number, 1000 * number, 0, key, value, None, len(key), len(value), headers)
        )
    return records


EVENTS = (
    ("order.created", {"id": "o-1", "channel": "web", "items": [{"id": "i-1"}, {"id": "i-2"}]}),
    ("order.created", {"id": "o-1", "channel": "store"}),
    ("order.opened", {"id": "o-1", "channel": "web"}),
    ("order.opened", {"id": "o-1", "channel": "store"}),
    ("order.items_on_hold", {"id": "o-1", "items": [{"id": "i-1"}]}),
    ("order.items_on_hold", {"id": "o-1", "items": [{"id": "i-2"}]}),
    ("order.created", {"id": "o-2"}),
    ("customer.updated", {"id": "c-1", "email": "a@example.com"}),
    ("customer.updated", {"id": "c-1", "email": "b@example.com"}),
    ("loyalty.points_added", {"points": 3}),
)


def take(rebuild: Rebuild, records: Sequence[ConsumerRecord]) -> None:
    """Read as a migration does: one partition after the other."""
    for partition in range(BEFORE):
        if own := [record for record in records if record.partition == partition]:
            rebuild.take(own)


def late(rebuild: Rebuild, records: Sequence[ConsumerRecord]) -> list[Write]:
    """What records lead to if they come after everything else."""
    return [write for record in records for write in rebuild.take_late([record])]


def passed(writes: Sequence[Write]) -> list[Write]:
    """Writes, without those that only count what came again."""
    return [write for write in writes if not (write.key or b"").startswith(AGAIN)]


def orders(scratch: Scratch) -> dict[tuple[str, int], Row]:
    """Rows by order and partition."""
    rows = {place_of(key): untimed(row)[1] for key, row in scratch.items(Kind.ORDERS)}
    return {
        (key.removeprefix(row_key(b"")).decode(), partition): load(row)
        for (key, partition), row in rows.items()
        if key.startswith(row_key(b""))
    }


CREATED, CREATED_OTHERWISE, OPENED = EVENTS[:3]
