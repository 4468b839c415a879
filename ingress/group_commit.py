"""Group commit: records that arrive while Kafka writes one batch of a partition share the next one.

If nothing is in flight, a record is sent at once, so a quiet sender does not wait for company.
"""

import asyncio
import copy
from collections import deque
from collections.abc import Callable, Sequence
from typing import Any, Final, Protocol

from aiokafka.errors import (
    KafkaTimeoutError,
    MessageSizeTooLargeError,
    RecordListTooLargeError,
    RequestTimedOutError,
)

from bridge.intake import NewRecord
from bridge.kafka.aiokafka_defects import InvalidRecordError
from bridge.kafka.words import error_name
from bridge.log import get_logger
from ingress.answers import RecordRefused, Unavailable
from ingress.causes import DeliveryCause
from ingress.probation import Probation

log = get_logger(__name__)

_SIZE_ERRORS: Final = (MessageSizeTooLargeError, RecordListTooLargeError)
RECORD_ERRORS: Final = (*_SIZE_ERRORS, InvalidRecordError)
"""Errors that one record may have brought on all of its batch."""

STALLED_S: Final = 1.0


class Replaced(Exception):  # noqa: N818 - named after the situation
    """The producer was given up, and tells nothing about the record: the next one may take it."""


class Producer(Protocol):
    """What is needed of a producer; see `ingress.producer`."""

    def create_batch(self) -> Any:
        """An empty batch builder."""

    async def send_batch(self, batch: Any, topic: str, partition: int) -> None:
        """Return once the batch is durable; else raise."""

    async def abandon(self) -> None:
        """Stop without delivering what is still queued."""

    async def ended(self) -> None:
        """Return once the producer is of no more use."""


class _Batch:
    __slots__ = ("acks", "builder", "deadline", "opened_at", "records")

    def __init__(self, builder: Any, opened_at: float) -> None:
        self.builder = builder
        self.opened_at = opened_at
        self.deadline: asyncio.TimerHandle | None = None
        self.records: list[NewRecord] = []
        self.acks: list[asyncio.Future[None]] = []

    def takes(self, record: NewRecord, ack: asyncio.Future[None]) -> bool:
        """Add the record; return whether there was room: not if the batch is full, or handed over, so its builder is
        closed."""
        appended = self.builder.append(
            timestamp=record.timestamp_ms, key=record.key, value=record.value, headers=record.headers
        )
        if appended is None:
            return False
        self.records.append(record)
        self.acks.append(ack)
        return True

    def settle(self, error: Exception | None) -> None:
        self.forget_deadline()
        for ack in self.acks:
            if ack.done():  # its request was cancelled, or answered at the deadline
                continue
            if error is None:
                ack.set_result(None)
            else:
                ack.set_exception(copy.copy(error))  # raised once per request, each with its own traceback

    def expire(self, error: Exception) -> None:
        """Nobody waits for the batch any more, and no record joins it."""
        self.builder.close()
        self.settle(error)

    def forget_deadline(self) -> None:
        if self.deadline is not None:
            self.deadline.cancel()


class _Partition:
    """A topic's partition: its batches in order. While there is a sender, the first one is on its way."""

    __slots__ = ("batches", "probation", "sender", "waiting", "where")

    def __init__(self, where: tuple[str, int]) -> None:
        self.where = where
        self.batches: deque[_Batch] = deque()
        self.waiting = 0
        self.probation = Probation()
        self.sender: asyncio.Task[None] | None = None

    def give_up(self, error: Exception) -> None:
        while self.batches:
            self.settle(error)

    def settle(self, error: Exception | None) -> None:
        batch = self.batches.popleft()
        self.waiting -= len(batch.acks)
        batch.settle(error)


