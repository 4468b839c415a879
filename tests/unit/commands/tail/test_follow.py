"""Records as they are given on, a batch at a time."""

from collections.abc import Mapping, Sequence
from types import SimpleNamespace
from typing import Any

from aiokafka import TopicPartition

from commands.tail.follow import follow

TOPIC = "newstore.raw.v1"


class Consumer:
    """Has these times (ms) of records in its partitions, all of them in the first batch."""

    def __init__(self, *times: Sequence[int]) -> None:
        self._batch: Mapping[TopicPartition, list[Any]] = {
            TopicPartition(TOPIC, number): [
                SimpleNamespace(partition=number, offset=offset, timestamp=time) for offset, time in enumerate(of)
            ]
            for number, of in enumerate(times)
        }
        self.starts = dict.fromkeys(self._batch, 0)
        self.ends = {partition: len(records) for partition, records in self._batch.items()}

    def assign(self, partitions: Sequence[TopicPartition]) -> None:
        assert partitions == [*self._batch]

    def seek(self, partition: TopicPartition, offset: int) -> None:
        assert self.starts[partition] == offset

    async def getmany(self, **_options: int) -> Mapping[TopicPartition, list[Any]]:
        return self._batch

    async def position(self, partition: TopicPartition) -> int:
        return self.ends[partition]


async def followed(*times: Sequence[int]) -> list[tuple[int, int]]:
    consumer: Any = Consumer(*times)
    return [
        (record.partition, record.offset)
        async for batch in follow(consumer, consumer.starts, consumer.ends)
        for record in batch
    ]


async def test_records_of_several_partitions_come_by_time() -> None:
    assert await followed([1_000, 1_003], [1_001, 1_002]) == [(0, 0), (1, 0), (1, 1), (0, 1)]


async def test_those_of_one_come_in_its_order_whatever_clock_gave_their_times() -> None:
    assert await followed([1_005, 1_001, 1_003], [1_004]) == [(1, 0), (0, 0), (0, 1), (0, 2)]
