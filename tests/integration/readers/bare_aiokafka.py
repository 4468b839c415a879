"""Reads topics with aiokafka as it is without extras: ``bare_aiokafka.py <servers> <topic> ...``. A program of its own,
because another process has the codecs. Prints ``{topic: {"records": ..., "bytes": ...}}``.
"""

import asyncio
import json
import sys

sys.modules["cramjam"] = sys.modules["isal"] = None  # type: ignore[assignment]  # as if they were not installed

from aiokafka import AIOKafkaConsumer, codec  # noqa: E402 - not before


async def read(servers: str, topics: list[str]) -> dict[str, dict[str, int]]:
    """Records and bytes of their values, from the beginning of each topic to its end."""
    found = {topic: {"records": 0, "bytes": 0} for topic in topics}
    consumer = AIOKafkaConsumer(
        *topics, bootstrap_servers=servers, isolation_level="read_committed", auto_offset_reset="earliest"
    )
    await consumer.start()
    try:
        left = dict(await consumer.end_offsets(consumer.assignment()))
        while left := {each: end for each, end in left.items() if await consumer.position(each) < end}:
            for partition, records in (await consumer.getmany(timeout_ms=100)).items():
                found[partition.topic]["records"] += len(records)
                found[partition.topic]["bytes"] += sum(len(record.value or b"") for record in records)
    finally:
        await consumer.stop()
    return found


if __name__ == "__main__":
    assert not codec.has_snappy()
    print(json.dumps(asyncio.run(read(sys.argv[1], sys.argv[2:]))))
