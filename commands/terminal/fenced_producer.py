"""Transactional producers for commands: they fence earlier ones and give up early."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Final

from aiokafka import AIOKafkaProducer
from aiokafka.errors import KafkaTimeoutError

from bridge.rules.topic import check_rules
from bridge.settings import Settings
from processors.engine.overrides.producer import discard, fence, new_producer
from processors.worker.app import engine_options

_END_WITHIN_S: Final = 1.0


@asynccontextmanager
async def fenced_producer(settings: Settings, transactional_id: str) -> AsyncIterator[AIOKafkaProducer]:
    """Yield a started producer. Earlier ones of this id are fenced, their transactions committed or aborted.

    It has the options and timeouts of lanes' producers, because an open transaction holds back the workers. Exceptions
    of `bridge.rules.rules`: a migration began or ended. KafkaError: Kafka refuses, or does not answer. NoOutcomeError:
    an answer was lost within a transaction; the next producer of this id finds it committed or aborts it.
    """
    patience = settings.transaction_timeout
    producer = new_producer(engine_options(settings), transactional_id)
    try:
        async with in_time(patience):
            await fence(producer)
            await check_rules(settings)  # a later migration fences this producer
        yield producer
    finally:
        await discard(producer, _END_WITHIN_S)


@asynccontextmanager
async def in_time(patience: timedelta) -> AsyncIterator[None]:
    """KafkaTimeoutError: the block takes longer."""
    seconds = patience.total_seconds()
    try:
        async with asyncio.timeout(seconds):
            yield
    except TimeoutError:
        raise KafkaTimeoutError(f"it did not acknowledge within {seconds:g} s") from None