class GroupCommit:
    """Appends records through one producer. If Kafka does not acknowledge one partition, no other is concerned: in that
    one only one record a second is tried, until one is acknowledged, or the bridge itself objects to all.

    Once a partition has stood still for a second, at most `most_waiting` records wait for it, so that requests for
    others find room. A batch is given up `patience` seconds after its first record, and before its requests: these have
    an outcome within `deadline` seconds, whatever the producer does.
    """

    def __init__(
        self,
        producer: Producer,
        clock: Callable[[], float],
        in_words: Callable[[BaseException], str],
        *,
        patience: float,
        deadline: float,
        most_waiting: int,
    ) -> None:
        self.producer = producer
        self._clock, self._in_words = clock, in_words
        self._patience, self._deadline, self._most_waiting = patience, deadline, most_waiting
        self._loop = asyncio.get_running_loop()
        self._partitions: dict[tuple[str, int], _Partition] = {}
        self._last_outcome = clock()
        self.stuck = asyncio.Event()
        """Set once sending a batch took too long, and the producer had told nothing of any batch, good or bad, since
        that one was opened."""

    def append(self, record: NewRecord, since: float | None = None) -> asyncio.Future[None]:
        """Resolves once this record is durable; else RecordRefused, Unavailable or Replaced. `since`: when it began to
        wait, if not now. Unavailable, at once: too many wait for its partition, Kafka acknowledges nothing there, or
        the record has already waited too long."""
        where = (record.topic, record.partition)
        partition = self._partitions.get(where) or self._partitions.setdefault(where, _Partition(where))
        if since is not None and since + self._patience <= self._clock():  # its batch would fail those behind it, too
            raise Unavailable("Kafka did not acknowledge in time", DeliveryCause.NOT_ACKNOWLEDGED)
        if partition.waiting >= self._most_waiting or partition.probation.active:
            self._admit(partition)
        ack: asyncio.Future[None] = self._loop.create_future()
        batches = partition.batches
        may_join = batches and (since is None or batches[-1].opened_at <= since)
        if not (may_join and batches[-1].takes(record, ack)):
            batches.append(self._batch([(record, ack)], self._clock() if since is None else since))
        partition.waiting += 1
        if partition.sender is None:
            partition.sender = self._loop.create_task(self._send(partition))
        return ack

    def close(self) -> None:
        """Fail whatever is not acknowledged yet, with Replaced."""
        for partition in self._partitions.values():
            if partition.sender:
                partition.sender.cancel()
            partition.give_up(Replaced())
        self._partitions.clear()

    def _admit(self, partition: _Partition) -> None:
        now = self._clock()
        is_full = partition.waiting >= self._most_waiting
        if is_full and now - partition.batches[0].opened_at > STALLED_S:
            raise Unavailable("too many records wait for a partition that stands still", DeliveryCause.STANDING_STILL)
        if not partition.probation.admits(now):
            raise Unavailable("Kafka does not acknowledge", DeliveryCause.STANDING_STILL)

    def _batch(self, records: Sequence[tuple[NewRecord, asyncio.Future[None]]], opened_at: float) -> _Batch:
        batch = _Batch(self.producer.create_batch(), opened_at)
        for record, ack in records:
            batch.takes(record, ack)  # an empty batch takes a record of any size, and half a batch fits in one
        # One timer for a batch: a timeout for each request would cost a twelfth of all that is done for it.
        left = opened_at + self._deadline - self._clock()
        reason = f"Kafka did not acknowledge within {self._deadline:g} s"
        batch.deadline = self._loop.call_later(left, batch.expire, Unavailable(reason, DeliveryCause.NOT_ACKNOWLEDGED))
        return batch

    async def _send(self, partition: _Partition) -> None:
        try:
            await self._send_all(partition)
        finally:
            partition.sender = None

    async def _send_all(self, partition: _Partition) -> None:
        while partition.batches:
            batch = partition.batches[0]
            batch.builder.close()
            error = await self._delivered(batch, *partition.where)
            if error is None:
                partition.probation.end()
                partition.settle(None)
            elif isinstance(error, Unavailable):  # an objection: there is nothing to probe, so all hear of it at once
                partition.probation.end()
                partition.give_up(error)
            elif not isinstance(error, RECORD_ERRORS):
                partition.probation.begin(self._clock())
                partition.give_up(Unavailable(error_name(error), _cause(error)))
            elif len(batch.records) == 1:
                partition.settle(RecordRefused(error_name(error)))
            else:
                self._halve(partition)

    async def _delivered(self, batch: _Batch, topic: str, partition: int) -> Exception | None:
        left = batch.opened_at + self._patience - self._clock()
        if left <= 0:  # it waited behind others
            return TimeoutError()
        try:
            async with asyncio.timeout(left):
                await self.producer.send_batch(batch.builder, topic, partition)
        except TimeoutError as error:  # not the producer's: its own are KafkaErrors
            if self._last_outcome < batch.opened_at:
                self.stuck.set()
            return error.with_traceback(None)
        except Unavailable as objection:
            self._last_outcome = self._clock()
            return objection.with_traceback(None)
        except Exception as error:  # noqa: BLE001 - whatever it is, the records are not known to be durable
            self._last_outcome = self._clock()
            told = {"error": self._in_words(error), "topic": topic, "partition": partition}
            if isinstance(error, _SIZE_ERRORS) and len(batch.records) == 1:
                log.error("the topic takes less than the settings let through: a record is refused for good", **told)  # noqa: TRY400 - no defect
            else:
                log.warning("Kafka does not take records", **told)
            return error.with_traceback(None)  # its frames hold the batch
        self._last_outcome = self._clock()
        return None

    def _halve(self, partition: _Partition) -> None:
        """One record of the batch is the reason: look for it."""
        batch = partition.batches.popleft()
        batch.forget_deadline()
        both = list(zip(batch.records, batch.acks, strict=True))
        middle = len(both) // 2
        partition.batches.extendleft(self._batch(half, batch.opened_at) for half in (both[middle:], both[:middle]))


def _cause(error: Exception) -> DeliveryCause:
    is_silence = isinstance(error, TimeoutError | KafkaTimeoutError | RequestTimedOutError)
    return DeliveryCause.NOT_ACKNOWLEDGED if is_silence else DeliveryCause.KAFKA_ERROR
