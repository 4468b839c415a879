"""Bringing tables up to what Kafka has committed, before a lane does anything."""

import asyncio
import logging
import time
from collections.abc import Callable, Mapping, Sequence

from aiokafka import AIOKafkaConsumer
from aiokafka.structs import TopicPartition

from processors.engine.errors import LaneHaltedError
from processors.engine.options import EngineOptions
from processors.engine.overrides.topic_ids import lineages
from processors.engine.reader import reading
from processors.engine.store import TablePartition

log = logging.getLogger(__name__)

_BATCH = 5_000
"""Records between two looks of the event loop at its other work: some 20 ms."""
_LOG_SECONDS = 5.0

Progress = Callable[[TopicPartition, int, float], None]


async def catch_up(
    options: EngineOptions, tables: Mapping[TopicPartition, TablePartition], progress: Progress
) -> dict[TopicPartition, LaneHaltedError]:
    """Apply each changelog partition to its table, from the table's offset to the changelog's end.

    The caller has fenced the changelogs' writers, so the ends stand still. Returns the partitions whose local
    rows cannot be continued: those are not touched, since local state may be the last copy. ``progress`` gets
    each batch's partition, its number of rows and the seconds since the start.
    """
    async with reading(options, tables, "read_committed") as reader:
        ends = await reader.end_offsets(list(tables))
        halted = await _place(reader, tables, ends)
        await _read(reader, {tp: table for tp, table in tables.items() if tp not in halted}, ends, progress)
        return halted


async def _place(
    reader: AIOKafkaConsumer,
    tables: Mapping[TopicPartition, TablePartition],
    ends: Mapping[TopicPartition, int],
) -> dict[TopicPartition, LaneHaltedError]:
    begins = await reader.beginning_offsets(list(tables))
    current = await lineages(reader, sorted({tp.topic for tp in tables}))
    halted = {}
    for tp, table in tables.items():
        reader.seek(tp, begins[tp] if table.offset is None else max(begins[tp], table.offset + 1))
        if table.lineage is None:
            table.lineage = current[tp.topic]
        if table.lineage != current[tp.topic]:
            halted[tp] = LaneHaltedError(
                f"{table.path} holds state of another cluster or topic ({table.lineage}) than {tp} is now "
                f"({current[tp.topic]}); if that is intended, move the directory away"
            )
        elif table.offset is not None and table.offset >= ends[tp]:
            halted[tp] = LaneHaltedError(
                f"{table.path} reaches offset {table.offset}, but {tp} ends at {ends[tp]}: Kafka has lost committed "
                "records, and the directory may be their last copy; move it away to go on without them"
            )
    return halted


async def _read(
    reader: AIOKafkaConsumer,
    tables: Mapping[TopicPartition, TablePartition],
    ends: Mapping[TopicPartition, int],
    progress: Progress,
) -> None:
    started, behind, count = time.monotonic(), set(tables), 0
    logged = started
    while True:
        for tp in behind:  # the position, not the last record: behind the last record there is a transaction marker
            tables[tp].unread = max(0, ends[tp] - await reader.position(tp))
        behind = {tp for tp in behind if tables[tp].unread}
        now = time.monotonic()
        if count and (not behind or now - logged > _LOG_SECONDS):
            logged = now
            _log(count, now - started, [tables[tp].unread for tp in behind])
        if not behind:
            return
        for tp, records in (await reader.getmany(*behind, timeout_ms=200, max_records=_BATCH)).items():
            tables[tp].apply([(record.key, record.value) for record in records], records[-1].offset)
            count += len(records)
            progress(tp, len(records), time.monotonic() - started)
        await asyncio.sleep(0)  # what is buffered is given without a pause


def _log(count: int, seconds: float, unread: Sequence[int]) -> None:
    log.info(
        "recovery: %s changelog records read in %.1f s, %.0f a second; about %s to go in %s partitions",
        count,
        seconds,
        count / seconds,
        sum(unread),
        len(unread),
    )
