"""Counts the conflicts that wait for somebody to accept them. It reads their topic in the background.

A conflict and the raw record that accepts it have the same key, so they are in partitions of the same number. The table
of that raw lane says whether the conflict was accepted. Conflicts from before a change of the partition count may lie
elsewhere, and are not counted.
"""

import asyncio
import time
from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Final, NoReturn, Protocol

from aiokafka import AIOKafkaConsumer, TopicPartition
from faust.types import TP

from bridge import metrics
from bridge.ending import raise_if_cancelled
from bridge.kafka.partitioner import partition_for
from bridge.kafka.reading import Record, bounds, read_range, reader
from bridge.kafka.words import in_words
from bridge.log import get_logger
from bridge.settings import Settings
from processors.dedupe.agent import TABLE
from processors.dedupe.decision import accepted_key
from schemas.headers import RULES
from schemas.keytable import KeyTable

log = get_logger(__name__)

MOST: Final = 10_000
"""Newest conflicts of a partition that are looked at: each open one is looked up every time."""
_PAUSE_S: Final = 15.0
_FETCH_BYTES: Final = 1 << 20
_AT_ONCE: Final = 256
"""Rows read at once, in a fraction of a millisecond of the event loop."""


class Table(Protocol):
    """What is needed of a table's partition."""

    def get_many(self, keys: Sequence[bytes]) -> list[bytes | None]:
        """Rows in the order of ``keys``."""


class Tables(Protocol):
    """What is needed of the lanes."""

    def assigned(self) -> Mapping[TP, object]:
        """Every lane that this worker is to run."""

    def table(self, name: str, tp: TP) -> Table | None:
        """The table's partition that the lane of ``tp`` maintains; None unless it is up to date and ours."""


class _Partition:
    """A partition of the conflicts topic, read up to `next`. `held`: by offset, the times (ms) of conflicts that are
    not accepted; `counted`: how many there were when all were last looked at, None before that."""

    def __init__(self, first: int) -> None:
        self.next, self.held = first, dict[int, int]()
        self.counted: int | None = None


class OpenConflicts:
    """Counts open conflicts while it runs. ``table``: the key rules in force."""

    def __init__(self, settings: Settings, table: KeyTable) -> None:
        self._settings, self._table = settings, table
        self._retention_ms = settings.dedupe_retention // timedelta(milliseconds=1)
        self._partitions: dict[int, _Partition] = {}

    async def run(self, lanes: Tables) -> NoReturn:
        """Count until cancelled. While Kafka is away there is no number."""
        try:
            while True:
                try:
                    async with reader(self._settings, _FETCH_BYTES) as consumer:
                        while True:
                            metrics.conflicts_open.set(await self._count(consumer, lanes))
                            await asyncio.sleep(_PAUSE_S)
                except Exception as error:  # noqa: BLE001 - Kafka's or the tables': a number is not worth a worker
                    log.warning("it is not known how many conflicts are open", error=in_words(error, self._settings))
                    metrics.conflicts_open.set(None)
                raise_if_cancelled()
                await asyncio.sleep(_PAUSE_S)
        finally:
            metrics.conflicts_open.set(None)

    async def _count(self, consumer: AIOKafkaConsumer, lanes: Tables) -> int | None:
        """The open conflicts of this worker's partitions; None: it has no partitions now, or one was never counted.

        While a lane is not open it makes no conflicts, so its last count stays: a number that falls would look as if
        somebody had accepted them. A partition without conflicts is counted even if its lane is not open.
        """
        mine = [tp.partition for tp in lanes.assigned() if tp.topic == self._settings.topics.raw]
        await self._read(consumer, mine)
        for number in mine:
            await self._drop_accepted(number, lanes)
        counted = [self._partitions[number].counted for number in mine]
        known = [count for count in counted if count is not None]
        return sum(known) if known and len(known) == len(counted) else None

    def _accepted_in(self, lanes: Tables, number: int) -> Table | None:
        return lanes.table(TABLE, TP(self._settings.topics.raw, number))

    async def _read(self, consumer: AIOKafkaConsumer, numbers: Sequence[int]) -> None:
        self._partitions = {number: known for number, known in self._partitions.items() if number in numbers}
        topic = self._settings.topics.conflicts
        begins, ends = await bounds(consumer, [TopicPartition(topic, number) for number in numbers])
        for tp, end in ends.items():
            known = self._partitions.setdefault(tp.partition, _Partition(0))
            if end < known.next:  # the topic was created anew
                known = self._partitions[tp.partition] = _Partition(0)
            known.next = max(known.next, begins[tp], end - MOST)
        starts = {tp: self._partitions[tp.partition].next for tp in ends}
        async for records in read_range(consumer, starts, ends):
            for record in records:
                if self._is_held_back(record):
                    self._partitions[record.partition].held[record.offset] = record.timestamp
        for tp, end in ends.items():
            self._partitions[tp.partition].next = max(starts[tp], end)

    def _is_held_back(self, record: Record) -> bool:
        key, rules = record.key or b"", dict(record.headers).get(RULES, b"")
        return (
            partition_for(key, self._settings.partitions) == record.partition
            and self._table.recognises(rules, key)
            and self._table.rule(key.decode("utf-8", "replace")).documented
        )

    async def _drop_accepted(self, number: int, lanes: Tables) -> None:
        partition = self._partitions[number]
        newest, since = partition.next - MOST, time.time_ns() // 1_000_000 - self._retention_ms
        partition.held = {place: at for place, at in partition.held.items() if place >= newest and at >= since}
        offsets = list(partition.held)
        for start in range(0, len(offsets), _AT_ONCE):
            some = offsets[start : start + _AT_ONCE]
            table = self._accepted_in(lanes, number)
            if table is None:  # another worker has the lane by now, or it is not open
                return
            rows = table.get_many([accepted_key(b"%d:%d" % (number, offset)) for offset in some])
            for offset, row in zip(some, rows, strict=True):
                if row is not None:
                    del partition.held[offset]
            await asyncio.sleep(0)
        partition.counted = len(partition.held)
