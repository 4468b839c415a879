"""Makes the command the only process that can change the recorded rules."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final

from aiokafka import AIOKafkaProducer
from aiokafka.errors import ProducerFenced

from bridge.kafka.transactional_ids import rules_id
from bridge.refusals import MigrationRefused
from bridge.rules.rules import Recorded
from bridge.rules.topic import write_rules
from bridge.settings import Settings
from commands.topics.readable import wait_until_readable
from processors.engine.overrides.producer import discard, fence, new_producer
from processors.worker.app import engine_options

_END_S: Final = 5.0


@asynccontextmanager
async def rules_writer(settings: Settings) -> AsyncIterator[AIOKafkaProducer]:
    """Yield a producer that has fenced all earlier writers of rules: nobody else changes the rules within the block.

    MigrationRefused: another command was started later and goes on. KafkaError: no answer.
    """
    producer = new_producer(engine_options(settings), rules_id(settings))
    try:
        await fence(producer)
        yield producer
    except ProducerFenced:
        raise MigrationRefused("Another `bridge topics migrate` or `apply` was started meanwhile.") from None
    finally:
        await discard(producer, _END_S)


async def put_in_force(producer: AIOKafkaProducer, settings: Settings, recorded: Recorded) -> None:
    """Record these rules, and return once everybody can read them."""
    await record(producer, settings, recorded)
    await wait_until_readable(settings, recorded)


async def record(producer: AIOKafkaProducer, settings: Settings, recorded: Recorded) -> None:
    """Record these rules in a transaction of their own. Another open transaction may still hide them."""
    async with producer.transaction():
        await write_rules(producer, settings, recorded)
