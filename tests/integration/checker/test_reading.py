"""What the checker takes for processed is committed; an offset that a transaction still holds is not. What it takes for
work left are records."""

from collections.abc import Iterator
from contextlib import closing

import pytest
from confluent_kafka import Consumer, Producer, TopicPartition
from confluent_kafka.admin import AdminClient, NewTopic

from deploy.local.kafka import LocalKafka
from tests.integration.markers import wait_until_ended
from tests.integration.waiting import PATIENCE, wait_until
from tests.programs.checker.names import RAW, Names
from tests.programs.checker.reading import TopicReader


class Group:
    """Commits offsets of the raw topic's only partition in transactions, one at a time."""

    def __init__(self, bootstrap_servers: str, names: Names) -> None:
        self._bootstrap_servers = bootstrap_servers
        connection = {"bootstrap.servers": bootstrap_servers, "log_level": 0}
        admin = AdminClient(connection)
        admin.create_topics([NewTopic(names.topic(RAW), 1)])[names.topic(RAW)].result(PATIENCE)
        self._partition = names.topic(RAW), 0
        self._consumer = Consumer({**connection, "group.id": names.group})
        self._producer = Producer({**connection, "transactional.id": names.group})
        self._producer.init_transactions(PATIENCE)
        self._reader = TopicReader(bootstrap_servers, names.group)

    def close(self) -> None:
        """Release the clients."""
        self._reader.close()
        self._consumer.close()

    def begin(self, offset: int) -> None:
        """Return once a transaction holds this offset."""
        self._producer.begin_transaction()
        offsets = [TopicPartition(*self._partition, offset)]
        self._producer.send_offsets_to_transaction(offsets, self._consumer.consumer_group_metadata(), PATIENCE)

    def commit(self, offset: int) -> None:
        """Commit it in a transaction of its own."""
        self.begin(offset)
        self.end()
        wait_until("the offset is committed", lambda: self.seen() == offset, self.seen)

    def end(self) -> None:
        """Commit what has begun."""
        self._producer.commit_transaction(PATIENCE)

    def abort(self) -> None:
        """Give up what has begun."""
        self._producer.abort_transaction(PATIENCE)

    def produce(self, count: int) -> None:
        """So many records, committed in a transaction of their own, whose marker is one offset more."""
        self._producer.begin_transaction()
        for _ in range(count):
            self._producer.produce(self._partition[0], b"", partition=0)
        self.end()
        wait_until_ended(self._bootstrap_servers, self._partition[0])

    def has_records(self, start: int) -> bool:
        """Whether the checker finds any from there on."""
        return self._reader.with_records({self._partition: start}) == {self._partition}

    def offsets(self) -> list[int]:
        """Offsets of the records that the checker reads."""
        return [record.offset for record in self._reader.read({self._partition: 0})]

    def seen(self) -> int | None:
        """The offset that the checker reads."""
        return self._reader.committed([self._partition]).get(self._partition)


@pytest.fixture
def group(kafka: LocalKafka, prefix: str) -> Iterator[Group]:
    """A group without an offset."""
    with closing(Group(kafka.bootstrap_servers, Names(prefix))) as group:
        yield group


def test_an_offset_that_a_transaction_holds_is_not_the_groups_yet(group: Group) -> None:
    assert group.seen() is None
    group.commit(1)
    group.begin(2)
    assert group.seen() == 1
    group.end()
    wait_until("the offset is committed", lambda: group.seen() == 2, group.seen)


def test_an_offset_that_an_aborted_transaction_held_never_is(group: Group) -> None:
    group.commit(1)
    group.begin(2)
    group.abort()
    assert group.seen() == 1
    group.commit(3)


def test_records_are_work_left_and_markers_are_none(group: Group) -> None:
    """However many records there are. A reader that has looked no further than the first still reads all."""
    assert not group.has_records(0)
    group.produce(3)
    group.produce(2)
    assert [group.has_records(start) for start in range(7)] == [True] * 6 + [False]
    assert group.offsets() == [0, 1, 2, 4, 5]
