"""Hand-written stand-ins for what the ingress talks to: a request's body, a Kafka producer, a writer."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any

from bridge.intake import NewRecord
from bridge.kafka.words import error_name
from ingress.group_commit import Producer as AnyProducer
from ingress.writer import Writer

MOST_WAITING = 2
"""How many records may wait for a partition that stands still."""

RECORD = NewRecord("raw", 0, b"order.created", b"{}", [], 1_700_000_000_000, "order.created")


def record(value: bytes, partition: int = 0) -> NewRecord:
    return RECORD._replace(value=value, partition=partition)


class Content:
    """aiohttp's StreamReader. `pieces` arrive one by one; a single piece has arrived already."""

    def __init__(self, *pieces: bytes, error: Exception | None = None) -> None:
        self._pieces = list(pieces)
        self._error = error
        self.read = 0

    def is_eof(self) -> bool:
        return len(self._pieces) <= 1 and self._error is None

    def read_nowait(self) -> bytes:
        piece = self._pieces.pop(0) if self._pieces else b""
        self.read += len(piece)
        return piece

    async def readany(self) -> bytes:
        if not self._pieces and self._error:
            raise self._error
        return self.read_nowait()


class Batch:
    """aiokafka's BatchBuilder, full after `room` records."""

    def __init__(self, room: int) -> None:
        self._room = room
        self.values: list[bytes] = []

    def append(self, *, value: bytes, **_others: Any) -> object | None:
        if len(self.values) >= self._room:
            return None
        self.values.append(value)
        return object()

    def close(self) -> None:
        self._room = 0


class Producer:
    """Keeps each batch until the test says what became of it."""

    def __init__(self, room: int = 100) -> None:
        self._room = room
        self.sent: list[tuple[int, list[bytes]]] = []
        self.outcomes: list[asyncio.Future[None]] = []
        self.handed_over = asyncio.Condition()
        self.abandoned, self.broken = asyncio.Event(), asyncio.Event()
        self.given_up: list[list[bytes]] = []

    def create_batch(self) -> Batch:
        return Batch(self._room)

    async def send_batch(self, batch: Batch, topic: str, partition: int) -> None:  # noqa: ARG002 - interface
        outcome = asyncio.get_running_loop().create_future()
        async with self.handed_over:
            self.sent.append((partition, batch.values))
            self.outcomes.append(outcome)
            self.handed_over.notify_all()
        try:
            await outcome
        except asyncio.CancelledError:
            self.given_up.append(batch.values)
            raise

    async def batches(self, count: int) -> None:
        """Return once `count` batches were handed over."""
        async with self.handed_over:
            await self.handed_over.wait_for(lambda: len(self.sent) >= count)

    async def abandon(self) -> None:
        self.abandoned.set()

    async def ended(self) -> None:
        await self.broken.wait()


class ReadyProducer(Producer):
    """Answers every batch at once: with the error that `refuse` gives for its values, or with success."""

    def __init__(self, refused: dict[bytes, Exception] | None = None) -> None:
        super().__init__()
        self._refused = refused or {}

    async def send_batch(self, batch: Batch, topic: str, partition: int) -> None:  # noqa: ARG002 - interface
        self.sent.append((partition, batch.values))
        for value in batch.values:
            if value in self._refused:
                raise self._refused[value]


class Kafka:
    """Gives its producers one after the other; raises an exception that takes the place of one."""

    def __init__(self, *attempts: AnyProducer | Exception) -> None:
        self._attempts = list(attempts)
        self.exhausted = asyncio.Event()

    async def connect(self) -> AnyProducer:
        if not self._attempts:
            self.exhausted.set()
            await asyncio.Event().wait()
        attempt = self._attempts.pop(0)
        if isinstance(attempt, Exception):
            raise attempt
        return attempt


@asynccontextmanager
async def running(kafka: Kafka, ack_timeout: timedelta = timedelta(minutes=1)) -> AsyncIterator[Writer]:
    """A writer that runs."""
    writer = Writer(kafka.connect, ack_timeout, 8 * MOST_WAITING, error_name)
    task = asyncio.create_task(writer.run())
    yield writer
    task.cancel()
    await asyncio.wait({task})
    await writer.close(1)


async def connected(writer: Writer) -> None:
    """Return once the writer has a producer."""
    while writer.problem:
        await asyncio.sleep(0)
