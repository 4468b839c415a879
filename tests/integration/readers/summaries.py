"""What a reader has found in a topic, in numbers: two readers that have found the same agree on them."""

from collections import Counter
from collections.abc import Iterable
from typing import Any, TypedDict

from cloudevents.core.bindings.kafka import KafkaMessage, from_kafka
from cloudevents.core.formats.json import JSONFormat

from tests.programs.checker.record import Record


class Summary(TypedDict):
    """`bytes`: of the values. `types` counts events by type, `attributes` counts attributes by name, without
    `partitionkey` and `time`: SDKs give an event without a time that of their reading."""

    records: int
    bytes: int
    deletions: int
    types: dict[str, int]
    attributes: dict[str, int]


def summary(records: Iterable[Record]) -> Summary:
    """Counted by librdkafka and the SDK for Python, which checks each event."""
    found = list(records)
    events = [_event(record) for record in found if record.value is not None]
    return {
        "records": len(found),
        "bytes": sum(len(record.value or b"") for record in found),
        "deletions": len(found) - len(events),
        "types": dict(Counter(event["type"] for event in events)),
        "attributes": dict(Counter(name for event in events for name in event if name not in {"time", "partitionkey"})),
    }


def _event(record: Record) -> dict[str, Any]:
    return from_kafka(
        KafkaMessage(dict(record.headers), record.key, record.value or b""), JSONFormat()
    ).get_attributes()
