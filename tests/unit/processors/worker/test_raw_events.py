"""Reading single records of raw again: what is answered, and that no question keeps others from their answers."""

import asyncio
from collections.abc import AsyncIterator, Callable, Collection, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager
from types import SimpleNamespace
from typing import Any

import pytest
from aiokafka import TopicPartition
from aiokafka.errors import KafkaConnectionError
from structlog.testing import capture_logs

from bridge.kafka.words import in_words
from bridge.settings import Settings
from processors.worker import raw_events
from processors.worker.raw_events import RawEventReader

SETTINGS = Settings(tenant="acme", partitions=2)
RAW = SETTINGS.topics.raw
Offsets = Mapping[TopicPartition, int]


class Kafka:
    """A raw topic with the records 3 to 8 in each partition; for the partition that `fails` names, the answer is
    `failure`."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.fails: int | None = None
        self.failure: Exception = ValueError("a bug")
        self.answers = asyncio.Event()
        self.answers.set()

        @asynccontextmanager
        async def reader(_settings: Settings, _fetch_bytes: int) -> AsyncIterator[Kafka]:
            yield self

        async def bounds(_consumer: Kafka, of: Collection[TopicPartition]) -> tuple[Offsets, Offsets]:
            return dict.fromkeys(of, 3), dict.fromkeys(of, 9)

        async def read_range(_consumer: Kafka, starts: Offsets, ends: Offsets) -> AsyncIterator[list[Any]]:
            ((tp, start),) = starts.items()
            await self.answers.wait()
            if tp.partition == self.fails:
                raise self.failure
            yield [
                SimpleNamespace(partition=tp.partition, offset=offset, value=b"%d" % offset)
                for offset in range(start, ends[tp])
            ]

        for name, instead in (("reader", reader), ("bounds", bounds), ("read_range", read_range)):
            monkeypatch.setattr(raw_events, name, instead)
        monkeypatch.setattr(raw_events, "_RETRY_S", 0.0)


@contextmanager
def running() -> Iterator[RawEventReader]:
    reader = RawEventReader(SETTINGS)
    task = asyncio.create_task(reader.run())
    yield reader
    assert not task.done()
    task.cancel()


async def until(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(30):
        while not condition():
            await asyncio.sleep(0)


async def test_the_answer_has_what_raw_has_still(monkeypatch: pytest.MonkeyPatch) -> None:
    Kafka(monkeypatch)
    with running() as reader:
        reader.ask(0, ["0:2", "0:3", "0:8", "1:5"])
        await until(lambda: reader.answer(0) is not None)
        assert reader.answer(0) == {"0:3": b"3", "0:8": b"8", "1:5": b"5"}


@pytest.mark.parametrize("nowhere", ["", "nonsense", "0:", ":5", "2:5", "-1:5", "0:5:5"])
async def test_what_is_no_place_in_raw_is_left_out(monkeypatch: pytest.MonkeyPatch, nowhere: str) -> None:
    Kafka(monkeypatch)
    with running() as reader:
        reader.ask(0, [nowhere, "0:3"])
        await until(lambda: reader.answer(0) is not None)
        assert reader.answer(0) == {"0:3": b"3"}


async def test_a_question_that_cannot_be_answered_costs_only_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    kafka = Kafka(monkeypatch)
    kafka.fails = 1
    with running() as reader:
        reader.ask(0, ["1:3"])
        reader.ask(1, ["0:3"])
        await until(lambda: reader.answer(1) is not None)
        assert reader.answer(0) is None
        kafka.fails = None
        await until(lambda: reader.answer(0) is not None)
        assert reader.answer(0) == {"1:3": b"3"}


async def test_why_kafka_does_not_give_them_is_told_in_words(monkeypatch: pytest.MonkeyPatch) -> None:
    kafka = Kafka(monkeypatch)
    kafka.fails, kafka.failure = 0, KafkaConnectionError("Connection at kafka-2:9092 closed")
    with capture_logs() as lines, running() as reader:
        reader.ask(0, ["0:3"])
        await until(lambda: bool(lines))
    assert lines[0]["error"] == in_words(kafka.failure, SETTINGS)


async def test_it_is_told_whose_question_is_read_for_and_no_longer_than_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    """Only that partition looks again at once. Others, and those whose question failed, would do so in vain."""
    kafka = Kafka(monkeypatch)
    kafka.fails = 1
    kafka.answers.clear()
    with running() as reader:
        reader.ask(0, ["1:3"])
        reader.ask(1, ["0:3"])
        await until(lambda: reader.is_reading(0))
        assert not reader.is_reading(1)
        monkeypatch.setattr(raw_events, "_RETRY_S", 60.0)
        kafka.answers.set()
        await until(lambda: not reader.is_reading(0))
        assert not reader.is_reading(1), "nor for anybody until the next try"
    with running() as reader:
        reader.ask(1, ["0:3"])
        await until(lambda: reader.answer(1) is not None)
        assert not reader.is_reading(1)


async def test_what_lies_behind_the_end_of_raw_is_waited_for_and_holds_up_nobody(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Nobody says that it is not there: a broker that was cut off from its peers knows an old end."""
    Kafka(monkeypatch)
    with running() as reader:
        reader.ask(0, ["0:9"])
        reader.ask(1, ["0:3"])
        await until(lambda: reader.answer(1) is not None)
        assert reader.answer(0) is None
