"""Records that a command writes in a transaction: in batches, and each delivery is waited for."""

import asyncio
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from aiokafka import AIOKafkaProducer
from aiokafka.producer.message_accumulator import BatchBuilder

from processors.engine.overrides.producer import add_partitions
from processors.engine.records import Headers


class Write(NamedTuple):
    """A record to be; `timestamp` in milliseconds."""

    topic: str
    partition: int
    key: bytes | None
    value: bytes | None
    timestamp: int
    headers: Headers


async def send(producer: AIOKafkaProducer, writes: Iterable[Write]) -> None:
    """Send records within the running transaction and wait for them: a commit does not notice a failed batch."""
    batches: dict[tuple[str, int], list[BatchBuilder]] = {}
    for write in writes:
        building = batches.setdefault((write.topic, write.partition), [])
        if not (building and _fits(building[-1], write)):
            building.append(producer.create_batch())
            _fits(building[-1], write)  # an empty batch takes a record of any size
    add_partitions(producer, list(batches))
    results = await asyncio.gather(*(_sent(producer, *of) for of in batches.items()), return_exceptions=True)
    for result in results:
        if result is not None:
            raise result


def _fits(batch: BatchBuilder, write: Write) -> bool:
    appended = batch.append(key=write.key, value=write.value, timestamp=write.timestamp, headers=write.headers)
    return appended is not None


async def _sent(producer: AIOKafkaProducer, where: tuple[str, int], batches: Sequence[BatchBuilder]) -> None:
    for batch in batches:
        batch.close()
        await (await producer.send_batch(batch, where[0], partition=where[1]))
