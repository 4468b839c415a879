"""Stores slices of export files: each with the file's progress in one Kafka transaction."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from aiokafka import AIOKafkaProducer

from bridge.intake import NewRecord
from bridge.rules.topic import backfill_id
from bridge.settings import Settings
from commands.backfill.export_file import ExportFile
from commands.backfill.progress import progress_row
from commands.backfill.slices import Slice
from commands.terminal.fenced_producer import fenced_producer, in_time
from processors.engine.overrides.producer import add_partitions

Batches = dict[tuple[str, int], list[Any]]
"""aiokafka's batch builders, by topic and partition."""


@asynccontextmanager
async def backfill_writer(settings: Settings) -> AsyncIterator["BackfillWriter"]:
    """The only one of its deployment: an earlier one is fenced, and what it left unfinished is undone.

    So the progress that is read from then on is the last word. Exceptions of `bridge.rules.rules`: a migration began.
    KafkaError: Kafka refuses, or does not answer.
    """
    async with fenced_producer(settings, backfill_id(settings)) as producer:
        yield BackfillWriter(producer, settings)


class BackfillWriter:
    """See `backfill_writer`. After a failure it is of no more use."""

    def __init__(self, producer: AIOKafkaProducer, settings: Settings) -> None:
        self._producer = producer
        self._patience = settings.transaction_timeout
        self._topic = settings.topics.backfill

    async def write(self, export: ExportFile, part: Slice) -> None:
        """Return once the slice is durable; else nothing of it is, unless Kafka failed while it committed.

        ProducerFenced: another writer has begun. KafkaError: Kafka refuses, or does not answer.
        """
        batches = self._batches(export, part)
        async with in_time(self._patience):
            await self._producer.begin_transaction()
            add_partitions(self._producer, list(batches))
            # Each delivery is awaited: aiokafka commits even if one has failed.
            await asyncio.gather(*(self._send(*where, queue) for where, queue in batches.items()))
            await self._producer.commit_transaction()

    async def _send(self, topic: str, partition: int, queue: list[Any]) -> None:
        for batch in queue:
            await (await self._producer.send_batch(batch, topic, partition=partition))

    def _batches(self, export: ExportFile, part: Slice) -> Batches:
        batches: Batches = {}
        for record in part.records:
            self._append(batches, record)
        if export.identity is not None:
            now_ms = time.time_ns() // 1_000_000
            row = progress_row(export.name, part.progress)
            self._append(batches, NewRecord(self._topic, 0, export.identity.encode(), row, [], now_ms, None))
        return batches

    def _append(self, batches: Batches, record: NewRecord) -> None:
        queue = batches.setdefault((record.topic, record.partition), [])
        if not (queue and _fits(queue[-1], record)):
            queue.append(self._producer.create_batch())
            _fits(queue[-1], record)  # an empty batch takes a record of any size


def _fits(batch: Any, record: NewRecord) -> bool:
    appended = batch.append(timestamp=record.timestamp_ms, key=record.key, value=record.value, headers=record.headers)
    return appended is not None
