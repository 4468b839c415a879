"""When the first record of raw was received: who is asked, how often, and what is said until there is an answer."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager

import pytest
from aiokafka import TopicPartition
from aiokafka.errors import KafkaConnectionError
from aiokafka.structs import OffsetAndTimestamp
from structlog.testing import capture_logs

from bridge.kafka.words import in_words
from bridge.settings import Settings
from processors.worker import first_record
from processors.worker.first_record import FirstRecord

SETTINGS = Settings(tenant="acme", partitions=3)
Answer = Mapping[int, int] | Exception
"""When the first record of each partition that has one was received, or why Kafka does not answer."""


class Kafka:
    """Gives these answers, one after the other. `exhausted` is set once all were given."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, *answers: Answer) -> None:
        self._answers, self.given = list(answers), 0
        self.exhausted = asyncio.Event()

        @asynccontextmanager
        async def reader(_settings: Settings) -> AsyncIterator[Kafka]:
            yield self

        monkeypatch.setattr(first_record, "reader", reader)
        monkeypatch.setattr(first_record, "_PAUSE_S", 0)

    async def offsets_for_times(
        self, asked: Mapping[TopicPartition, int]
    ) -> dict[TopicPartition, OffsetAndTimestamp | None]:
        assert {(tp.topic, tp.partition, at) for tp, at in asked.items()} == {
            (SETTINGS.topics.raw, number, 0) for number in range(3)
        }
        answer = self._answers[self.given]
        self.given += 1
        if self.given == len(self._answers):
            self.exhausted.set()
        if isinstance(answer, Exception):
            raise answer
        return {tp: OffsetAndTimestamp(7, answer[tp.partition]) if tp.partition in answer else None for tp in asked}


async def turns(count: int = 20) -> None:
    """Let other tasks run."""
    for _ in range(count):
        await asyncio.sleep(0)


async def told(first: FirstRecord, kafka: Kafka) -> int | None:
    """What is told once somebody has asked until all answers were given."""
    running = asyncio.create_task(first.run())
    try:
        async with asyncio.timeout(30):
            while not kafka.exhausted.is_set():
                first.first_received()
                await asyncio.sleep(0)
        await turns()
        return first.first_received()
    finally:
        running.cancel()


async def test_nobody_is_asked_before_somebody_wants_to_know(monkeypatch: pytest.MonkeyPatch) -> None:
    kafka, first = Kafka(monkeypatch, {0: 5}), FirstRecord(SETTINGS)
    running = asyncio.create_task(first.run())
    await turns()
    assert kafka.given == 0
    running.cancel()


async def test_the_earliest_of_all_partitions_counts_and_is_asked_for_once(monkeypatch: pytest.MonkeyPatch) -> None:
    kafka, first = Kafka(monkeypatch, {0: 500, 2: 300}), FirstRecord(SETTINGS)
    assert first.first_received() is None
    assert await told(first, kafka) == 300
    running = asyncio.create_task(first.run())
    await turns()
    assert (first.first_received(), kafka.given) == (300, 1)
    running.cancel()


async def test_while_kafka_is_away_nobody_knows(monkeypatch: pytest.MonkeyPatch) -> None:
    kafka, first = Kafka(monkeypatch, KafkaConnectionError(), KafkaConnectionError(), {1: 9}), FirstRecord(SETTINGS)
    with capture_logs() as lines:
        assert await told(first, kafka) == 9
    assert kafka.given == 3
    assert [line["error"] for line in lines] == [in_words(KafkaConnectionError(), SETTINGS)] * 2


async def test_what_nobody_expects_does_not_end_it(monkeypatch: pytest.MonkeyPatch) -> None:
    """The error would end the app."""
    kafka, first = Kafka(monkeypatch, ValueError("a bug"), {1: 9}), FirstRecord(SETTINGS)
    assert await told(first, kafka) == 9


async def test_where_raw_is_empty_it_is_said_so_and_asked_again(monkeypatch: pytest.MonkeyPatch) -> None:
    assert await told(FirstRecord(SETTINGS), Kafka(monkeypatch, {})) == 0
    assert await told(FirstRecord(SETTINGS), Kafka(monkeypatch, {}, {}, {0: 4})) == 4
