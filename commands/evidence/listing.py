"""The newest kept records, as a list for people and programs."""

import heapq
from collections.abc import Collection
from contextlib import aclosing
from dataclasses import dataclass, replace
from typing import Final

from aiokafka import TopicPartition

from bridge.kafka.reading import Source, reader
from bridge.rules.epochs import partition_counts
from bridge.rules.topic import read_rules
from bridge.settings import Settings
from commands.evidence.kept import Kept, Shelf, State
from commands.evidence.published import Search
from commands.evidence.reading import OnRead, Selection, selected
from schemas.keytable import KeyTable

START_BYTES: Final = 60
"""So much of each body is kept for the list."""


@dataclass(frozen=True, slots=True)
class ListedRecord:
    """One record, its body cut to its start; `size` is the whole one's in bytes. `homes` are where in raw its
    copy is or would be."""

    kept: Kept
    event: str | None
    size: int
    state: State
    detail: str
    homes: Collection[TopicPartition]


@dataclass(frozen=True, slots=True)
class Listing:
    """The newest of the `matching` records, oldest first."""

    rows: list[ListedRecord]
    matching: int


async def make_listing(
    settings: Settings, shelf: Shelf, selection: Selection, limit: int, now_ms: int, on_read: OnRead
) -> Listing:
    """At most `limit` of the records that are meant. KafkaError: no answer."""
    recorded = await read_rules(settings)  # whatever they are: looking must be possible during a migration, too
    counts = partition_counts(recorded) if recorded else ()
    table = recorded.key_table if recorded and recorded.rules.keys is not None else settings.key_table
    newest: list[tuple[int, Source, ListedRecord]] = []
    matching = 0
    async with reader(settings) as consumer:
        async with aclosing(selected(consumer, settings, shelf.topic, selection, on_read)) as records:
            async for kept in records:
                matching += 1
                heapq.heappush(newest, (kept.timestamp, kept.place, _row(shelf, kept, counts, table, now_ms)))
                if len(newest) > limit:
                    heapq.heappop(newest)
        rows = [row for _, _, row in sorted(newest)]
        search = Search()
        for row in rows:
            search.add(row.homes, row.kept.timestamp)
        published = await search.published(consumer, shelf.header, on_read)
    return Listing([_settled(row, done=row.kept.place in published.places) for row in rows], matching)


def _row(shelf: Shelf, kept: Kept, counts: Collection[int], table: KeyTable, now_ms: int) -> ListedRecord:
    standing = shelf.judge(kept, table, now_ms)
    start = replace(kept, body=kept.body[:START_BYTES])
    return ListedRecord(start, kept.event(), len(kept.body), standing.state, standing.detail, standing.homes(counts))


def _settled(row: ListedRecord, *, done: bool) -> ListedRecord:
    return replace(row, state=State.PUBLISHED) if done and row.state is State.OPEN else row
