"""Topics read to their ends by a client that the bridge does not use, committed records only."""

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import TypeVar

from confluent_kafka import Consumer, IsolationLevel, KafkaError, KafkaException, Message, TopicPartition
from confluent_kafka.admin import AdminClient, OffsetSpec

from tests.programs.checker.record import Record
from tests.programs.checker.record import TopicPartition as Partition

_PATIENCE = 30.0
_WAIT = 0.1  # consume() waits that long for the thousandth message, too
_COMES_UP = {  # a coordinator, or a partition's new leader
    KafkaError.NOT_COORDINATOR,
    KafkaError.COORDINATOR_NOT_AVAILABLE,
    KafkaError.COORDINATOR_LOAD_IN_PROGRESS,
    KafkaError.OFFSET_NOT_AVAILABLE,
    KafkaError.UNKNOWN_LEADER_EPOCH,
    KafkaError.NOT_LEADER_FOR_PARTITION,
    KafkaError._NOENT,  # no partition has a leader just now
}

T = TypeVar("T")


class TopicReader:
    """Reads as ``group``, without being a member of it; nothing is ever committed."""

    def __init__(self, bootstrap_servers: str, group: str) -> None:
        connection = {"bootstrap.servers": bootstrap_servers, "reconnect.backoff.max.ms": 200, "log_level": 0}
        self._admin = AdminClient(connection)
        settings = {**connection, "group.id": group, "enable.auto.commit": False}
        self._consumer = Consumer(
            {
                **settings,
                "isolation.level": "read_committed",
                "enable.partition.eof": True,
                "fetch.wait.max.ms": 20,
            }
        )
        # With read_committed a client asks again, slower and slower, until no transaction holds an offset: seconds,
        # where one follows the other.
        self._group = Consumer({**settings, "isolation.level": "read_uncommitted"})

    def close(self) -> None:
        """Release the clients."""
        self._consumer.close()
        self._group.close()

    def partitions(self, topic: str) -> list[Partition]:
        """All partitions of the topic; raises KafkaException if there is no such topic."""
        found = self._admin.list_topics(topic, timeout=_PATIENCE).topics[topic]
        if found.error is not None:
            raise KafkaException(found.error)
        return [(topic, partition) for partition in sorted(found.partitions)]

    def begins(self, partitions: Sequence[Partition]) -> dict[Partition, int]:
        """First offset of each partition."""
        return self._offsets(partitions, OffsetSpec.earliest(), IsolationLevel.READ_UNCOMMITTED)

    def ends(self, partitions: Sequence[Partition], *, committed: bool) -> dict[Partition, int]:
        """End of each partition; ``committed``: of what its readers may see, before any open transaction."""
        level = IsolationLevel.READ_COMMITTED if committed else IsolationLevel.READ_UNCOMMITTED
        return self._offsets(partitions, OffsetSpec.latest(), level)

    def committed(self, partitions: Sequence[Partition]) -> dict[Partition, int]:
        """The group's offset of each partition that has one, before any open transaction."""
        asked = [TopicPartition(*partition) for partition in partitions]
        answers = _answer(lambda: self._group.committed(asked, _PATIENCE))
        return {(answer.topic, answer.partition): answer.offset for answer in answers if answer.offset >= 0}

    def read(self, starts: Mapping[Partition, int]) -> list[Record]:
        """Committed records from these offsets to the ends as they are now, each partition in its order."""
        return list(self.stream(starts))

    def stream(self, starts: Mapping[Partition, int]) -> Iterator[Record]:
        """The same one by one. To be gone through to its end, before anything else is read."""
        ends = self.ends(list(starts), committed=True)
        with self._assigned({partition: start for partition, start in starts.items() if start < ends[partition]}):
            yield from (_record(message) for message in self._messages(ends))

    def _messages(self, ends: Mapping[Partition, int]) -> Iterator[Message]:
        behind = {(assigned.topic, assigned.partition) for assigned in self._consumer.assignment()}
        deadline = time.monotonic() + _PATIENCE
        while behind:
            if time.monotonic() > deadline:
                raise TimeoutError(f"{behind} not read: nothing came for {_PATIENCE:g} s")
            messages = self._consumer.consume(1000, _WAIT)
            if messages:
                deadline = time.monotonic() + _PATIENCE
            for message in messages:
                partition = message.topic(), message.partition()
                error = message.error()
                if error is None and message.offset() < ends[partition]:
                    yield message
                elif error is not None and error.code() != KafkaError._PARTITION_EOF:
                    if error.fatal():
                        raise KafkaException(error)
                    continue  # a broker is away; the client looks for it by itself
                if message.offset() >= ends[partition] - 1:
                    behind.discard(partition)

    @contextmanager
    def _assigned(self, starts: Mapping[Partition, int]) -> Iterator[None]:
        self._consumer.assign([TopicPartition(*partition, start) for partition, start in starts.items()])
        try:
            yield
        finally:
            self._consumer.unassign()

    def _offsets(
        self, partitions: Sequence[Partition], spec: OffsetSpec, level: IsolationLevel
    ) -> dict[Partition, int]:
        asked = {TopicPartition(*partition): spec for partition in partitions}

        def ask() -> dict[Partition, int]:
            answers = self._admin.list_offsets(asked, isolation_level=level, request_timeout=_PATIENCE)
            return {(tp.topic, tp.partition): answer.result(_PATIENCE).offset for tp, answer in answers.items()}

        return _answer(ask)


def _answer(ask: Callable[[], T]) -> T:
    """Of Kafka; whoever is to give it may be coming up still."""
    deadline = time.monotonic() + _PATIENCE
    while True:
        try:
            return ask()
        except KafkaException as error:
            if error.args[0].code() not in _COMES_UP or time.monotonic() > deadline:
                raise
        time.sleep(_WAIT)


def _record(message: Message) -> Record:
    headers = {name: value for name, value in message.headers() or () if value is not None}
    _, timestamp = message.timestamp()
    return Record(
        message.topic(), message.partition(), message.offset(), message.key(), message.value(), headers, timestamp
    )
