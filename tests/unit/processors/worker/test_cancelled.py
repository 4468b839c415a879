"""Tasks that ask Kafka beside a worker's work end with its app, though aiokafka's `stop` may swallow their
cancellation. The next app's tasks ask the same, and tell the same metrics."""

import asyncio
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager, suppress
from types import SimpleNamespace
from typing import Any

import pytest
from aiokafka.errors import KafkaConnectionError
from faust.types import TP

from bridge.settings import Settings
from processors.engine.log_ends import LogBounds, LogEnds
from processors.engine.overrides.metadata import Broker
from processors.worker import caught_up, first_record, open_conflicts, raw_events
from processors.worker.caught_up import CaughtUp
from processors.worker.first_record import FirstRecord
from processors.worker.open_conflicts import OpenConflicts
from processors.worker.raw_events import RawEventReader

SETTINGS = Settings(tenant="acme", partitions=1)
BOUNDS = LogBounds(begin=0, stable_end=5, high_watermark=5, leader=Broker(1, "kafka", 9092), leader_epoch=0)


class Kafka:
    """Answers, or fails so that the app crashes. Its client swallows a cancellation while it stops."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.fails, self.stopping = False, asyncio.Event()
        for module in (caught_up, first_record, open_conflicts, raw_events):
            monkeypatch.setattr(module, "reader", self.reader)
        for module in (open_conflicts, raw_events):
            monkeypatch.setattr(module, "bounds", self.bounds)
        monkeypatch.setattr(first_record, "first_received", self.first_received)
        monkeypatch.setattr(caught_up, "admin_client", self.admin_client)
        monkeypatch.setattr(caught_up, "further", self.further)
        monkeypatch.setattr(LogEnds, "bounds", self.log_bounds)

    @asynccontextmanager
    async def admin_client(self, _: Settings) -> AsyncIterator[object]:
        yield object()

    @asynccontextmanager
    async def reader(self, *_: object) -> AsyncIterator[object]:
        try:
            yield object()
        finally:
            if not self.stopping.is_set():
                self.stopping.set()
                with suppress(asyncio.CancelledError):
                    await asyncio.Event().wait()

    async def bounds(self, _consumer: object, of: list[Any]) -> tuple[dict[Any, int], dict[Any, int]]:
        self._answer()
        return dict.fromkeys(of, 0), dict.fromkeys(of, 0)

    async def first_received(self, *_: object) -> int:
        self._answer()
        return 0

    async def further(self, *asked: Any) -> dict[Any, int]:
        self._answer()
        return asked[-1]  # type: ignore[no-any-return] # the ends

    async def log_bounds(self, tps: list[Any]) -> dict[Any, LogBounds]:
        return dict.fromkeys(tps, BOUNDS)

    def _answer(self) -> None:
        if self.fails:
            raise KafkaConnectionError


def conflicts() -> Coroutine[Any, Any, object]:
    lanes: Any = SimpleNamespace(assigned=lambda: {TP(SETTINGS.topics.raw, 0): None}, table=lambda *_: object())
    return OpenConflicts(SETTINGS, SETTINGS.key_table).run(lanes)


def first() -> Coroutine[Any, Any, object]:
    asked = FirstRecord(SETTINGS)
    asked.first_received()
    return asked.run()


def raw() -> Coroutine[Any, Any, object]:
    asked = RawEventReader(SETTINGS)
    asked.ask(0, ["0:1"])
    return asked.run()


def whether_caught_up() -> Coroutine[Any, Any, object]:
    asked = CaughtUp(SETTINGS)
    asked.ask(0)
    return asked.run(dict)


@pytest.mark.parametrize(
    ("asking", "fails"),
    [
        (conflicts, True),
        (first, True),
        (first, False),
        (raw, True),
        (whether_caught_up, True),
        (whether_caught_up, False),
    ],
)
async def test_it_ends_with_its_app(
    asking: Callable[[], Coroutine[Any, Any, object]], monkeypatch: pytest.MonkeyPatch, *, fails: bool
) -> None:
    kafka = Kafka(monkeypatch)
    kafka.fails = fails
    task = asyncio.create_task(asking())
    async with asyncio.timeout(10):
        await kafka.stopping.wait()
        task.cancel()
        await asyncio.wait({task})
    assert task.cancelled()
