"""Status in an environment for a migration: topics do not have BRIDGE_PARTITIONS partitions yet."""

import asyncio
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager

import pytest
from aiokafka.structs import TopicPartition

from bridge.settings import Settings
from bridge.topics import TopicsPlan
from commands.status import kafka_side
from commands.status.kafka_side import _Questions
from commands.status.picture import KafkaSide, KeptCounts
from commands.status.problems import problems
from commands.terminal.members import Member
from tests.unit.commands.damaged import DamagedLogs
from tests.unit.commands.status.pictures import ORDERS, RAW, SETTINGS, picture, worker

OTHERS = (SETTINGS.topics.quarantine, SETTINGS.topics.conflicts)
NOT_AS_IT_MUST_BE = f"{RAW} has 1 partitions, not 2: `bridge topics apply` does not change that."


class _Broker(DamagedLogs):
    """Nobody ever tells the end of a partition that does not exist."""

    def __init__(self) -> None:
        super().__init__({})

    async def end_offsets(self, of: Iterable[TopicPartition]) -> dict[TopicPartition, int]:
        """Answers for partition 0 alone."""
        if any(each.partition for each in of):
            await asyncio.Event().wait()
        return dict.fromkeys(of, 7)


@asynccontextmanager
async def reader(*_: object) -> AsyncIterator[_Broker]:
    yield _Broker()


async def test_partitions_that_there_are_not_are_not_asked_about(monkeypatch: pytest.MonkeyPatch) -> None:
    """Status blamed a broker that answers, and used all its patience, twice."""

    async def answering(settings: Settings) -> tuple[Settings, None]:
        return settings, None

    async def plan(_: Settings) -> TopicsPlan:
        return TopicsPlan((), (), (NOT_AS_IT_MUST_BE,))

    async def partition_counts(_: Settings) -> dict[str, int]:
        return {RAW: 1, ORDERS: 1, **dict.fromkeys(OTHERS, 1), SETTINGS.topics.rules: 1}

    async def members(_: Settings) -> list[Member]:
        return []

    async def processed(self: _Questions, of: Iterable[TopicPartition]) -> dict[TopicPartition, int]:
        assert self is not None
        return dict.fromkeys(of, 5)

    async def arrivals(self: _Questions, now_ms: int) -> None:
        assert (self._settings.partitions, now_ms) == (1, 0)

    for name, fake in (
        *(("answering", answering), ("plan", plan), ("partition_counts", partition_counts)),
        *(("members", members), ("reader", reader), ("PATIENCE_S", 0.5)),
    ):
        monkeypatch.setattr(kafka_side, name, fake)
    monkeypatch.setattr(_Questions, "_processed", processed)
    monkeypatch.setattr(_Questions, "_arrivals", arrivals)
    side = await _Questions(SETTINGS).ask(0)
    (said,) = side.troubles
    assert said.startswith(f"{RAW} has 1 partitions, not 2")
    assert (side.behind, side.is_silent, side.partitions) == ({RAW: 2, ORDERS: 2}, False, 1)
    assert (side.quarantined, side.conflicts) == (KeptCounts(0, 0, {}), KeptCounts(0, 0, {}))


def test_lanes_are_those_of_the_partitions_that_there_are() -> None:
    """Status said that no worker runs these lanes, and pointed to the workers' logs."""
    all_there_are = worker({(RAW, 0): "ready", (ORDERS, 0): "ready"}, lag=3, bridge_orders_incomplete=2)
    found = picture([all_there_are], kafka=KafkaSide(members=[Member("http://w", frozenset())], partitions=1))
    assert (found.lanes, found.lag(RAW), found.orders("incomplete")) == ({"ready": 2}, 3, 2)
    assert not any("run by no worker" in each.what for each in problems(found))
