"""A deployment whose records have times, some of them deleted by retention."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

import pytest
from aiokafka.errors import OffsetOutOfRangeError
from aiokafka.structs import TopicPartition

from bridge.kafka.open_transactions import OpenTransaction
from bridge.settings import Settings
from commands.verify.balance import Ledger
from tests.unit.commands.verify.ledgers import ledger_of
from tests.unit.commands.verify.records import InMemory

NOW: Final = 1_800_000_000_000
DAY: Final = 86_400_000

Headers = Sequence[tuple[str, bytes]]


class Logs:
    """Logs of some topics, with all partitions; also a consumer of them."""

    def __init__(self) -> None:
        self._records = defaultdict[TopicPartition, list[InMemory]](list)
        self._starts, self._positions = dict[TopicPartition, int](), dict[TopicPartition, int]()

    def write(
        self,
        topic: str,
        value: bytes | None,
        time_ms: int,
        key: bytes | None = None,
        headers: Headers = (),
        to: int = 0,
    ) -> str:
        """Write a record to a partition; returns its place."""
        log = self._records[TopicPartition(topic, to)]
        log.append(InMemory(value, topic, to, len(log), time_ms, key, headers))
        return f"{to}:{len(log) - 1}"

    def delete_before(self, topic: str, offset: int) -> None:
        """Delete as retention does, in partition 0."""
        self._starts[TopicPartition(topic, 0)] = offset

    def assign(self, partitions: Iterable[TopicPartition]) -> None:
        self._positions = dict.fromkeys(partitions, 0)

    def seek(self, partition: TopicPartition, offset: int) -> None:
        self._positions[partition] = offset

    async def position(self, partition: TopicPartition) -> int:
        return self._positions[partition]

    async def beginning_offsets(self, of: Iterable[TopicPartition]) -> Mapping[TopicPartition, int]:
        return {each: self._starts.get(each, 0) for each in of}

    async def end_offsets(self, of: Iterable[TopicPartition]) -> Mapping[TopicPartition, int]:
        return {each: len(self._records[each]) for each in of}

    async def offsets_for_times(self, times: Mapping[TopicPartition, int]) -> Mapping[TopicPartition, Any]:
        return {
            partition: next((each for each in self._records[partition] if each.timestamp >= time_ms), None)
            for partition, time_ms in times.items()
        }

    async def getmany(self, *partitions: TopicPartition, **_: int) -> Mapping[TopicPartition, Sequence[InMemory]]:
        for partition in partitions:
            if (place := self._positions[partition]) < self._starts.get(partition, 0):
                raise OffsetOutOfRangeError({partition: place})
        found = {each: self._records[each][self._positions[each] :] for each in partitions}
        self._positions |= {each: len(self._records[each]) for each in partitions}
        return {partition: records for partition, records in found.items() if records}

    async def ledger(
        self,
        monkeypatch: pytest.MonkeyPatch,
        settings: Settings,
        *epochs: Sequence[int],
        since_ms: int | None = None,
        behind: int = 0,
        hidden: Sequence[OpenTransaction] = (),
    ) -> Ledger:
        """The ledger of these logs. All is processed, but for the last `behind` records of `orders`."""
        return await ledger_of(monkeypatch, self, settings, epochs, NOW, since_ms, behind, hidden)
