"""Records as they are passed on, a batch at a time."""

from collections.abc import Mapping, Sequence
from types import SimpleNamespace
from typing import Any

import pytest
from aiokafka import TopicPartition
from aiokafka.errors import KafkaTimeoutError

from bridge.kafka import reading
from commands.tail import command
from commands.tail.follow import PartitionsAdded, follow
from tests.unit.bridge.kafka.test_reading import FIRST, SECOND, Kafka
from tests.unit.commands.conftest import Run

TOPIC = "newstore.raw.v1"


class Consumer:
    """Its partitions have records of these times (ms), all in the first batch."""

    def __init__(self, *times: Sequence[int]) -> None:
        self._batch: Mapping[TopicPartition, list[Any]] = {
            TopicPartition(TOPIC, number): [
                SimpleNamespace(partition=number, offset=offset, timestamp=time) for offset, time in enumerate(of)
            ]
            for number, of in enumerate(times)
        }
        self.starts = dict.fromkeys(self._batch, 0)
        self.ends = {partition: len(records) for partition, records in self._batch.items()}
        self.known: list[set[int] | None] = [{partition.partition for partition in self._batch}]
        """The topic's partitions by metadata, look by look; the last one stays."""

    def assign(self, partitions: Sequence[TopicPartition]) -> None:
        assert partitions == [*self._batch]

    def seek(self, partition: TopicPartition, offset: int) -> None:
        assert self.starts[partition] == offset

    async def getmany(self, **_options: int) -> Mapping[TopicPartition, list[Any]]:
        return self._batch

    async def position(self, partition: TopicPartition) -> int:
        return self.ends[partition]

    def partitions_for_topic(self, topic: str) -> set[int] | None:
        assert topic == TOPIC
        return self.known.pop(0) if len(self.known) > 1 else self.known[0]


async def followed(*times: Sequence[int]) -> list[tuple[int, int]]:
    consumer: Any = Consumer(*times)
    return [
        (record.partition, record.offset)
        async for batch in follow(consumer, consumer.starts, consumer.ends, len(times))
        for record in batch
    ]


async def test_records_of_several_partitions_come_by_time() -> None:
    assert await followed([1_000, 1_003], [1_001, 1_002]) == [(0, 0), (1, 0), (1, 1), (0, 1)]


async def test_those_of_one_come_in_its_order_whatever_clock_gave_their_times() -> None:
    assert await followed([1_005, 1_001, 1_003], [1_004]) == [(1, 0), (0, 0), (0, 1), (0, 2)]


async def test_where_a_leader_says_nothing_it_does_not_wait_for_the_end_for_ever(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(reading, "_SILENCE_S", -1.0)
    kafka: Any = Kafka((FIRST, 0), answers=False)
    with pytest.raises(KafkaTimeoutError):
        async for _ in follow(kafka, {FIRST: 0, SECOND: 0}, {FIRST: 1, SECOND: 1}, 2):
            pass
    assert kafka.asked == [[SECOND]]


async def test_it_ends_once_the_topic_has_partitions_that_it_does_not_read() -> None:
    consumer: Any = Consumer([1_000], [1_001])
    consumer.known = [None, {0, 1}, {0, 1, 2}]  # aiokafka has asked nobody, then before and after a migration
    batches = follow(consumer, consumer.starts, None, 2)
    for _ in [*consumer.known]:
        assert len(await anext(batches)) == 2
    with pytest.raises(PartitionsAdded, match=r"raw\.v1 has 3 partitions now, not 2, .* BRIDGE_PARTITIONS=3, "):
        await anext(batches)


@pytest.mark.parametrize(("options", "code"), [((), 0), (("--since", "1h", "--no-follow"), 130)])
def test_ctrl_c_ends_it_well_only_where_nothing_else_does(
    bridge: Run, monkeypatch: pytest.MonkeyPatch, options: Sequence[str], code: int
) -> None:
    def run(_settings: Any, task: Any) -> None:
        task.close()
        raise KeyboardInterrupt

    monkeypatch.setattr(command, "run", run)
    assert bridge("tail", "orders", *options).exit_code == code
