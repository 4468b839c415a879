"""Stores slices of export files, each with the file's progress, in one Kafka transaction."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from aiokafka import AIOKafkaProducer

from bridge.kafka.transactional_ids import backfill_id
from bridge.settings import Settings
from commands.backfill.export_file import ExportFile
from commands.backfill.progress import progress_row
from commands.backfill.slices import Slice
from commands.terminal.fenced_producer import fenced_producer, in_time
from commands.terminal.sending import Write, send
from commands.terminal.typed import now_ms


@asynccontextmanager
async def backfill_writer(settings: Settings) -> AsyncIterator["BackfillWriter"]:
    """Yield the only writer of the deployment: earlier ones are fenced, their unfinished transactions aborted.

    So the progress that is read afterwards is final. Exceptions of `bridge.rules.rules`: a migration began. KafkaError:
    Kafka refuses, or does not answer.
    """
    async with fenced_producer(settings, backfill_id(settings)) as producer:
        yield BackfillWriter(producer, settings)


class BackfillWriter:
    """See `backfill_writer`. Unusable after a failure."""

    def __init__(self, producer: AIOKafkaProducer, settings: Settings) -> None:
        self._producer = producer
        self._patience = settings.transaction_timeout
        self._topic = settings.topics.backfill

    async def write(self, export: ExportFile, part: Slice) -> None:
        """Return once the slice is durable. After an error nothing of it is, unless Kafka failed during the commit.

        ProducerFenced: another writer has begun. KafkaError: Kafka refuses, or does not answer.
        """
        writes = [Write.of(record) for record in part.records]
        if export.identity is not None:
            row = progress_row(export.name, part.progress)
            writes.append(Write(self._topic, 0, export.identity.encode(), row, now_ms(), []))
        async with in_time(self._patience):
            await self._producer.begin_transaction()
            await send(self._producer, writes)
            await self._producer.commit_transaction()
