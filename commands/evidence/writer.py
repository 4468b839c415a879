"""Writes copies of kept records to raw in Kafka transactions."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

from aiokafka.errors import ProducerFenced

from bridge.intake import NewRecord
from bridge.kafka.transactional_ids import replay_id
from bridge.refusals import Overtaken
from bridge.settings import Settings
from commands.evidence.publish import WriteBatch
from commands.terminal.fenced_producer import fenced_producer, in_time
from commands.terminal.sending import Write, send


@asynccontextmanager
async def evidence_writer(settings: Settings) -> AsyncIterator[WriteBatch]:
    """Yield a function that writes a batch as one transaction. Earlier writers are fenced, their transactions ended.

    Overtaken: a later writer has begun. Exceptions of `bridge.rules.rules`: a migration has begun. KafkaError: Kafka
    refuses, or does not answer within the transaction timeout; whether the last batch was committed is then unknown.
    """
    try:
        async with fenced_producer(settings, replay_id(settings)) as producer:

            async def write(batch: Sequence[NewRecord]) -> None:
                # If this fails, the next producer of this id aborts it, or Kafka does: aborting here would have to wait
                # as well.
                async with in_time(settings.transaction_timeout):
                    await producer.begin_transaction()
                    await send(producer, [Write.of(record) for record in batch])
                    await producer.commit_transaction()

            yield write
    except ProducerFenced:
        raise Overtaken("Another command has begun to publish: run this one again once that is done.") from None
