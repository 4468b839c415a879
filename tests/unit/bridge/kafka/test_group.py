"""How far the workers' group has come: what it has not processed is never taken for processed."""

import asyncio
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager
from math import inf
from typing import Any, cast

import pytest
from aiokafka import TopicPartition
from aiokafka.errors import CoordinatorLoadInProgressError, GroupAuthorizationFailedError, KafkaError
from aiokafka.structs import OffsetAndMetadata

from bridge.kafka import group
from bridge.kafka.reading import Offsets
from bridge.settings import Settings

A, B = (TopicPartition("newstore.raw.v1", number) for number in range(2))
SETTINGS = Settings(tenant="acme")
ENDS = {A: 10, B: 20}


class Admin:
    """Answers with the group's offsets, or with an error; `answers`: these first; `asked`: the partitions of each
    question."""

    def __init__(self, committed: Mapping[TopicPartition, int], error: KafkaError | None = None) -> None:
        self.committed, self.error = committed, error
        self.answers: Iterator[Mapping[TopicPartition, int]] = iter(())
        self.asked: list[Sequence[TopicPartition]] = []

    async def list_consumer_group_offsets(
        self, name: str, partitions: Sequence[TopicPartition]
    ) -> dict[TopicPartition, OffsetAndMetadata]:
        """As aiokafka's."""
        assert name == SETTINGS.group_id
        self.asked.append(partitions)
        if self.error is not None:
            raise self.error
        self.committed = next(self.answers, self.committed)
        return {each: OffsetAndMetadata(self.committed[each], "") for each in partitions if each in self.committed}


@pytest.fixture(autouse=True)
def records(monkeypatch: pytest.MonkeyPatch) -> dict[TopicPartition, int]:
    """By partition, where the last record lies; what follows are transaction markers."""
    last: dict[TopicPartition, int] = {A: 9, B: 19}

    async def read_range(_: object, starts: Offsets, ends: Offsets) -> AsyncIterator[list[int]]:
        for partition, start in starts.items():
            if start <= last[partition] < ends[partition]:
                yield [last[partition]]

    monkeypatch.setattr(group, "read_range", read_range)
    return last


async def further(admin: Admin, done: Offsets) -> Offsets:
    reader = cast("Any", None)
    return await group.further(cast("Any", admin), SETTINGS.group_id, reader, done, ENDS)


@pytest.mark.parametrize(
    ("done", "committed", "found"),
    [
        ({A: 3, B: 4}, {A: 5, B: 4}, {A: 5, B: 4}),
        ({A: 3, B: 4}, {A: 11, B: 30}, ENDS),  # beyond the ends of then counts as the ends
        ({A: 3, B: 4}, {A: 3, B: 4}, {A: 3, B: 4}),
        ({A: 3, B: 4}, {A: -1, B: -1}, {A: 3, B: 4}),  # no commit
        ({A: 3, B: 4}, {A: 2, B: 1}, {A: 3, B: 4}),  # whoever sets the group back takes nothing back
        ({A: 10, B: 4}, {A: 10, B: 20}, ENDS),
    ],
)
async def test_the_group_is_where_it_has_committed(done: Offsets, committed: Offsets, found: Offsets) -> None:
    admin = Admin(committed)
    assert await further(admin, done) == found
    assert admin.asked == [[each for each in (A, B) if done[each] < ENDS[each]]]


@pytest.mark.parametrize(("last", "found"), [(4, ENDS | {A: 3}), (3, ENDS | {A: 3}), (2, ENDS)])
async def test_a_partition_is_processed_where_only_markers_are_left(
    records: dict[TopicPartition, int], last: int, found: Offsets
) -> None:
    records |= {A: last, B: 3}
    assert await further(Admin({A: 3, B: 4}), {A: 3, B: 4}) == found


async def test_markers_are_looked_for_only_once_nothing_moves(records: dict[TopicPartition, int]) -> None:
    records[A] = 2
    assert await further(Admin({A: 3, B: 5}), {A: 3, B: 4}) == {A: 3, B: 5}


async def test_a_coordinator_that_moves_tells_later_and_one_that_refuses_is_believed() -> None:
    assert await further(Admin({}, CoordinatorLoadInProgressError()), {A: 3, B: 4}) == {A: 3, B: 4}
    with pytest.raises(GroupAuthorizationFailedError):
        await further(Admin({}, GroupAuthorizationFailedError()), {A: 3, B: 4})


@pytest.fixture
def admin(monkeypatch: pytest.MonkeyPatch) -> Admin:
    known = Admin({})

    @asynccontextmanager
    async def admin_client(_: Settings) -> AsyncIterator[Admin]:
        yield known

    monkeypatch.setattr(group, "admin_client", admin_client)
    return known


@pytest.mark.parametrize(
    ("starts", "told", "found"),
    [
        ({A: 0, B: 0}, [{A: 5, B: 20}, {A: 10}], ENDS),  # whoever gets on is waited for, however long
        ({A: 0, B: 0}, [{A: 5, B: 19}, {A: 5, B: 19}], {A: 5, B: 19}),
        ({A: 12, B: 21}, [], ENDS),  # retention has deleted what was to be processed
    ],
)
async def test_the_group_is_waited_for_while_it_gets_on(
    admin: Admin, starts: Offsets, told: list[Offsets], found: Offsets
) -> None:
    admin.answers = iter(told)
    at_once, reader = asyncio.get_running_loop().time(), cast("Any", None)
    assert await group.processed_up_to(SETTINGS, reader, starts, ENDS, at_once) == found
    assert len(admin.asked) == len(told)


@pytest.mark.parametrize(
    ("committed", "missed"),
    [({A: 7, B: 9}, 0), ({A: 8, B: 8}, 0), ({A: 4, B: 9}, 3), ({A: 4, B: -1}, 11), ({A: 7}, 8), ({}, 15)],
)
async def test_what_retention_has_deleted_before_the_group_came_to_it_is_counted(
    admin: Admin, committed: Offsets, missed: int
) -> None:
    admin.committed = committed
    deadline = asyncio.get_running_loop().time() if missed else inf  # where nothing is missed nobody waits
    assert await group.missed_before(SETTINGS, {A: 7, B: 8}, deadline) == missed
