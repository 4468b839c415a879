"""Lists of the newest kept records."""

import heapq
import json
from collections import Counter
from collections.abc import Callable, Collection, Mapping, Sequence
from contextlib import aclosing
from dataclasses import dataclass, field, replace
from typing import Final

from aiokafka import TopicPartition

from bridge.kafka.open_transactions import OpenTransaction
from bridge.kafka.reading import Source, reader
from bridge.settings import Settings
from commands.evidence.kept import MAYBE_PUBLISHED, Kept, Shelf, State
from commands.evidence.published import Search
from commands.evidence.reading import Selection, selected
from commands.terminal.damage import AroundDamage, Damage
from commands.terminal.progress import OnProgress
from commands.terminal.rules_in_force import rules_in_force
from schemas.headers import ERROR_REASON
from schemas.keytable import KeyTable
from schemas.outcome import Reason

START_BYTES: Final = 240
"""How much of each body a list keeps: more than the widest terminals show."""

_REASONS: Final = frozenset(reason.value for reason in Reason)
_TOLD_BY_RAW: Final = MAYBE_PUBLISHED | {State.PUBLISHED}
"""Only raw tells which of these states a record is in."""


@dataclass(frozen=True, slots=True)
class ListedRecord:
    """One record with only the start of its body. `size`: of the whole body in bytes, even if only a stub was kept.
    `homes`: partitions of raw where its copy may lie."""

    kept: Kept
    event: str | None
    size: int
    state: State
    detail: str
    homes: Collection[TopicPartition]


@dataclass(frozen=True, slots=True)
class Listing:
    """The newest of the `matching` records, oldest first. `reasons` counts all matching records that have a reason.

    Records in `damage` are missing; damage in raw may also show a published record as open. Records behind
    `open_transactions` are missing, too.
    """

    rows: list[ListedRecord]
    matching: int
    reasons: Mapping[str, int] = field(default_factory=dict)
    damage: Sequence[Damage] = ()
    open_transactions: Sequence[OpenTransaction] = ()


class Newest:
    """Keeps the newest records, at most `limit`. `matching` counts all; `reasons` counts those with a reason, as
    `unknown` if this version does not have it."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._heap: list[tuple[int, Source, ListedRecord]] = []
        self.matching = 0
        self.reasons = Counter[str]()

    def add(self, row: ListedRecord) -> None:
        """Add a record. No two have the same place."""
        self.matching += 1
        if ERROR_REASON in row.kept.headers:
            reason = row.kept.text(ERROR_REASON)
            self.reasons[reason if reason in _REASONS else "unknown"] += 1
        heapq.heappush(self._heap, (row.kept.timestamp, row.kept.place, row))
        if len(self._heap) > self._limit:
            heapq.heappop(self._heap)

    def rows(self) -> list[ListedRecord]:
        """The records, oldest first."""
        return [row for _, _, row in sorted(self._heap, key=lambda entry: entry[:2])]


async def make_listing(
    settings: Settings,
    shelf: Shelf,
    selection: Selection,
    state: State | None,
    limit: int,
    now_ms: int,
    on_read: OnProgress,
) -> Listing:
    """At most `limit` records of the selection in this state; None: in any. KafkaError: no answer."""
    counts, table = await rules_in_force(settings)
    async with reader(settings) as client:
        consumer = AroundDamage(client)

        async def each(take: Callable[[ListedRecord], None]) -> None:
            async with aclosing(selected(consumer, settings, shelf.topic, selection, on_read)) as records:
                async for kept in records:
                    take(_row(shelf, kept, counts, table, now_ms))

        newest, search = Newest(limit), Search()
        if state in _TOLD_BY_RAW:  # read twice: raw is searched for all selected records, not only for the newest
            await each(lambda row: search.add(row.homes, row.kept.timestamp))
            published = await search.published(consumer, shelf.header, on_read)
            await each(lambda row: _add(newest, _settled(row, published.places), state))
            return Listing(newest.rows(), newest.matching, newest.reasons, consumer.damage)
        await each(lambda row: _add(newest, row, state))
        rows = newest.rows()
        for row in rows:
            search.add(row.homes, row.kept.timestamp)
        published = await search.published(consumer, shelf.header, on_read)
    settled = [_settled(row, published.places) for row in rows]
    return Listing(settled, newest.matching, newest.reasons, consumer.damage)


def _add(newest: Newest, row: ListedRecord, state: State | None) -> None:
    if state in {None, row.state}:
        newest.add(row)


def _row(shelf: Shelf, kept: Kept, counts: Collection[int], table: KeyTable, now_ms: int) -> ListedRecord:
    standing = shelf.judge(kept, table, now_ms)
    start = replace(kept, body=kept.body[:START_BYTES])
    size = _size(kept.body) if standing.state is State.STUB else len(kept.body)
    return ListedRecord(start, kept.event(), size, standing.state, standing.detail, standing.homes(counts))


def _size(stub: bytes) -> int:
    """Size of the body that a stub stands for, if the stub has it: it tells how far to raise the limit."""
    try:
        told = json.loads(stub)["size"]
    except (ValueError, RecursionError, TypeError, KeyError):
        told = None
    return told if isinstance(told, int) and told >= 0 else len(stub)


def _settled(row: ListedRecord, published: Collection[Source]) -> ListedRecord:
    done = row.state in MAYBE_PUBLISHED and row.kept.place in published
    return replace(row, state=State.PUBLISHED, detail="") if done else row
