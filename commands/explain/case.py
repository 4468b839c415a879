"""What all steps of an explanation share."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Final

from aiokafka import TopicPartition
from aiokafka.admin import AIOKafkaAdminClient

from bridge.kafka.group import committed_offsets
from bridge.kafka.partitioner import partition_for
from bridge.kafka.reading import Source
from bridge.settings import Settings
from commands.explain.search import Search
from commands.explain.worker import Worker
from schemas.keytable import KeyTable
from schemas.text import percent_encode

_DAY_MS: Final = 86_400_000


@dataclass(frozen=True, slots=True)
class Case:
    """`counts`: all partition counts that there have been; `table`: the key rules in force; `since_ms`: where reading a
    topic begins if nothing tells the time."""

    settings: Settings
    search: Search
    worker: Worker
    admin: AIOKafkaAdminClient
    counts: Collection[int]
    table: KeyTable
    since_ms: int

    @property
    def encoded_tenant(self) -> str:
        """The tenant as event ids begin with it."""
        return percent_encode(self.settings.tenant)

    def homes(self, key: bytes) -> Collection[int]:
        """The partitions that may have records with this key."""
        counts = {*self.counts, self.settings.partitions}
        return {home for count in counts if (home := partition_for(key, count)) < self.settings.partitions}

    def since(self, received_ms: int) -> int:
        """From when on (ms) to read topics about a record of this time: a day before it, or earlier."""
        return min(self.since_ms, received_ms - _DAY_MS)

    async def is_processed(self, raw: Source) -> bool:
        """Whether a worker has decided on a raw record. KafkaError: the group cannot be asked."""
        partition = TopicPartition(self.settings.topics.raw, raw.partition)
        committed = await committed_offsets(self.admin, self.settings.group_id, [partition])
        return committed.get(partition, -1) > raw.offset
