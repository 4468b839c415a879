"""Brings tables up to what Kafka has committed, before a lane does anything."""

import asyncio
import logging
import struct
import time
from collections.abc import Callable, Mapping, Sequence

from aiokafka import AIOKafkaConsumer
from aiokafka.structs import ConsumerRecord, TopicPartition

from processors.engine.changelog import Changelog
from processors.engine.chunk import named
from processors.engine.errors import LaneHaltedError, NoAnswerError
from processors.engine.position import Position
from processors.engine.store import BARRIER, POSITION, RESERVED, TablePartition

log = logging.getLogger(__name__)

_BATCH = 5_000
"""Records between two turns of the event loop: some 20 ms."""
_LOG_S = 5.0
_SILENCE_S = 20.0

_NO_ROW = (ValueError, TypeError, struct.error)
"""What a record raises that is no row: a row that expires has a time, and a position has numbers."""

Progress = Callable[[TopicPartition, int, float], None]


async def catch_up(
    reader: AIOKafkaConsumer, changelogs: Mapping[TopicPartition, Changelog], progress: Progress
) -> None:
    """Apply each changelog partition to its table, from the table's offset to the changelog's end.

    ``progress`` gets each batch's partition, its number of rows and the seconds since the start. NoAnswerError: nothing
    came for 20 s; what was read stays. LaneHaltedError: a changelog is not the table's, or a record is no row.
    """
    reader.assign(list(changelogs))
    for tp, changelog in changelogs.items():
        reader.seek(tp, changelog.start)
    await _read(reader, changelogs, progress)


async def _read(reader: AIOKafkaConsumer, changelogs: Mapping[TopicPartition, Changelog], progress: Progress) -> None:
    behind, count = dict(changelogs), 0
    started = logged = heard = time.monotonic()
    while True:
        for tp, (table, _, end) in behind.items():
            # the position, not the last record: behind the last record there is a transaction marker
            table.unread = max(0, end - await reader.position(tp))
        behind = {tp: changelog for tp, changelog in behind.items() if changelog.table.unread}
        now = time.monotonic()
        if count and (not behind or now - logged > _LOG_S):
            logged = now
            _log(count, now - started, [changelog.table.unread for changelog in behind.values()])
        if not behind:
            return
        if now - heard > _SILENCE_S:
            silent = ", ".join(_silent(reader, tp) for tp in behind)
            raise NoAnswerError(f"nothing comes for {_SILENCE_S:g} s of {silent}")
        for tp, records in (await reader.getmany(*behind, timeout_ms=200, max_records=_BATCH)).items():
            heard = now
            unknown = [record for record in behind[tp].unknown(records) if record.key != BARRIER]
            _apply(behind[tp].table, unknown, records[-1].offset)
            count += len(unknown)
            progress(tp, len(unknown), time.monotonic() - started)
        await asyncio.sleep(0)  # getmany gives buffered records without a pause


def _silent(reader: AIOKafkaConsumer, tp: TopicPartition) -> str:
    """Names a partition of which nothing comes, and why if its leader has told."""
    stable, end = reader.last_stable_offset(tp), reader.highwater(tp)
    if stable is None or end is None or stable >= end:
        return named(tp)
    return f"{named(tp)} (a transaction is open there: {end - stable} offsets from {stable} on wait for it)"


def _apply(table: TablePartition, records: Sequence[ConsumerRecord], offset: int) -> None:
    """Write these records' rows, and that the table has its changelog up to ``offset``. LaneHaltedError: a record is no
    row; the table has what comes before it."""
    try:
        _write(table, records, offset)
    except _NO_ROW:
        for record in records:
            try:
                _write(table, [record], record.offset)
            except _NO_ROW as error:
                raise LaneHaltedError(
                    f"{named((record.topic, record.partition))}@{record.offset} is no row of this table ({error!r}): a "
                    "later version of the bridge has written it, or somebody else: docs/engine.md#when-a-lane-halts"
                ) from error
        raise


def _write(table: TablePartition, records: Sequence[ConsumerRecord], offset: int) -> None:
    rows = {record.key: record.value for record in records}  # the last of each key
    if None in rows or any(key.startswith(RESERVED) and key != POSITION for key in rows):
        raise ValueError("its key is none of a row")  # an engine's own key could move the table's offset
    if (position := rows.get(POSITION)) is not None:
        Position.decode(position)
    table.apply(rows.items(), offset)


def _log(count: int, seconds: float, unread: Sequence[int]) -> None:
    log.info(
        "recovery: %s changelog records read in %.1f s, %.0f a second; about %s to go in %s partitions",
        count,
        seconds,
        count / seconds,
        sum(unread),
        len(unread),
    )
