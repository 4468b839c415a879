"""How much is read ahead, and how much goes into one chunk."""

import asyncio
from collections import Counter
from collections.abc import Callable, Iterator, Sequence, Set

from aiokafka.structs import ConsumerRecord
from faust.types import TP

_CHUNKS_AHEAD = 2  # one in a transaction, one being prepared


class PrefetchLimit:
    """Counts the chunks of each partition between the fetcher and the end of their unit."""

    def __init__(self) -> None:
        self._taken: Counter[TP] = Counter()
        self._freed = asyncio.Event()

    def free(self, partitions: Set[TP]) -> set[TP]:
        """Those that may be read further."""
        return {tp for tp in partitions if self._taken[tp] < _CHUNKS_AHEAD}

    def take(self, tp: TP) -> Callable[[], None]:
        """Count one more chunk; returns what gives its place back."""
        self._taken[tp] += 1

        def release() -> None:
            self._taken[tp] -= 1
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


def split(
    start: int | None, end: int, records: Sequence[ConsumerRecord], max_records: int, max_bytes: int
) -> Iterator[tuple[int | None, int, Sequence[ConsumerRecord]]]:
    """Cut the log interval ``[start, end)`` into ones of at most so many records and bytes of values (but at least
    one record): a fetch is bounded in compressed bytes only, and one transaction holds up every reader behind it."""
    first, size = 0, 0
    for index, record in enumerate(records):
        length = len(record.value or b"")
        if index > first and (index - first >= max_records or size + length > max_bytes):
            yield start, records[index - 1].offset + 1, records[first:index]
            start, first, size = records[index - 1].offset + 1, index, 0
        size += length
    yield start, end, records[first:]
