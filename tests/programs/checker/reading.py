"""Reads topics to their ends, committed records only, by a client that the bridge does not use."""

import time
from collections.abc import Iterator, Mapping, Sequence

from confluent_kafka import IsolationLevel, KafkaError, KafkaException, Message, TopicPartition
from confluent_kafka.admin import OffsetSpec

from tests.programs.checker.clients import PATIENCE, Clients
from tests.programs.checker.record import Record
from tests.programs.checker.record import TopicPartition as Partition

_REQUEST = 10.0  # seconds until an unanswered question is asked again
_RESULT = 30.0
_SILENCE = 10.0  # seconds without a message until another client reads on
_WAIT = 0.1  # consume() waits that long unless it gets all of its 1,000 messages
_READER = {"isolation.level": "read_committed", "enable.partition.eof": True, "fetch.wait.max.ms": 20}


class TopicReader:
    """Reads as `group` without being a member of it; never commits anything."""

    def __init__(self, bootstrap_servers: str, group: str) -> None:
        self._clients = Clients(bootstrap_servers, group)
        self._consumer = self._clients.consumer(_READER)

    def close(self) -> None:
        """Release the clients."""
        self._consumer.close()
        self._clients.close()

    def partitions(self, topic: str) -> list[Partition]:
        """All partitions of the topic. KafkaException: there is no such topic."""

        def ask() -> list[Partition]:
            found = self._clients.admin.list_topics(topic, timeout=_REQUEST).topics[topic]
            if found.error is not None:
                raise KafkaException(found.error)
            return [(topic, partition) for partition in sorted(found.partitions)]

        return self._clients.answer(ask)

    def begins(self, partitions: Sequence[Partition]) -> dict[Partition, int]:
        """The first offset of each partition."""
        return self._offsets(partitions, OffsetSpec.earliest(), IsolationLevel.READ_UNCOMMITTED)

    def ends(self, partitions: Sequence[Partition], *, committed: bool) -> dict[Partition, int]:
        """The end of each partition. `committed`: as readers of committed records see it, before any open
        transaction."""
        level = IsolationLevel.READ_COMMITTED if committed else IsolationLevel.READ_UNCOMMITTED
        return self._offsets(partitions, OffsetSpec.latest(), level)

    def committed(self, partitions: Sequence[Partition]) -> dict[Partition, int]:
        """The group's offset of each partition that has one, before any open transaction."""
        asked = [TopicPartition(*partition) for partition in partitions]
        answers = self._clients.answer(lambda: self._clients.group.committed(asked, _REQUEST))
        for answer in answers:
            if answer.error is not None:
                raise KafkaException(answer.error)
        return {(answer.topic, answer.partition): answer.offset for answer in answers if answer.offset >= 0}

    def read(self, starts: Mapping[Partition, int]) -> list[Record]:
        """The committed records from these offsets to the present ends, each partition in its order."""
        return list(self.stream(starts))

    def stream(self, starts: Mapping[Partition, int]) -> Iterator[Record]:
        """The same one by one. The caller must go through to the end before it reads anything else."""
        yield from map(_record, self._messages(dict(starts)))

    def with_records(self, starts: Mapping[Partition, int]) -> set[Partition]:
        """Which partitions now have a committed record from their offset on. Whoever waits asks again and again, so
        nothing is read behind the first record."""
        left, found = dict(starts), set()
        for message in self._messages(left):
            found.add(partition := (message.topic(), message.partition()))
            del left[partition]
        return found

    def _messages(self, left: dict[Partition, int]) -> Iterator[Message]:
        """`left`: where to go on in each partition that is not read to its end. Nothing more comes from a partition
        that the caller takes out."""
        ends = self.ends(list(left), committed=True)
        for partition in [partition for partition, start in left.items() if start >= ends[partition]]:
            del left[partition]
        try:
            yield from self._up_to(ends, left)
        finally:
            self._consumer.unassign()

    def _up_to(self, ends: Mapping[Partition, int], left: dict[Partition, int]) -> Iterator[Message]:
        self._assign(left)
        since, deadline = time.monotonic(), time.monotonic() + PATIENCE
        while left:
            messages, now = self._consumer.consume(1000, _WAIT), time.monotonic()
            if not all(map(Message.error, messages)):
                since, deadline = now, now + PATIENCE
            elif now > deadline:
                raise TimeoutError(f"{sorted(left)} not read: nothing came for {PATIENCE:g} s")
            elif now > since + _SILENCE:
                self._consumer.close()
                self._consumer, since = self._clients.consumer(_READER), now
                self._assign(left)
            for message in messages:
                partition, error, offset = (message.topic(), message.partition()), message.error(), message.offset()
                if error is None and partition in left and offset < ends[partition]:
                    left[partition] = offset + 1
                    yield message
                elif error is not None and error.code() != KafkaError._PARTITION_EOF:
                    if error.fatal():
                        raise KafkaException(error)
                    continue  # a broker is away; the client looks for it by itself
                if offset >= ends[partition] - 1:
                    left.pop(partition, None)

    def _assign(self, left: Mapping[Partition, int]) -> None:
        self._consumer.assign([TopicPartition(*partition, start) for partition, start in left.items()])

    def _offsets(
        self, partitions: Sequence[Partition], spec: OffsetSpec, level: IsolationLevel
    ) -> dict[Partition, int]:
        asked = {TopicPartition(*partition): spec for partition in partitions}

        def ask() -> dict[Partition, int]:
            answers = self._clients.admin.list_offsets(asked, isolation_level=level, request_timeout=_REQUEST)
            return {(tp.topic, tp.partition): answer.result(_RESULT).offset for tp, answer in answers.items()}

        return self._clients.answer(ask)


def _record(message: Message) -> Record:
    headers = {name: value for name, value in message.headers() or () if value is not None}
    _, timestamp = message.timestamp()
    return Record(
        message.topic(), message.partition(), message.offset(), message.key(), message.value(), headers, timestamp
    )
