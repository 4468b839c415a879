"""Sends a command's records in a transaction, in batches, and waits for each delivery."""

import asyncio
from collections.abc import Iterable, Sequence
from typing import Final, NamedTuple, Self

from aiokafka import AIOKafkaProducer
from aiokafka.errors import IllegalOperation, InvalidTxnState, ProducerFenced
from aiokafka.producer.message_accumulator import BatchBuilder

from bridge.intake import NewRecord
from processors.engine.records import Headers

_FOLLOWS: Final = (IllegalOperation, InvalidTxnState)
"""Errors of a transaction's records that follow from another error."""


class Write(NamedTuple):
    """A record to write; `timestamp` in milliseconds."""

    topic: str
    partition: int
    key: bytes | None
    value: bytes | None
    timestamp: int
    headers: Headers

    @classmethod
    def of(cls, record: NewRecord) -> Self:
        """From a record that acceptance has made."""
        return cls(record.topic, record.partition, record.key, record.value, record.timestamp_ms, record.headers)


async def send(producer: AIOKafkaProducer, writes: Iterable[Write]) -> None:
    """Send records within the running transaction and wait for them: a commit does not notice a failed batch.

    ProducerFenced: another producer of its transactional id has begun. KafkaError: Kafka refuses, or does not answer.
    """
    batches: dict[tuple[str, int], list[BatchBuilder]] = {}
    for write in writes:
        building = batches.setdefault((write.topic, write.partition), [])
        if not (building and _fits(building[-1], write)):
            building.append(producer.create_batch())
            _fits(building[-1], write)  # an empty batch takes a record of any size
    results = await asyncio.gather(*(_sent(producer, *of) for of in batches.items()), return_exceptions=True)
    if failed := [each for each in results if each is not None]:
        # If one batch finds the producer fenced, aiokafka refuses the others as outside a transaction. If Kafka refuses
        # to write one, then by its first protocol it adds no partition to the transaction, and refuses the others, too.
        # Raise the error that is the reason.
        if reason := next((each for each in failed if not isinstance(each, _FOLLOWS)), None):
            raise reason
        # No other error: Kafka would take all of them, and the transaction is gone, so whoever fenced this producer has
        # ended it. Kafka without KAFKA-19690 checks the transaction before the producer's epoch.
        if any(isinstance(each, InvalidTxnState) for each in failed):
            raise ProducerFenced from failed[0]
        raise failed[0]


def _fits(batch: BatchBuilder, write: Write) -> bool:
    appended = batch.append(key=write.key, value=write.value, timestamp=write.timestamp, headers=write.headers)
    return appended is not None


async def _sent(producer: AIOKafkaProducer, where: tuple[str, int], batches: Sequence[BatchBuilder]) -> None:
    for batch in batches:
        batch.close()
        await (await producer.send_batch(batch, where[0], partition=where[1]))
