"""Consumer records for tests without Kafka."""

from aiokafka.structs import ConsumerRecord


def record(offset: int, value: bytes | None = b"value", key: bytes = b"key") -> ConsumerRecord:
    """A record of partition 0 of a topic named source."""
    return ConsumerRecord("source", 0, offset, 1_000 + offset, 0, key, value, None, len(key), len(value or b""), ())
