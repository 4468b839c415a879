import asyncio
import contextlib

import pytest
from aiokafka.errors import KafkaConnectionError

from bridge import topics_watch
from bridge.settings import Settings
from bridge.topics_watch import TopicsWatch


class Broker:
    """`bridge.topics.check`: one answer after the other; then it waits, and swallows being cancelled."""

    def __init__(self, *answers: tuple[str, ...] | Exception) -> None:
        self._answers = list(answers)
        self.exhausted = asyncio.Event()

    async def check(self, _settings: Settings) -> tuple[str, ...]:
        if self._answers:
            answer = self._answers.pop(0)
            if isinstance(answer, Exception):
                raise answer
            return answer
        self.exhausted.set()
        with contextlib.suppress(asyncio.CancelledError):
            await asyncio.Event().wait()
        return ()


async def watched(
    monkeypatch: pytest.MonkeyPatch, *answers: tuple[str, ...] | Exception
) -> tuple[TopicsWatch, asyncio.Task[None]]:
    """A watch that has seen these answers and waits for the next."""
    broker = Broker(*answers)
    monkeypatch.setattr("bridge.topics_watch.topics.check", broker.check)
    monkeypatch.setattr(topics_watch, "AGAIN_S", 0)
    monkeypatch.setattr(topics_watch, "INTERVAL_S", 0)
    watch = TopicsWatch(Settings(tenant="acme"))
    task = asyncio.create_task(watch.run())
    await broker.exhausted.wait()
    return watch, task


async def test_before_the_first_answer_nothing_counts_as_right(monkeypatch: pytest.MonkeyPatch) -> None:
    watch, task = await watched(monkeypatch)
    assert watch.kafka()
    assert watch.topics()
    task.cancel()


async def test_what_is_wrong_with_the_topics_is_told_and_forgotten_once_it_is_right(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    watch, task = await watched(monkeypatch, ("a.raw.v1 does not exist.", "b has 3 partitions."))
    assert watch.kafka() is None
    assert watch.topics() == "a.raw.v1 does not exist. b has 3 partitions."
    task.cancel()
    watch, task = await watched(monkeypatch, ("a.raw.v1 does not exist.",), ())
    assert watch.topics() is None
    task.cancel()


async def test_a_kafka_that_does_not_answer_is_asked_again(monkeypatch: pytest.MonkeyPatch) -> None:
    watch, task = await watched(monkeypatch, (), KafkaConnectionError("no broker"))
    assert "no broker" in str(watch.kafka())
    task.cancel()
    watch, task = await watched(monkeypatch, KafkaConnectionError("no broker"), ())
    assert watch.kafka() is None
    task.cancel()


async def test_it_ends_even_if_the_asking_swallows_its_cancellation(monkeypatch: pytest.MonkeyPatch) -> None:
    """aiokafka does so while it closes a client; SIGTERM then waited for ever."""
    _, task = await watched(monkeypatch)
    task.cancel()
    await asyncio.wait({task})
    assert task.cancelled()
