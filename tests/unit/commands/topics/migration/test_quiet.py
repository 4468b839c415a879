"""A migration waits for what workers must do before it, and passes over nothing that they never reached."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from aiokafka import TopicPartition

from bridge.kafka.reading import Offsets
from bridge.refusals import MigrationRefused
from bridge.settings import Settings
from commands.topics.migration import quiet
from commands.topics.migration.quiet import workers_are_done

SETTINGS = Settings(tenant="acme", partitions=1)
RAW = TopicPartition(SETTINGS.topics.raw, 0)


async def look(
    monkeypatch: pytest.MonkeyPatch, *, starts: int, end: int, done: int, by_lane: int | None = None
) -> None:
    """`workers_are_done`, if raw has these offsets and workers have come to `done` by the group, and to `by_lane` by
    their changelog."""

    @asynccontextmanager
    async def reader(_: Settings) -> AsyncIterator[None]:
        yield None

    async def empty(*_: Any) -> None:
        """No worker runs."""

    async def bounds(*_: Any) -> tuple[Offsets, Offsets]:
        return {RAW: starts}, {RAW: end}

    async def processed(_settings: Settings, _consumer: object, known: Offsets, _ends: Offsets, _: float) -> Offsets:
        return {RAW: max(known[RAW], done)}

    async def deleted(_settings: Settings, of: Offsets, _deadline: float) -> int:
        return sum(max(0, start - done) for start in of.values())

    async def lanes(*_: Any) -> Offsets:
        return {} if by_lane is None else {RAW: by_lane}

    monkeypatch.setattr(quiet, "reader", reader)
    monkeypatch.setattr(quiet, "wait_until_empty", empty)
    monkeypatch.setattr(quiet, "bounds", bounds)
    monkeypatch.setattr(quiet, "processed_up_to", processed)
    monkeypatch.setattr(quiet, "missed_before", deleted)
    monkeypatch.setattr(quiet, "processed_by_lanes", lanes)
    await workers_are_done(SETTINGS, {SETTINGS.topics.raw: 1})


async def test_it_begins_once_all_of_raw_is_processed(monkeypatch: pytest.MonkeyPatch) -> None:
    await look(monkeypatch, starts=3, end=9, done=9)
    with pytest.raises(MigrationRefused, match="1 raw records are not processed"):
        await look(monkeypatch, starts=3, end=9, done=8)


async def test_what_retention_deleted_before_workers_came_to_it_is_not_processed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Nothing is left to wait for, and the rules would begin behind it: nobody would learn that it was lost."""
    with pytest.raises(MigrationRefused, match="4 offsets are deleted"):
        await look(monkeypatch, starts=9, end=9, done=5)
    with pytest.raises(MigrationRefused, match="4 offsets are deleted"):
        await look(monkeypatch, starts=9, end=9, done=5, by_lane=5)


@pytest.mark.parametrize("starts", [0, 3, 9])
async def test_what_the_group_has_forgotten_the_lanes_changelog_says(
    monkeypatch: pytest.MonkeyPatch, starts: int
) -> None:
    """After a week without a worker Kafka has forgotten the group's offsets: nothing of raw counted as processed. The
    migration wanted a worker first, which only a migration could bring back."""
    await look(monkeypatch, starts=starts, end=9, done=0, by_lane=9)
    with pytest.raises(MigrationRefused, match="1 raw records are not processed"):
        await look(monkeypatch, starts=0, end=9, done=0, by_lane=8)
