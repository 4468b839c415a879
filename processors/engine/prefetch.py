"""How much is read ahead, and how much goes into one chunk."""

import asyncio
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence, Set
from typing import NamedTuple

from aiokafka.structs import ConsumerRecord
from faust.types import TP

from processors.engine.unit_size import START

_PATIENCE_S = 1.0
_CHUNKS_AHEAD = 2  # per partition: one in a transaction, one being prepared


class Most(NamedTuple):
    """What one fetch may bring: so many records, and so many bytes of values."""

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


class PrefetchLimit:
    """Counts the chunks of each partition between the fetcher and the end of their units; records and bytes of all.

    A small record with its headers takes about 3 kB as Python objects, so ``max_records`` and ``max_bytes`` (of values)
    bound the memory, whatever the number of partitions. What one fetch brings may exceed them.

    Lanes that wait for a broker may hold all of that for as long as it is away. So once nothing was free for a second,
    a partition that holds no chunk may have one in any case, of its `share`: as much again at most, of all of them.
    """

    def __init__(self, max_records: int, max_bytes: int) -> None:
        self._max_records, self._max_bytes = max_records, max_bytes
        self._records = self._bytes = 0
        self._chunks: Counter[TP] = Counter()
        self._freed = asyncio.Event()
        self._full_since: float | None = None

    def free(self, partitions: Set[TP], now: float) -> set[TP]:
        """Those that may be read further at ``now`` (seconds)."""
        if not self._is_full:
            self._full_since, most = None, _CHUNKS_AHEAD
        else:
            self._full_since = now if self._full_since is None else self._full_since
            most = int(now - self._full_since > _PATIENCE_S)
        return {tp for tp in partitions if self._chunks[tp] < most}

    def share(self, partitions: int) -> Most | None:
        """What a fetch may bring beyond the limit, where so many partitions are read; None: it is not reached."""
        if not self._is_full:
            return None
        return Most(max(1, min(START, self._max_records // partitions)), max(1, self._max_bytes // partitions))

    @property
    def _is_full(self) -> bool:
        return self._records >= self._max_records or self._bytes >= self._max_bytes

    def take(self, tp: TP, chunk: Fetched) -> Callable[[], None]:
        """Count one more chunk; returns what gives its place back."""
        count, size = len(chunk.records), chunk.size
        self._chunks[tp] += 1
        self._records += count
        self._bytes += size

        def release() -> None:
            self._chunks[tp] -= 1
            self._records -= count
            self._bytes -= size
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


def size_of(records: Iterable[ConsumerRecord]) -> int:
    """Bytes of their values."""
    return sum([len(record.value or b"") for record in records])


def split(fetched: Fetched, max_records: int, max_bytes: int) -> Iterator[Fetched]:
    """Cut a log interval into ones of at most so many records and bytes of values (but at least one record): a fetch is
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
