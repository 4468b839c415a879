"""Batches that a broker's disk has damaged: it gives them out as they lie there, and their checksums tell. And what
retention deletes while it is read."""

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
"""What was just asked for anew may be on its way for longer than one wait, but not for longer than this."""


class Damage(NamedTuple):
    """Offsets that cannot be read: from `first` to before `behind`, of which a record can be read again, or where the
    log ends."""

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
    """What was asked for lies in a damaged batch."""

    def __init__(self, damage: Damage) -> None:
        super().__init__(f"{damage}: {damage.remedy}")


class AroundDamage:
    """A consumer for `read_range` that passes over what cannot be read, and notes it in `damage`. `cut`: partitions
    of which retention has deleted what came next; it goes on with what is left, and whoever has to know takes them out.

    What aiokafka has taken of other partitions by then it does not give out, nor what it has taken of this one; and
    what it raises tells no offset. So all of them are read again, each by itself, and this one a record at a time.
    """

    def __init__(self, consumer: AIOKafkaConsumer) -> None:
        self.damage: list[Damage] = []
        self.cut: set[TopicPartition] = set()
        self._consumer = consumer
        self._given: Offsets = {}
        """The offset behind what was given out."""

    def assign(self, partitions: Iterable[TopicPartition]) -> None:
        """As the consumer's; and so below."""
        self._consumer.assign(partitions)

    def seek(self, partition: TopicPartition, offset: int) -> None:
        """Go on from there."""
        self._given[partition] = offset
        self._consumer.seek(partition, offset)

    async def position(self, partition: TopicPartition) -> int:
        """Where it is read on, behind marks of transactions."""
        position: int = await self._consumer.position(partition)
        return position

    async def beginning_offsets(self, of: Iterable[TopicPartition]) -> Offsets:
        """Low watermarks."""
        found: Offsets = await self._consumer.beginning_offsets(of)
        return found

    async def end_offsets(self, of: Iterable[TopicPartition]) -> Offsets:
        """Ends, as far as is committed."""
        found: Offsets = await self._consumer.end_offsets(of)
        return found

    async def offsets_for_times(self, times: Mapping[TopicPartition, int]) -> Mapping[TopicPartition, Any]:
        """Where the first record of a time (ms) or a later one is."""
        found: Mapping[TopicPartition, Any] = await self._consumer.offsets_for_times(times)
        return found

    async def getmany(
        self, *partitions: TopicPartition, timeout_ms: int, max_records: int
    ) -> Mapping[TopicPartition, list[ConsumerRecord]]:
        """The next records; no list of them has a damaged batch in it, only before or behind it."""
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
                self._given[partition] = await self.position(partition)  # behind marks, too, which are no records
        for partition, records in found.items():
            if records:
                self._given[partition] = records[-1].offset + 1
        return {partition: records for partition, records in found.items() if records}

    async def _pass_over_deleted(self, error: OffsetOutOfRangeError) -> None:
        """aiokafka says of which partitions, and what it has taken of others it gives out next time."""
        for partition, low in (await self.beginning_offsets(error.args[0])).items():
            if low <= await self.position(partition):
                raise error  # it is behind its end: the topic is another one by now
            self.seek(partition, low)
            self.cut.add(partition)

    async def _one_by_one(self, partition: TopicPartition, timeout_ms: int, most: int) -> list[ConsumerRecord]:
        """What comes before a damaged batch, or one that was deleted; none: it comes next, and is passed over."""
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
        """What was just asked for from this offset on; none: only marks of transactions, or nothing comes."""
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
        """How many records a batch has stands in itself: so it is found by trying, lest a record is passed over."""
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
            return True  # it is deleted by now, which whoever reads on there finds
        if not found and await self.position(partition) <= offset:
            raise KafkaTimeoutError(f"nothing comes of {partition.topic}/{partition.partition}")
        return True
