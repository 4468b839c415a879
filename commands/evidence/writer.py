"""Writes copies of kept records to raw, in Kafka transactions."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

from aiokafka import AIOKafkaProducer
from aiokafka.errors import ProducerFenced

from bridge.intake import NewRecord
from bridge.kafka.transactional_ids import replay_id
from bridge.refusals import Overtaken
from bridge.settings import Settings
from commands.evidence.publish import Write
from commands.terminal.fenced_producer import fenced_producer, in_time


@asynccontextmanager
async def evidence_writer(settings: Settings) -> AsyncIterator[Write]:
    """Writes each batch as one transaction. Every earlier writer is fenced, and what it had begun is decided.

    Overtaken: a later one has begun. Exceptions of `bridge.rules.rules`: a migration has. KafkaError: Kafka refuses, or
    does not answer within the transaction timeout; whether the last batch was committed is then unknown.
    """
    try:
        async with fenced_producer(settings, replay_id(settings)) as producer:

            async def write(batch: Sequence[NewRecord]) -> None:
                async with in_time(settings.transaction_timeout), producer.transaction():
                    await _send(producer, batch)

            yield write
    except ProducerFenced:
        raise Overtaken("Another command has begun to publish: run this one again once that is done.") from None


async def _send(producer: AIOKafkaProducer, batch: Sequence[NewRecord]) -> None:
    sent = [
        await producer.send(raw.topic, raw.value, raw.key, raw.partition, raw.timestamp_ms, raw.headers)
        for raw in batch
    ]
    await asyncio.gather(*sent)  # aiokafka would commit without those that failed
