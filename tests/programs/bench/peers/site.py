"""Where a turn takes place: a deployment of its own on the shared broker, filled so that contenders see everything at
once."""

import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Final

from confluent_kafka import ConsumerGroupState, KafkaException, Producer
from confluent_kafka.admin import AdminClient

from bridge.settings import Settings
from tests.integration.waiting import PATIENCE
from tests.programs.bench.deployment import deployed
from tests.programs.bench.peers.workloads import PARTITIONS, RawRecord
from tests.programs.checker.reading import TopicReader

_MARKERS: Final = 100
"""Transaction markers, at most, behind a partition's last record."""

Place = tuple[str, int]
"""A topic and a partition."""


@dataclass(frozen=True, slots=True)
class Found:
    """How many of the events that went in are lost or duplicated for a reader of committed records."""

    lost: int
    duplicated: int


@dataclass(frozen=True, slots=True)
class Filled:
    """How many records went in, when they became visible, and the offset behind each partition's last record."""

    count: int
    began: float
    behind_last: Mapping[Place, int]


class Site:
    """The topics of one turn. `expected`: the ids of the events so far. `servers`: the broker's addresses."""

    def __init__(self, settings: Settings, group: str) -> None:
        self.settings, self.group = settings, group
        self.servers = ",".join(settings.kafka_bootstrap_servers)
        self.expected = set[bytes]()
        self._admin = AdminClient({"bootstrap.servers": self.servers})
        self._reader = TopicReader(self.servers, group)

    def fill(self, records: Iterable[RawRecord]) -> Filled:
        """Write records to raw. All become visible to readers of committed records at one moment."""
        settings = {
            "bootstrap.servers": self.servers,
            "transactional.id": f"{self.settings.topic_prefix}.filler",
            "transaction.timeout.ms": 300_000,
            "linger.ms": 50,
            "batch.size": 1_000_000,
            "compression.type": self.settings.compression,
        }
        producer = Producer(settings)
        producer.init_transactions(PATIENCE)
        producer.begin_transaction()
        count, topic = 0, self.settings.topics.raw
        for count, record in enumerate(records, start=1):  # noqa: B007 - counted
            self.expected.add(record.id_)
            while True:
                try:
                    producer.produce(topic, record.value, record.key, record.partition, headers=record.headers)
                    break
                except BufferError:
                    producer.poll(0.1)
        producer.flush()
        behind_last = self.ends([topic])
        began = time.monotonic()
        producer.commit_transaction(PATIENCE)
        return Filled(count, began, behind_last)

    def ends(self, topics: Iterable[str]) -> dict[Place, int]:
        """The ends of all partitions, open transactions included."""
        return self._reader.ends(_places(topics), committed=False)

    def committed(self, topics: Iterable[str]) -> dict[Place, int]:
        """What the contender's group has committed; 0 if nothing."""
        places = _places(topics)
        return dict.fromkeys(places, 0) | self._reader.committed(places)

    def members(self) -> int:
        """How many members the contender's group has once they have shared out the partitions; 0 until then."""
        try:
            (found,) = self._admin.describe_consumer_groups([self.group]).values()
            return len(found.result().members) if found.result().state is ConsumerGroupState.STABLE else 0
        except KafkaException:
            return 0  # there is no such group yet

    def found(self) -> Found:
        """Read the cleaned topics to their ends."""
        starts = dict.fromkeys(_places(self.settings.topics.cleaned.values()), 0)
        ids = [record.headers["ce_id"] for record in self._reader.stream(starts)]
        unique = set(ids)
        return Found(lost=len(self.expected - unique), duplicated=len(ids) - len(unique))

    def behind_last(self, topic: str) -> dict[Place, int]:
        """The offset behind the last committed record of each partition. Behind that are transaction markers."""
        starts = {place: max(end - _MARKERS, 0) for place, end in self.ends([topic]).items()}
        behind = dict.fromkeys(starts, 0)
        for record in self._reader.stream(starts):
            behind[record.topic, record.partition] = record.offset + 1
        return behind

    def clear(self) -> None:
        """Delete its topics, so that the broker has the same work in every turn."""
        self._reader.close()
        names = [each for each in self._admin.list_topics(timeout=PATIENCE).topics if self._is_mine(each)]
        for deleted in self._admin.delete_topics(names).values():
            deleted.result()

    def _is_mine(self, topic: str) -> bool:
        return f"{self.settings.topic_prefix}." in topic


def _places(topics: Iterable[str]) -> list[Place]:
    return [(topic, each) for topic in topics for each in range(PARTITIONS)]


@contextmanager
def sited(bootstrap_servers: str, group: Callable[[Settings], str]) -> Iterator[Site]:
    """A site for a contender with this consumer group; cleared at the end."""
    with deployed(bootstrap_servers, PARTITIONS) as settings:
        site = Site(settings, group(settings))
        try:
            yield site
        finally:
            site.clear()
