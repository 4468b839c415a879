"""Reads topics with kafka-python as it is without extras: ``bare_kafka_python.py <servers> <topic> ...``. A program
of its own, because another process has the codecs. Prints ``{topic: {"records": ..., "bytes": ...}}``.
"""

import json
import sys

for extra in ("crc32c", "lz4", "snappy", "xxhash", "zstandard"):
    sys.modules[extra] = None  # type: ignore[assignment]  # as if it were not installed

from kafka import KafkaConsumer, TopicPartition, codec  # noqa: E402 - not before


def read(servers: str, topics: list[str]) -> dict[str, dict[str, int]]:
    """Records and bytes of their values, from the beginning of each topic to its end."""
    found = {topic: {"records": 0, "bytes": 0} for topic in topics}
    consumer = KafkaConsumer(bootstrap_servers=servers, isolation_level="read_committed", auto_offset_reset="earliest")
    try:
        left = consumer.end_offsets(
            [TopicPartition(topic, each) for topic in topics for each in consumer.partitions_for_topic(topic)]
        )
        consumer.assign(list(left))
        while left := {each: end for each, end in left.items() if consumer.position(each) < end}:
            for partition, records in consumer.poll(timeout_ms=100).items():
                found[partition.topic]["records"] += len(records)
                found[partition.topic]["bytes"] += sum(len(record.value or b"") for record in records)
    finally:
        consumer.close()
    return found


if __name__ == "__main__":
    assert not any((codec.has_snappy(), codec.has_lz4(), codec.has_zstd()))
    print(json.dumps(read(sys.argv[1], sys.argv[2:])))
