"""Group commit: what arrives while Kafka writes one batch of a partition shares the next one.

With nothing in flight a record is sent at once, so a quiet sender does not wait for company.
"""

import asyncio
import copy
from collections import deque
from collections.abc import Callable
from typing import Any, Final, Protocol

from aiokafka.errors import MessageSizeTooLargeError, RecordListTooLargeError, TopicAuthorizationFailedError

from bridge.intake import Record
from bridge.kafka_words import error_name
from bridge.log import get_logger
from ingress.answers import RecordRefused, Unavailable
from ingress.invalid_record import InvalidRecordError

log = get_logger(__name__)

RECORD_ERRORS: Final = (MessageSizeTooLargeError, RecordListTooLargeError, InvalidRecordError)
"""Errors that lie in a record itself: sending it again would change nothing."""


class RefusedTogether(Exception):  # noqa: N818 - named after the situation
    """Kafka refused a batch of several records for a reason that lies in one of them."""


class Producer(Protocol):
    """What is needed of a producer; see `ingress.producer`."""

    def create_batch(self) -> Any:
        """An empty batch builder."""

    async def send_batch(self, batch: Any, topic: str, partition: int) -> None:
        """Return once the batch is durable; else raise."""

    async def abandon(self) -> None:
        """Stop without delivering what is still queued."""


class _Batch:
    __slots__ = ("acks", "builder", "opened_at")

    def __init__(self, builder: Any, opened_at: float) -> None:
        self.builder = builder
        self.opened_at = opened_at
        self.acks: list[asyncio.Future[None]] = []

    def settle(self, error: Exception | None) -> None:
        for ack in self.acks:
            if ack.done():  # its request was cancelled
                continue
            if error is None:
                ack.set_result(None)
            else:
                ack.set_exception(copy.copy(error))  # raised once per request, each with its own traceback


class GroupCommit:
    """Appends records through one producer. After the first failure it is of no more use.

    An idempotent producer numbers its batches; one that was refused leaves a gap that aiokafka never closes,
    so everything behind it would be refused too. `broken` is resolved with the failure's cause.
    """

    def __init__(
        self, producer: Producer, clock: Callable[[], float], in_words: Callable[[BaseException], str] = error_name
    ) -> None:
        self._producer = producer
        self._clock, self._in_words = clock, in_words
        self._loop = asyncio.get_running_loop()
        self._partitions: dict[tuple[str, int], deque[_Batch]] = {}
        self._senders: set[asyncio.Task[None]] = set()
        self._last_ack = clock()
        self.broken: asyncio.Future[Exception] = self._loop.create_future()

    def append(self, record: Record) -> asyncio.Future[None]:
        """Resolves once this record is durable; else RecordRefused, RefusedTogether or Unavailable."""
        where = (record.topic, record.partition)
        batches = self._partitions.get(where)
        if batches is None:
            batches = self._partitions[where] = deque()
            sender = self._loop.create_task(self._send(where, batches))
            self._senders.add(sender)
            sender.add_done_callback(self._senders.discard)
        ack: asyncio.Future[None] = self._loop.create_future()
        self._batch_with(batches, record).acks.append(ack)
        return ack

    def overdue(self, now: float, silence: float, patience: float) -> bool:
        """Whether no ack came for `silence` seconds though one was due, or one record waits `patience` seconds."""
        opened = [batches[0].opened_at for batches in self._partitions.values() if batches]
        if not opened:
            return False
        oldest = min(opened)
        return now - max(oldest, self._last_ack) > silence or now - oldest > patience

    def close(self) -> None:
        """Fail whatever is not acknowledged yet."""
        for sender in self._senders:
            sender.cancel()
        for batches in self._partitions.values():
            for batch in batches:
                batch.settle(Unavailable("Kafka did not acknowledge the record"))
        self._partitions.clear()

    def _batch_with(self, batches: deque[_Batch], record: Record) -> _Batch:
        # A batch that was handed over is closed: its builder refuses, as a full one does.
        if batches and _fits(batches[-1].builder, record):
            return batches[-1]
        batch = _Batch(self._producer.create_batch(), self._clock())
        _fits(batch.builder, record)  # an empty batch takes a record of any size
        batches.append(batch)
        return batch

    async def _send(self, where: tuple[str, int], batches: deque[_Batch]) -> None:
        topic, partition = where
        while batches:
            batch = batches[0]
            batch.builder.close()
            error = await self._delivered(batch, topic, partition)
            batches.popleft()
            batch.settle(error)
        del self._partitions[where]

    async def _delivered(self, batch: _Batch, topic: str, partition: int) -> Exception | None:
        try:
            await self._producer.send_batch(batch.builder, topic, partition)
        except Exception as cause:  # noqa: BLE001 - whatever it is, the record is not known to be durable
            # A missing permission concerns one topic; it must not stop the others.
            if isinstance(cause, TopicAuthorizationFailedError):
                log.warning("Kafka refuses records", error=self._in_words(cause))
            elif not self.broken.done():
                self.broken.set_result(cause)
            return _classified(cause, len(batch.acks))
        self._last_ack = self._clock()
        return None


def _fits(builder: Any, record: Record) -> bool:
    appended = builder.append(timestamp=record.timestamp_ms, key=record.key, value=record.value, headers=record.headers)
    return appended is not None


def _classified(cause: Exception, records: int) -> Exception:
    if not isinstance(cause, RECORD_ERRORS):
        return Unavailable(error_name(cause))
    return RecordRefused(type(cause).__name__) if records == 1 else RefusedTogether(error_name(cause))
