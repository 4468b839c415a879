"""Reading around damaged batches, and around records that retention deletes meanwhile.

A broker returns a batch as its disk has it; checksums show the damage.
"""

import asyncio
from collections.abc import Iterable, Mapping
from typing import Any, Final, NamedTuple

from aiokafka import AIOKafkaConsumer, ConsumerRecord, TopicPartition
from aiokafka.errors import CorruptRecordException, KafkaTimeoutError, OffsetOutOfRangeError

from bridge.kafka.reading import Offsets
from bridge.refusals import Refusal
from commands.terminal.remedies import OF_DAMAGE

_WAIT_MS: Final = 50
_ARRIVES_S: Final = 10.0
"""The wait for what was just requested again: it may take longer than `_WAIT_MS`, but not longer than this."""


class Damage(NamedTuple):
    """Offsets that cannot be read: from `first` to before `behind`, the next readable offset or the end of the log."""

    partition: TopicPartition
    first: int
    behind: int

    def __str__(self) -> str:
        """A sentence without its full stop."""
        topic, number = self.partition
        last = self.behind - 1
        which = f"offset {last}" if last == self.first else f"offsets {self.first} to {last}"
        return f"{topic}/{number}: {which} cannot be read, for the broker that leads it gives out a damaged batch"

    @property
    def remedy(self) -> str:
        """What to do about it."""
        return f"{OF_DAMAGE}; the first offset behind it is {self.behind}"


class Unreadable(Refusal):
    """The record lies in a damaged batch."""

    def __init__(self, damage: Damage) -> None:
        super().__init__(f"{damage}: {damage.remedy}")


class AroundDamage:
    """A consumer for `read_range` that skips damaged batches and notes them in `damage`. It also skips what retention
    deletes meanwhile; `cut` has these partitions, and callers that must know remove them.

    At a damaged batch aiokafka drops what it has fetched, of all partitions, and its error names no offset. So all
    partitions are read again, one by one and record by record.
    """

    def __init__(self, consumer: AIOKafkaConsumer) -> None:
        self.damage: list[Damage] = []
        self.cut: set[TopicPartition] = set()
        self._consumer = consumer
        self._given: Offsets = {}
        """The offset after the records that were returned."""

    def assign(self, partitions: Iterable[TopicPartition]) -> None:
        """Like the consumer's method, as are those below."""
        self._consumer.assign(partitions)

    def seek(self, partition: TopicPartition, offset: int) -> None:
        """Continue from this offset."""
        self._given[partition] = offset
        self._consumer.seek(partition, offset)

    async def position(self, partition: TopicPartition) -> int:
        """The next offset to read, after transaction markers."""
        position: int = await self._consumer.position(partition)
        return position

    async def beginning_offsets(self, of: Iterable[TopicPartition]) -> Offsets:
        """Low watermarks."""
        found: Offsets = await self._consumer.beginning_offsets(of)
        return found

    async def end_offsets(self, of: Iterable[TopicPartition]) -> Offsets:
        """Ends of what is committed."""
        found: Offsets = await self._consumer.end_offsets(of)
        return found

    async def offsets_for_times(self, times: Mapping[TopicPartition, int]) -> Mapping[TopicPartition, Any]:
        """The first record of this time (ms) or later, by partition."""
        found: Mapping[TopicPartition, Any] = await self._consumer.offsets_for_times(times)
        return found

    async def getmany(
        self, *partitions: TopicPartition, timeout_ms: int, max_records: int
    ) -> Mapping[TopicPartition, list[ConsumerRecord]]:
        """The next records. A damaged batch is never between records of one list."""
        try:
            found = await self._consumer.getmany(*partitions, timeout_ms=timeout_ms, max_records=max_records)
        except OffsetOutOfRangeError as error:
            await self._pass_over_deleted(error)
            return {}
        except CorruptRecordException:
            for partition in partitions:
                self._consumer.seek(partition, self._given[partition])
            found = {}
            for partition in partitions:
                found[partition] = await self._one_by_one(partition, timeout_ms, max_records)
                self._given[partition] = await self.position(partition)  # markers are no records, and are passed, too
        for partition, records in found.items():
            if records:
                self._given[partition] = records[-1].offset + 1
        return {partition: records for partition, records in found.items() if records}

    async def _pass_over_deleted(self, error: OffsetOutOfRangeError) -> None:
        """aiokafka names these partitions, and returns what it has of others next time."""
        for partition, low in (await self.beginning_offsets(error.args[0])).items():
            if low <= await self.position(partition):
                raise error  # the position is past the end: the topic was made anew
            self.seek(partition, low)
            self.cut.add(partition)

    async def _one_by_one(self, partition: TopicPartition, timeout_ms: int, most: int) -> list[ConsumerRecord]:
        """Records up to a damaged batch or to deleted records; none: these come next, and are skipped."""
        found: list[ConsumerRecord] = []
        try:
            found = await self._awaited(partition, await self.position(partition))
            while found and len(found) < most and (more := await self._next(partition, timeout_ms)):
                found += more
        except CorruptRecordException:
            if not found:
                await self._pass_over(partition, await self.position(partition))
        except OffsetOutOfRangeError as error:
            if not found:
                await self._pass_over_deleted(error)
        return found

    async def _awaited(self, partition: TopicPartition, offset: int) -> list[ConsumerRecord]:
        """What was just requested from this offset on; none: only transaction markers, or nothing arrives."""
        clock = asyncio.get_running_loop().time
        until = clock() + _ARRIVES_S
        while not (found := await self._next(partition, _WAIT_MS)):
            if await self.position(partition) > offset or clock() >= until:
                break
        return found

    async def _next(self, partition: TopicPartition, timeout_ms: int) -> list[ConsumerRecord]:
        found = await self._consumer.getmany(partition, timeout_ms=timeout_ms, max_records=1)
        records: list[ConsumerRecord] = found.get(partition, [])
        return records

    async def _pass_over(self, partition: TopicPartition, first: int) -> None:
        known = (each.behind for each in self.damage if each.partition == partition and each.first == first)
        behind = next(known, None)
        if behind is None:
            behind = await self._behind(partition, first)
            self.damage.append(Damage(partition, first, behind))
        self.seek(partition, behind)

    async def _behind(self, partition: TopicPartition, first: int) -> int:
        """The first readable offset. Only the damaged batch has its length, so try each offset, to skip no record."""
        end = (await self.end_offsets([partition]))[partition]
        for offset in range(first + 1, end):
            if await self._is_readable(partition, offset):
                return offset
        return end

    async def _is_readable(self, partition: TopicPartition, offset: int) -> bool:
        self._consumer.seek(partition, offset)
        try:
            found = await self._awaited(partition, offset)
        except CorruptRecordException:
            return False
        except OffsetOutOfRangeError:
            return True  # deleted by now, which the next read notices
        if not found and await self.position(partition) <= offset:
            raise KafkaTimeoutError(f"nothing comes of {partition.topic}/{partition.partition}")
        return True
