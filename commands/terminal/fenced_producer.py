"""Transactional producers for commands: the only one of their kind, and impatient."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Final

from aiokafka import AIOKafkaProducer
from aiokafka.errors import KafkaTimeoutError

from bridge.kafka.client import client_options
from bridge.rules.topic import check_rules
from bridge.settings import Settings
from processors.engine.overrides.producer import discard, fence

_BATCH_BYTES: Final = 1 << 20
_BACKOFF_MS: Final = 20
_END_WITHIN_S: Final = 1.0


@asynccontextmanager
async def fenced_producer(settings: Settings, transactional_id: str) -> AsyncIterator[AIOKafkaProducer]:
    """Started: every earlier one of this id is fenced, and what it had begun is committed or aborted.

    Exceptions of `bridge.rules.rules`: a migration began or ended. KafkaError: Kafka refuses, or does not answer.
    """
    patience = settings.transaction_timeout
    producer = AIOKafkaProducer(
        transactional_id=transactional_id,
        # An open transaction holds back the workers, so it is given up early, by Kafka and by us.
        transaction_timeout_ms=patience // timedelta(milliseconds=1),
        request_timeout_ms=patience // timedelta(milliseconds=1),
        retry_backoff_ms=_BACKOFF_MS,
        compression_type=settings.compression_type,
        max_batch_size=min(_BATCH_BYTES, settings.max_message_bytes),
        max_request_size=settings.max_message_bytes,
        **client_options(settings),
    )
    try:
        async with in_time(patience):
            await fence(producer)
            await check_rules(settings)  # a migration that begins later fences this producer
        yield producer
    finally:
        await discard(producer, _END_WITHIN_S)


@asynccontextmanager
async def in_time(patience: timedelta) -> AsyncIterator[None]:
    """KafkaTimeoutError if the block takes longer."""
    seconds = patience.total_seconds()
    try:
        async with asyncio.timeout(seconds):
            yield
    except TimeoutError:
        raise KafkaTimeoutError(f"it did not acknowledge within {seconds:g} s") from None
