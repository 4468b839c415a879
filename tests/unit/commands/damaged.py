"""Logs with damaged batches, and a consumer that reads them as aiokafka's does, without a broker."""

import struct
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from aiokafka.consumer.fetcher import READ_COMMITTED, FetchResult, PartitionRecords
from aiokafka.record.default_records import DefaultRecordBatchBuilder
from aiokafka.record.memory_records import MemoryRecords
from aiokafka.structs import TopicPartition

TIME_MS: Final = 1_800_000_000_000
"""The time of every record."""
_MOST_FETCHES: Final = 10_000
_PLAIN: Final = {
    "magic": 2,
    "compression_type": 0,
    "is_transactional": 0,
    "producer_id": -1,
    "producer_epoch": -1,
    "base_sequence": -1,
    "batch_size": 1 << 20,
}


Headers = Sequence[tuple[str, bytes]]


class Batch:
    """A batch of these records (key, value, headers) from an offset on. `damaged`: one of its bits is flipped."""

    def __init__(self, offset: int, records: Sequence[tuple[bytes, bytes, Headers]], *, damaged: bool = False) -> None:
        builder = DefaultRecordBatchBuilder(**_PLAIN)
        for number, (key, value, headers) in enumerate(records):
            builder.append(number, TIME_MS, key, value, list(headers))
        written = bytearray(builder.build())
        struct.pack_into(">q", written, 0, offset)  # the checksum does not cover it
        if damaged:
            written[-2] ^= 1
        self.end, self.bytes = offset + len(records), bytes(written)


def batches(*sizes: int, damaged: Iterable[int] = ()) -> list[Batch]:
    """Consecutive batches of so many records. `damaged`: the indices of the damaged ones."""
    found, offset = list[Batch](), 0
    for number, size in enumerate(sizes):
        records = [(b"key", b"value %d" % (offset + each), ()) for each in range(size)]
        found.append(Batch(offset, records, damaged=number in set(damaged)))
        offset += size
    return found


class _Place:
    """Where a partition is read."""

    paused = False

    def __init__(self, position: int) -> None:
        self.position = position

    def consumed_to(self, position: int) -> None:
        self.position = position


class DamagedLogs:
    """A consumer of these logs. Each fetch takes all from a position on; `fetches` counts them. `late`: how often a
    fetch is awaited in vain."""

    active = True

    def __init__(self, logs: Mapping[TopicPartition, Sequence[Batch]], late: int = 0) -> None:
        self._logs, self._places, self._fetched = logs, dict[Any, _Place](), dict[Any, Any]()
        self.fetches = 0
        self._late, self._in_vain = late, Counter[TopicPartition]()

    def state_value(self, partition: TopicPartition) -> _Place:
        """aiokafka's classes ask for it."""
        return self._places[partition]

    def assign(self, partitions: Iterable[TopicPartition]) -> None:
        self._places, self._fetched = {each: _Place(0) for each in partitions}, {}

    def seek(self, partition: TopicPartition, offset: int) -> None:
        self._places[partition].position = offset
        self._fetched.pop(partition, None)
        self._in_vain[partition] = 0

    async def position(self, partition: TopicPartition) -> int:
        return self._places[partition].position

    async def beginning_offsets(self, of: Iterable[TopicPartition]) -> dict[TopicPartition, int]:
        return dict.fromkeys(of, 0)

    async def end_offsets(self, of: Iterable[TopicPartition]) -> dict[TopicPartition, int]:
        return {each: self._logs[each][-1].end if self._logs.get(each) else 0 for each in of}

    async def offsets_for_times(self, times: Mapping[TopicPartition, int]) -> dict[TopicPartition, Any]:
        """No record is that late."""
        return dict.fromkeys(times)

    async def getmany(
        self, *partitions: TopicPartition, timeout_ms: int, max_records: int
    ) -> dict[TopicPartition, list[Any]]:
        """Like a fetcher's `fetched_records`: if one partition cannot be read, what was taken of others is lost."""
        assert timeout_ms >= 0
        drained = dict[TopicPartition, list[Any]]()
        for partition in partitions:
            fetched = self._fetched.get(partition) or self._fetch(partition)
            records = [] if fetched is None else fetched.getall(max_records)
            if fetched is not None and not fetched.has_more():
                self._fetched.pop(partition, None)
            if records:
                drained[partition] = records
                max_records -= len(records)
            if not max_records:
                break
        return drained

    def _fetch(self, partition: TopicPartition) -> Any:
        position = self._places[partition].position
        log = b"".join(each.bytes for each in self._logs[partition] if each.end > position)
        if not log:
            return None
        if self._in_vain[partition] < self._late:
            self._in_vain[partition] += 1
            return None
        self._in_vain[partition] = 0
        self.fetches += 1
        assert self.fetches < _MOST_FETCHES, "it reads the same again and again"
        records = PartitionRecords(partition, MemoryRecords(log), [], position, None, None, True, READ_COMMITTED)
        found = FetchResult(partition, assignment=self, partition_records=records, backoff=0)
        self._fetched[partition] = found
        return found
