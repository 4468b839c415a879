"""Searches topics for records from a time on, and notes what was read."""

from collections.abc import AsyncGenerator, Callable, Collection
from contextlib import aclosing
from dataclasses import dataclass
from typing import Final

from aiokafka import AIOKafkaConsumer, TopicPartition

from bridge.kafka.reading import Offsets, Record, at_time, bounds, read_range
from commands.terminal.progress import OnProgress
from commands.terminal.typed import now_ms
from processors.orders.verdict.text import counted
from schemas.instant import rfc3339_millis

MOST: Final = 200_000
"""Records that one search reads."""
_TO_MS: Final = 1_000
"""Precision of the search for a starting time: some 17 steps for a day."""


@dataclass(slots=True)
class Searched:
    """What was read: some partitions of a topic, from the first record received at that time (ms) or later.

    `ended`: up to the present end; otherwise the record was found earlier, or `MOST` were read. `cut`: older records
    were asked for and left out, because there were more than `MOST`.
    """

    topic: str
    partitions: tuple[int, ...]
    from_ms: int
    records: int = 0
    ended: bool = False
    cut: bool = False

    def told(self) -> str:
        """As a line of text."""
        which = "partition" if len(self.partitions) == 1 else "partitions"
        until = "to the present end" if self.ended else "no further" if self.records < MOST else "no further: too many"
        numbers = ", ".join(map(str, self.partitions))
        start = rfc3339_millis(self.from_ms)
        return f"{self.topic}, {which} {numbers}, received since {start}: {counted(self.records, 'record')}, {until}"


class Search:
    """Reads with one consumer, one search at a time. `searched`: what it has read."""

    def __init__(self, consumer: AIOKafkaConsumer, on_read: OnProgress) -> None:
        self.consumer, self._on_read = consumer, on_read
        self.searched: list[Searched] = []

    async def scan(
        self, topic: str, numbers: Collection[int], from_ms: int, *, recent: bool = False
    ) -> AsyncGenerator[Record, None]:
        """Records of these partitions from that time (ms) on; earlier ones may be among them. If there are more than
        `MOST`, the oldest, or with `recent` the latest. KafkaError: no answer."""
        of = [TopicPartition(topic, number) for number in sorted(numbers)]
        starts, ends = await bounds(self.consumer, of)
        starts = await at_time(self.consumer, from_ms, starts, ends)
        note = Searched(topic, tuple(sorted(numbers)), max(0, from_ms))
        if recent and _size(starts, ends) > MOST:
            note.from_ms, starts = await self._latest(note.from_ms, starts, ends)
            note.cut = True
        self.searched.append(note)
        async with aclosing(read_range(self.consumer, starts, ends)) as batches:
            async for records in batches:
                self._on_read(len(records))
                for record in records:
                    if note.records == MOST:
                        return
                    note.records += 1
                    yield record
        note.ended = True

    async def _latest(self, from_ms: int, starts: Offsets, ends: Offsets) -> tuple[int, Offsets]:
        """The time from which at most `MOST` records were received, and their first offsets."""
        early, late = from_ms, max(from_ms, now_ms())
        while _size(found := await at_time(self.consumer, late, starts, ends), ends) > MOST:  # this clock is behind
            early, late = late, late + max(late - from_ms, _TO_MS)
        while late - early > _TO_MS:
            middle = (early + late) // 2
            begin = await at_time(self.consumer, middle, starts, ends)
            if _size(begin, ends) > MOST:
                early = middle
            else:
                late, found = middle, begin
        return late, found

    async def first(
        self,
        topic: str,
        numbers: Collection[int],
        from_ms: int,
        is_it: Callable[[Record], bool],
        *,
        recent: bool = False,
    ) -> Record | None:
        """The first matching record; None: not found. `recent`: as for `scan`."""
        async with aclosing(self.scan(topic, numbers, from_ms, recent=recent)) as records:
            async for record in records:
                if is_it(record):
                    return record
        return None


def _size(starts: Offsets, ends: Offsets) -> int:
    """Offsets between them: at least as many as records, because transaction markers have offsets, too."""
    return sum(end - starts[partition] for partition, end in ends.items())
