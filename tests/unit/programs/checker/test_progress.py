"""The checker waits for the end of the work and says what is not done. Otherwise it would compare too early."""

from collections.abc import Mapping, Sequence
from typing import cast

from tests.programs.checker.names import Names
from tests.programs.checker.progress import unfinished
from tests.programs.checker.reading import TopicReader
from tests.programs.checker.record import TopicPartition

NAMES = Names("t")
RAW, ORDERS, STATE = (NAMES.topic(dataset) for dataset in ("raw", "orders", "order-state"))


class FakeReader:
    """Topics of one partition, each with a data record and a transaction marker; the group has read them all."""

    def __init__(self) -> None:
        self.offsets: dict[TopicPartition, int] = {(RAW, 0): 1, (ORDERS, 0): 1}
        self.visible: dict[TopicPartition, int] = {}

    def partitions(self, topic: str) -> list[TopicPartition]:
        return [(topic, 0)]

    def begins(self, partitions: Sequence[TopicPartition]) -> dict[TopicPartition, int]:
        return dict.fromkeys(partitions, 0)

    def ends(self, partitions: Sequence[TopicPartition], *, committed: bool) -> dict[TopicPartition, int]:
        return {partition: self.visible.get(partition, 2) if committed else 2 for partition in partitions}

    def committed(self, partitions: Sequence[TopicPartition]) -> dict[TopicPartition, int]:
        return {partition: self.offsets[partition] for partition in partitions if partition in self.offsets}

    def with_records(self, starts: Mapping[TopicPartition, int]) -> set[TopicPartition]:
        return {partition for partition, start in starts.items() if start == 0}


def problems(reader: FakeReader) -> list[str]:
    return list(unfinished(cast("TopicReader", reader), NAMES))


def test_nothing_is_left_when_only_transaction_markers_are_behind_the_groups_offset() -> None:
    assert problems(FakeReader()) == []


def test_a_record_behind_the_groups_offset_is_work_left() -> None:
    reader = FakeReader()
    reader.offsets[ORDERS, 0] = 0
    assert problems(reader) == [f"{ORDERS}[0]@0: not processed from here on"]


def test_a_group_without_an_offset_has_everything_before_it() -> None:
    reader = FakeReader()
    del reader.offsets[RAW, 0]
    assert problems(reader) == [f"{RAW}[0]@0: not processed from here on"]


def test_of_a_stage_whose_input_still_grows_nothing_is_said() -> None:
    reader = FakeReader()
    reader.offsets = {}
    reader.visible[ORDERS, 0] = 1
    assert problems(reader) == [f"{RAW}[0]@0: not processed from here on"]


def test_an_open_transaction_hides_what_is_behind_it() -> None:
    reader = FakeReader()
    reader.visible[STATE, 0] = 1
    assert problems(reader) == [f"{STATE}[0]@1: an open transaction, up to 2"]


def test_behind_an_open_transaction_nothing_is_looked_for() -> None:
    """Whoever waits looks again, and there is more to do in any case."""
    reader = FakeReader()
    reader.offsets = {}
    reader.visible[RAW, 0] = 1
    assert problems(reader) == [f"{RAW}[0]@1: an open transaction, up to 2"]
