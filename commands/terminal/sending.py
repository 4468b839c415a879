"""Records that a command writes in a transaction: in batches, and each delivery is waited for."""

import asyncio
from collections.abc import Iterable, Sequence
from typing import Final, NamedTuple, Self

from aiokafka import AIOKafkaProducer
from aiokafka.errors import IllegalOperation, InvalidTxnState, ProducerFenced
from aiokafka.producer.message_accumulator import BatchBuilder

from bridge.intake import NewRecord
from processors.engine.records import Headers

_FOLLOWS: Final = (IllegalOperation, InvalidTxnState)
"""What is said of a transaction's records because of another error."""


class Write(NamedTuple):
    """A record to be; `timestamp` in milliseconds."""

    topic: str
    partition: int
    key: bytes | None
    value: bytes | None
    timestamp: int
    headers: Headers

    @classmethod
    def of(cls, record: NewRecord) -> Self:
        """Of one that acceptance has made."""
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
        # Where one of them has found the producer fenced, aiokafka refuses others as being outside of a transaction;
        # where one may not be written, Kafka does, which has added no partition to the transaction then.
        if reason := next((each for each in failed if not isinstance(each, _FOLLOWS)), None):
            raise reason
        # None was refused, so all were added to the transaction, and it is none any more: whoever fenced this producer
        # has ended it. Kafka without KAFKA-19690 looks for it before it looks at the producer's epoch.
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
