"""What an order's row knows that raw no longer has. Pure."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Final

import orjson

from bridge.kafka.reading import Source
from processors.dedupe.decision import Seen
from processors.orders.canonical import SOURCE, StoredFact
from processors.orders.fact import Fact
from processors.orders.row import Row
from schemas.text import percent_encode

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)


def kept_facts(row: bytes, raw_starts: Mapping[int, int]) -> list[Fact]:
    """The facts of a row whose raw records retention has deleted; `raw_starts`: first offset by raw partition.

    They stay as the old rules had them: without the body there is nothing to make other keys of.
    """
    order = Row.load(row)
    pairs = zip(order.facts, order.data, strict=True)
    return [_fact(order, stored, data) for stored, data in pairs if _is_gone(stored[SOURCE], raw_starts)]


def seen_row(fact: Fact) -> tuple[bytes, Seen]:
    """The row of "seen" that the fact's record has begun, and its key, by the rules that were in force then."""
    received_ms = (datetime.fromisoformat(fact.received_at) - _EPOCH) // timedelta(milliseconds=1)
    key = f"{percent_encode(fact.event)}/{fact.key}"
    return key.encode(), Seen(*Source.parse(fact.source.encode()), received_ms, fact.payload_hash.encode())


def _fact(order: Row, stored: StoredFact, data: bytes) -> Fact:
    event, key, instant, payload_hash, received_at, source, conflict = stored
    return Fact(
        order.order_id,
        order.tenant,
        event,
        key,
        instant,
        payload_hash,
        received_at,
        source,
        conflict=conflict,
        data=orjson.loads(data),
    )


def _is_gone(source: str, raw_starts: Mapping[int, int]) -> bool:
    partition, _, offset = source.partition(":")
    return int(offset) < raw_starts.get(int(partition), 0)
