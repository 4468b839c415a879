"""Reads single raw records again, in the background."""

import asyncio
from collections.abc import Collection, Iterator, Mapping
from itertools import groupby
from typing import Final, NoReturn

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.errors import KafkaError

from bridge.ending import raise_if_cancelled
from bridge.kafka.reading import Source, bounds, partitions, read_range, reader
from bridge.kafka.words import in_words
from bridge.log import get_logger
from bridge.settings import Settings

log = get_logger(__name__)

_NEAR: Final = 100
"""Records at most so many offsets apart are read in one go, with what lies between them."""
_FETCH_BYTES: Final = 64 << 10
"""Little: what comes behind the last wanted record stays in memory until it is collected. A larger record still comes
whole."""
_RETRY_S: Final = 5.0


class RawEventReader:
    """Answers `processors.orders.upgrade`. It connects at the first question."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._questions: dict[int, Collection[str]] = {}
        self._answers: dict[int, Mapping[str, bytes]] = {}
        self._asked = asyncio.Event()
        self._reading: int | None = None
        """The partition whose question is being answered."""

    def ask(self, partition: int, sources: Collection[str]) -> None:
        """See `RawEvents`."""
        self._answers.pop(partition, None)
        self._questions[partition] = sources
        self._asked.set()

    def answer(self, partition: int) -> Mapping[str, bytes] | None:
        """See `RawEvents`."""
        return self._answers.get(partition)

    def is_reading(self, partition: int) -> bool:
        """See `RawEvents`."""
        return partition == self._reading

    def forget(self, partition: int) -> None:
        """See `RawEvents`."""
        self._answers.pop(partition, None)

    async def run(self) -> NoReturn:
        """Answer until cancelled. It tries again after a failure; a question that failed waits behind all others."""
        while True:
            await self._asked.wait()
            try:
                async with reader(self._settings, _FETCH_BYTES) as consumer:
                    while True:
                        await self._answer(consumer)
                        await self._asked.wait()
            except (KafkaError, OSError) as error:
                log.warning("older orders wait for raw", error=in_words(error, self._settings))
            except Exception:
                log.exception("older orders wait for raw")
            raise_if_cancelled()
            await asyncio.sleep(_RETRY_S)

    async def _answer(self, consumer: AIOKafkaConsumer) -> None:
        while self._questions:
            partition = self._reading = next(iter(self._questions))
            sources = self._questions[partition] = self._questions.pop(partition)  # if it fails, the others are next
            try:
                answer = await self._read(consumer, self._places(sources))
            finally:
                self._reading = None
            if self._questions.get(partition) is sources:  # nobody asked anew meanwhile
                del self._questions[partition]
                self._answers[partition] = answer
        self._asked.clear()

    def _places(self, texts: Collection[str]) -> set[Source]:
        """The sources that these texts name. A text that is no place in raw is logged and left out."""
        found = set()
        for text in texts:
            try:
                source = Source.parse(text.encode())
            except ValueError:
                source = None
            if source is not None and 0 <= source.partition < self._settings.partitions:
                found.add(source)
            else:
                log.warning("no place in raw, the event counts as not there any more", source=text)
        return found

    async def _read(self, consumer: AIOKafkaConsumer, sources: Collection[Source]) -> dict[str, bytes]:
        """The values of these records, as far as raw still has them.

        LookupError: a source lies behind the end of raw. A broker that was cut off from its peers may report such an
        end; waiting for it here would keep all other questions waiting.
        """
        topic = self._settings.topics.raw
        firsts, ends = await bounds(consumer, partitions(self._settings, [topic]))
        found = {}
        there = [each for each in sources if each.offset >= firsts[TopicPartition(topic, each.partition)]]
        if beyond := [each for each in there if each.offset >= ends[TopicPartition(topic, each.partition)]]:
            raise LookupError(f"{', '.join(map(str, beyond))}: raw ends before that")
        for run in runs(there):
            tp = TopicPartition(topic, run[0].partition)
            async for records in read_range(consumer, {tp: run[0].offset}, {tp: run[-1].offset + 1}):
                for record in records:
                    if (source := Source(record.partition, record.offset)) in sources:
                        found[str(source)] = record.value
        return found


def runs(sources: Collection[Source]) -> Iterator[list[Source]]:
    """Group sources of one partition that lie near each other, in the order of their offsets."""
    for _, of_one in groupby(sorted(sources), key=lambda source: source.partition):
        run: list[Source] = []
        for source in of_one:
            if run and source.offset - run[-1].offset > _NEAR:
                yield run
                run = []
            run.append(source)
        yield run
