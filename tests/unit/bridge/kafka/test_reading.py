"""Reading a range while Kafka is there, slow, or away."""

from collections.abc import Iterable, Mapping
from types import SimpleNamespace
from typing import Any

import pytest
from aiokafka.errors import KafkaTimeoutError
from aiokafka.structs import TopicPartition

from bridge.kafka import reading
from bridge.kafka.reading import read_range

FIRST, SECOND = TopicPartition("raw", 0), TopicPartition("raw", 1)


class Kafka:
    """A consumer that gives these batches (partition and offset, or nothing), and then nothing more."""

    def __init__(self, *batches: tuple[TopicPartition, int] | None, answers: bool) -> None:
        self._batches, self._answers = list(batches), answers
        self._positions = dict[TopicPartition, int]()
        self.asked = list[list[TopicPartition]]()

    def assign(self, partitions: Iterable[TopicPartition]) -> None:
        self._positions = dict.fromkeys(partitions, 0)

    def seek(self, partition: TopicPartition, offset: int) -> None:
        self._positions[partition] = offset

    async def position(self, partition: TopicPartition) -> int:
        return self._positions[partition]

    async def getmany(self, *_: TopicPartition, **__: int) -> Mapping[TopicPartition, list[Any]]:
        batch = self._batches.pop(0) if self._batches else None
        if batch is None:
            return {}
        partition, offset = batch
        self._positions[partition] = offset + 1
        return {partition: [SimpleNamespace(partition=partition.partition, offset=offset, timestamp=0)]}

    async def end_offsets(self, of: list[TopicPartition]) -> Mapping[TopicPartition, int]:
        self.asked.append(of)
        if not self._answers:
            raise KafkaTimeoutError("Failed to get offsets by times in 10000 ms")
        return {}


async def read(kafka: Kafka, ends: Mapping[TopicPartition, int], found: list[tuple[int, int]]) -> None:
    async for records in read_range(kafka, dict.fromkeys(ends, 0), dict(ends)):
        found += [(record.partition, record.offset) for record in records]


@pytest.fixture
def hasty(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading, "_SILENCE_S", -1.0)


@pytest.mark.usefixtures("hasty")
async def test_where_kafka_has_gone_away_it_ends() -> None:
    """A consumer gives nothing, and no error: readers waited for ever."""
    kafka, found = Kafka((FIRST, 0), (SECOND, 0), answers=False), list[tuple[int, int]]()
    with pytest.raises(KafkaTimeoutError):
        await read(kafka, {FIRST: 1, SECOND: 2}, found)
    assert (found, kafka.asked) == ([(0, 0), (1, 0)], [[SECOND]])


@pytest.mark.usefixtures("hasty")
async def test_one_that_answers_is_only_slow() -> None:
    kafka, found = Kafka((FIRST, 0), None, (FIRST, 1), answers=True), list[tuple[int, int]]()
    await read(kafka, {FIRST: 2}, found)
    assert (found, kafka.asked) == ([(0, 0), (0, 1)], [[FIRST]])


async def test_a_short_pause_asks_nobody() -> None:
    kafka, found = Kafka(None, (FIRST, 0), None, (FIRST, 1), answers=False), list[tuple[int, int]]()
    await read(kafka, {FIRST: 2}, found)
    assert (len(found), kafka.asked) == (2, [])
