"""Bringing tables up to what Kafka has committed, before a lane does anything."""

import asyncio
import logging
import time
from collections.abc import Callable, Mapping, Sequence

from aiokafka import AIOKafkaConsumer
from aiokafka.structs import TopicPartition

from processors.engine.changelog import Changelog
from processors.engine.errors import NoAnswerError
from processors.engine.store import BARRIER

log = logging.getLogger(__name__)

_BATCH = 5_000
"""Records between two looks of the event loop at its other work: some 20 ms."""
_LOG_S = 5.0
_SILENCE_S = 20.0

Progress = Callable[[TopicPartition, int, float], None]


async def catch_up(
    reader: AIOKafkaConsumer, changelogs: Mapping[TopicPartition, Changelog], progress: Progress
) -> None:
    """Apply each changelog partition to its table, from the table's offset to the changelog's end.

    ``progress`` gets each batch's partition, its number of rows and the seconds since the start. NoAnswerError:
    nothing came for 20 s; what was read stays.
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
            raise NoAnswerError(f"nothing comes of {', '.join(map(str, behind))} for {_SILENCE_S:g} s")
        for tp, records in (await reader.getmany(*behind, timeout_ms=200, max_records=_BATCH)).items():
            heard = now
            unknown = [record for record in behind[tp].unknown(records) if record.key != BARRIER]
            rows = {record.key: record.value for record in unknown}  # the last of each key
            behind[tp].table.apply(rows.items(), records[-1].offset)
            count += len(unknown)
            progress(tp, len(unknown), time.monotonic() - started)
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
