"""How much is read ahead, and how much goes into one chunk."""

import asyncio
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence, Set
from dataclasses import dataclass
from typing import NamedTuple

from aiokafka.structs import ConsumerRecord
from faust.types import TP

from processors.engine.chunk import SMALL_BYTES, SMALL_RECORDS
from processors.engine.unit_size import START

_STUCK_S = 2.0
_HUNGRY_S = 10.0
_CHUNKS_AHEAD = 2  # per partition: one in a transaction, one being prepared


class Most(NamedTuple):
    """The most that one fetch may bring: records, and bytes of their values."""

    records: int
    bytes: int


class Fetched(NamedTuple):
    """Start and end of a log interval, the records in it, how often reading was interrupted before, and the bytes of
    the records' values."""

    start: int | None
    end: int
    records: Sequence[ConsumerRecord]
    interruptions: int
    size: int


class Free(NamedTuple):
    """Partitions that may be read further, and the most that one fetch of all of them may bring; None: a whole
    chunk."""

    partitions: Set[TP]
    most: Most | None


@dataclass(slots=True)
class _Held:
    """What is read ahead of one topic or partition. ``since``: since when a topic has had all it may have and none of
    that has come through, or a partition has had nothing."""

    chunks: int = 0
    records: int = 0
    bytes: int = 0
    since: float | None = None

    @property
    def is_small(self) -> bool:
        """Whether more may be read, to be processed together with what waits already."""
        return self.records < SMALL_RECORDS and self.bytes < SMALL_BYTES

    def lasts(self, seconds: float, now: float, *, holds: bool) -> bool:
        """Whether a condition, which ``holds`` or does not at ``now``, has held for more than ``seconds``."""
        self.since = (now if self.since is None else self.since) if holds else None
        return self.since is not None and now - self.since > seconds

    def add(self, chunk: Fetched, sign: int) -> None:
        """Count one chunk more; with a ``sign`` of -1 one less."""
        self.chunks += sign
        self.records += sign * len(chunk.records)
        self.bytes += sign * chunk.size


class PrefetchLimit:
    """Counts each partition's chunks between the fetcher and the end of their units, and the records and bytes of all.

    A small record with its headers takes about 3 kB as Python objects. So ``max_records`` and ``max_bytes`` (of values)
    bound the memory, whatever the number of partitions; one fetch may exceed them. Each topic has an equal part.
    Otherwise, if a stage and the one before it are both behind, the other's chunks would leave it small ones, and the
    fewer records a chunk has, the more the stage writes for each.

    Lanes that wait for a broker may hold all of that for as long as the broker is away. So once nothing was free for
    two seconds, and no whole chunk came through, a partition that holds no chunk may have one in any case: its share of
    as much again, at most, for all partitions. Such chunks are small, and each of their records costs more. So in a
    mere backlog only a partition that has had nothing for ten seconds gets one: a lane that gets nothing for longer
    seems to stand still.
    """

    def __init__(self, max_records: int, max_bytes: int) -> None:
        self._max_records, self._max_bytes = max_records, max_bytes
        self._held: defaultdict[str, _Held] = defaultdict(_Held)
        self._ahead: defaultdict[TP, _Held] = defaultdict(_Held)
        self._freed = asyncio.Event()

    def free(self, partitions: Set[TP], now: float) -> list[Free]:
        """Which of the partitions that are read may be read further at ``now`` (seconds)."""
        topics = {tp.topic for tp in partitions}
        full = {topic for topic in topics if self._is_full(self._held[topic], len(topics))}
        stuck = {topic for topic in topics if self._held[topic].lasts(_STUCK_S, now, holds=topic in full)}
        ahead = {tp: self._ahead[tp] for tp in partitions}
        hungry = {tp for tp, held in ahead.items() if held.lasts(_HUNGRY_S, now, holds=not held.chunks)}
        whole = {tp for tp, held in ahead.items() if tp.topic not in full and self._may_have_more(held)}
        beyond = {tp for tp in partitions - whole if not ahead[tp].chunks and (tp.topic in stuck or tp in hungry)}
        found = [Free(whole, None), Free(beyond, self._share(len(partitions)) if beyond else None)]
        return [free for free in found if free.partitions]

    def _is_full(self, held: _Held, topics: int) -> bool:
        return held.records >= self._max_records // topics or held.bytes >= self._max_bytes // topics

    @staticmethod
    def _may_have_more(ahead: _Held) -> bool:
        return ahead.chunks < _CHUNKS_AHEAD or ahead.is_small

    def _share(self, partitions: int) -> Most:
        return Most(max(1, min(START, self._max_records // partitions)), max(1, self._max_bytes // partitions))

    def take(self, tp: TP, chunk: Fetched, *, is_whole: bool = True) -> Callable[[], None]:
        """Count one more chunk; return what gives its place back. ``is_whole``: its fetch could bring a whole chunk, so
        its end shows that the topic gets on."""
        of_topic, of_partition = self._held[tp.topic], self._ahead[tp]
        of_topic.add(chunk, 1)
        of_partition.add(chunk, 1)

        def release() -> None:
            of_topic.add(chunk, -1)
            of_partition.add(chunk, -1)
            if is_whole:
                of_topic.since = None
            self._freed.set()

        return release

    async def freed(self, timeout: float) -> None:
        """Wait until a place was given back, at most ``timeout`` seconds."""
        self._freed.clear()
        try:
            async with asyncio.timeout(timeout):
                await self._freed.wait()
        except TimeoutError:
            return


def split(fetched: Fetched, max_records: int, max_bytes: int) -> Iterator[Fetched]:
    """Cut a log interval into ones of at most so many records and bytes of values, but at least one record. A fetch is
    bounded in compressed bytes only, and one transaction holds up every reader behind it."""
    start, records, left = fetched.start, fetched.records, fetched.size
    if len(records) > max_records or left > max_bytes:
        first, size = 0, 0
        for index, record in enumerate(records):
            length = len(record.value or b"")
            if index > first and (index - first >= max_records or size + length > max_bytes):
                end = records[index - 1].offset + 1
                yield Fetched(start, end, records[first:index], fetched.interruptions, size)
                start, left, first, size = end, left - size, index, 0
            size += length
        records = records[first:]
    yield Fetched(start, fetched.end, records, fetched.interruptions, left)
