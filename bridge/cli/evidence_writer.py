"""Writes copies of kept records to raw, in Kafka transactions."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Final

from aiokafka import AIOKafkaProducer
from aiokafka.errors import KafkaTimeoutError, ProducerFenced

from bridge.evidence.publish import Overtaken, Write
from bridge.intake import Record
from bridge.kafka import client_options
from bridge.raw_writers import replay_id
from bridge.rules_topic import check_rules
from bridge.settings import Settings
from processors.engine.overrides.producer import discard, fence

_BACKOFF_MS: Final = 20
_END_WITHIN_S: Final = 1.0


@asynccontextmanager
async def evidence_writer(settings: Settings) -> AsyncIterator[Write]:
    """Writes each batch as one transaction. Every earlier writer is fenced, and what it had begun is decided.

    Overtaken: a later one has begun. Exceptions of `bridge.rules`: a migration has. KafkaError: Kafka refuses, or does
    not answer within the transaction timeout; whether the last batch was committed is then unknown.
    """
    patience = settings.transaction_timeout
    producer = AIOKafkaProducer(
        transactional_id=replay_id(settings),
        transaction_timeout_ms=patience // timedelta(milliseconds=1),
        request_timeout_ms=patience // timedelta(milliseconds=1),
        retry_backoff_ms=_BACKOFF_MS,
        compression_type="snappy",
        max_request_size=settings.max_message_bytes,
        **client_options(settings),
    )

    async def write(batch: Sequence[Record]) -> None:
        async with _within(patience), producer.transaction():
            await _send(producer, batch)

    try:
        async with _within(patience):
            await fence(producer)
            await check_rules(settings)  # a migration that begins later fences this writer
        yield write
    except ProducerFenced:
        raise Overtaken("Another command has begun to publish: run this one again once that is done.") from None
    finally:
        await discard(producer, _END_WITHIN_S)


async def _send(producer: AIOKafkaProducer, batch: Sequence[Record]) -> None:
    sent = [
        await producer.send(raw.topic, raw.value, raw.key, raw.partition, raw.timestamp_ms, raw.headers)
        for raw in batch
    ]
    await asyncio.gather(*sent)  # aiokafka would commit without those that failed


@asynccontextmanager
async def _within(patience: timedelta) -> AsyncIterator[None]:
    seconds = patience.total_seconds()
    try:
        async with asyncio.timeout(seconds):
            yield
    except TimeoutError:
        raise KafkaTimeoutError(f"it did not acknowledge within {seconds:g} s") from None
