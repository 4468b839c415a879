"""Logs of which some batches are damaged, and a consumer that reads them as aiokafka's does, without a broker."""

import struct
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from aiokafka.consumer.fetcher import READ_COMMITTED, FetchResult, PartitionRecords
from aiokafka.record.default_records import DefaultRecordBatchBuilder
from aiokafka.record.memory_records import MemoryRecords
from aiokafka.structs import TopicPartition

TIME_MS: Final = 1_800_000_000_000
"""Of every record."""
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
    """Of these records, each a key, a value and headers, from an offset on; `damaged`: a bit of it is another one."""

    def __init__(self, offset: int, records: Sequence[tuple[bytes, bytes, Headers]], *, damaged: bool = False) -> None:
        builder = DefaultRecordBatchBuilder(**_PLAIN)
        for number, (key, value, headers) in enumerate(records):
            builder.append(number, TIME_MS, key, value, list(headers))
        written = bytearray(builder.build())
        struct.pack_into(">q", written, 0, offset)  # no part of what the checksum is of
        if damaged:
            written[-2] ^= 1
        self.end, self.bytes = offset + len(records), bytes(written)


def batches(*sizes: int, damaged: Iterable[int] = ()) -> list[Batch]:
    """Batches of so many records, one behind the other; those of these indices are damaged."""
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
    """A consumer of these logs. What it fetches is all from a position on; `fetches` counts that. `late`: so many times
    it is waited for a fetch in vain."""

    active = True

    def __init__(self, logs: Mapping[TopicPartition, Sequence[Batch]], late: int = 0) -> None:
        self._logs, self._places, self._fetched = logs, dict[Any, _Place](), dict[Any, Any]()
        self.fetches = 0
        self._late, self._in_vain = late, Counter[TopicPartition]()

    def state_value(self, partition: TopicPartition) -> _Place:
        """Asked by aiokafka's classes."""
        return self._places[partition]

    def assign(self, partitions: Iterable[TopicPartition]) -> None:
        """As a consumer's."""
        self._places, self._fetched = {each: _Place(0) for each in partitions}, {}

    def seek(self, partition: TopicPartition, offset: int) -> None:
        """As a consumer's."""
        self._places[partition].position = offset
        self._fetched.pop(partition, None)
        self._in_vain[partition] = 0

    async def position(self, partition: TopicPartition) -> int:
        """As a consumer's."""
        return self._places[partition].position

    async def beginning_offsets(self, of: Iterable[TopicPartition]) -> dict[TopicPartition, int]:
        """As a consumer's."""
        return dict.fromkeys(of, 0)

    async def end_offsets(self, of: Iterable[TopicPartition]) -> dict[TopicPartition, int]:
        """As a consumer's."""
        return {each: self._logs[each][-1].end if self._logs.get(each) else 0 for each in of}

    async def offsets_for_times(self, times: Mapping[TopicPartition, int]) -> dict[TopicPartition, Any]:
        """As a consumer's: there is nothing as late as that."""
        return dict.fromkeys(times)

    async def getmany(
        self, *partitions: TopicPartition, timeout_ms: int, max_records: int
    ) -> dict[TopicPartition, list[Any]]:
        """As a fetcher's `fetched_records`: what it has taken of others is lost where one of them cannot be read."""
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
