"""Looking for records from a time on, with a note of what was looked at."""

from collections.abc import AsyncGenerator, Callable, Collection
from contextlib import aclosing
from dataclasses import dataclass
from typing import Final

from aiokafka import AIOKafkaConsumer, TopicPartition

from bridge.kafka.reading import Record, at_time, bounds, read_range
from commands.terminal.progress import OnProgress
from processors.orders.verdict.text import counted
from schemas.instant import rfc3339_millis

MOST: Final = 200_000
"""Records that one search looks at."""


@dataclass(slots=True)
class Searched:
    """What was read: some partitions of a topic, from the first record that was received at that time (ms) or later.
    `ended`: up to their present end; otherwise it was found before, or `MOST` records were read."""

    topic: str
    partitions: tuple[int, ...]
    from_ms: int
    records: int = 0
    ended: bool = False

    def told(self) -> str:
        """As a line for people."""
        which = "partition" if len(self.partitions) == 1 else "partitions"
        until = "to the present end" if self.ended else "no further" if self.records < MOST else "no further: too many"
        numbers = ", ".join(map(str, self.partitions))
        start = rfc3339_millis(self.from_ms)
        return f"{self.topic}, {which} {numbers}, received since {start}: {counted(self.records, 'record')}, {until}"


class Search:
    """Reads by one consumer, one thing after the other. `searched`: what it has looked at."""

    def __init__(self, consumer: AIOKafkaConsumer, on_read: OnProgress) -> None:
        self.consumer, self._on_read = consumer, on_read
        self.searched: list[Searched] = []

    async def scan(self, topic: str, numbers: Collection[int], from_ms: int) -> AsyncGenerator[Record, None]:
        """Records of these partitions, received at that time or later; others may be among them. KafkaError: no
        answer."""
        of = [TopicPartition(topic, number) for number in sorted(numbers)]
        starts, ends = await bounds(self.consumer, of)
        starts = await at_time(self.consumer, from_ms, starts, ends)
        note = Searched(topic, tuple(sorted(numbers)), max(0, from_ms))
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

    async def first(
        self, topic: str, numbers: Collection[int], from_ms: int, is_it: Callable[[Record], bool]
    ) -> Record | None:
        """The first such record; None: it was not found."""
        async with aclosing(self.scan(topic, numbers, from_ms)) as records:
            async for record in records:
                if is_it(record):
                    return record
        return None
