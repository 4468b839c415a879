"""Units on a real broker: how large they get, how long they take, and what is left of them."""

import asyncio
import gc
import os
import weakref
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from confluent_kafka.admin import AlterConfigOpType, ConfigEntry, ConfigResource

from deploy.local.kafka import LocalKafka
from processors.engine.lane import Lane
from processors.engine.options import EngineOptions
from processors.engine.unit import Unit
from tests.integration.engine.echo import Echo

pytestmark = pytest.mark.usefixtures("either_protocol")

MOST_BYTES = 100_000


class Small(Echo):
    """Its units write at most ``MOST_BYTES``."""

    def options(self) -> EngineOptions:
        return replace(super().options(), chunk_bytes=MOST_BYTES // 4, chunk_records=100)


class Hasty(Small):
    """A unit that does not get on is soon given up."""

    def options(self) -> EngineOptions:
        return replace(super().options(), transaction_timeout=3.0)


@pytest.fixture
def echo(kafka: LocalKafka, prefix: str, tmp_path: Path) -> Echo:
    return Small(kafka.bootstrap_servers, prefix, tmp_path / "data")


@pytest.fixture
def started(monkeypatch: pytest.MonkeyPatch) -> list[tuple[int, int]]:
    """Records and written bytes of each unit whose commit was begun."""
    noted: list[tuple[int, int]] = []
    start = Lane.start

    def noting(lane: Lane, unit: Unit) -> None:
        noted.append((len(unit.records), unit.written))
        start(lane, unit)

    monkeypatch.setattr(Lane, "start", noting)
    return noted


async def test_a_chunk_of_which_more_comes_than_a_unit_takes_becomes_several(
    echo: Echo, started: list[tuple[int, int]]
) -> None:
    """As orders do: each event rewrites its order's row and document, which are many times its size."""

    def amplify(unit: Unit) -> None:
        for record in unit.records:
            unit.put("seen", b"row of " + record.key, b"1".rjust(20_000), record.timestamp)

    echo.fail = amplify
    keys = [f"key-{n}" for n in range(100)]
    echo.produce(*keys)
    async with echo.app() as app:
        await echo.caught_up(app, 100)
    assert sum(records for records, _ in started) == 100
    assert max(written for _, written in started) <= MOST_BYTES
    assert echo.passed_on() == keys


class Narrow(Echo):
    """Its topic takes less than batches are by default, as topics for small bodies do."""

    def create(self, *topics: str) -> None:
        super().create(*topics)
        limit = ConfigEntry("max.message.bytes", "500000", incremental_operation=AlterConfigOpType.SET)
        resource = ConfigResource(ConfigResource.Type.TOPIC, self.out, incremental_configs=[limit])
        for altered in self.admin.incremental_alter_configs([resource]).values():
            altered.result(30)

    def options(self) -> EngineOptions:
        return replace(super().options(), max_record_bytes=500_000)


async def test_no_batch_is_larger_than_its_topic_takes(kafka: LocalKafka, prefix: str, tmp_path: Path) -> None:
    echo = Narrow(kafka.bootstrap_servers, prefix, tmp_path / "data")
    keys = [f"key-{n}" for n in range(8)]
    echo.produce(*keys, value=os.urandom(100_000))
    async with echo.app() as app:
        await echo.caught_up(app, 8)
    assert echo.passed_on() == keys


async def test_a_unit_that_did_not_get_through_in_time_is_not_repeated_at_the_same_size(
    kafka: LocalKafka, prefix: str, tmp_path: Path, started: list[tuple[int, int]], monkeypatch: pytest.MonkeyPatch
) -> None:
    echo, transaction = Hasty(kafka.bootstrap_servers, prefix, tmp_path / "data"), Lane._transaction

    async def slow(lane: Lane, producer: Any, unit: Unit) -> Any:
        if len(unit.records) > 3:
            await asyncio.Event().wait()
        return await transaction(lane, producer, unit)

    monkeypatch.setattr(Lane, "_transaction", slow)
    keys = [f"key-{n}" for n in range(12)]
    echo.produce(*keys)
    async with echo.app() as app:
        await echo.caught_up(app, 12)
    sizes = [records for records, _ in started]
    late = [records for records in sizes if records > 3]
    assert late[0] > 3
    assert late[1:2] in ([], [(late[0] + 1) // 2], [late[0] // 2])
    assert echo.passed_on() == keys


async def test_nothing_keeps_a_unit_that_has_ended_whether_it_was_committed_or_not(
    echo: Echo, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A reference cycle would, until the collector finds it, which runs rarely. Units have megabytes."""
    units: list[weakref.ref[Unit]] = []
    transaction = Lane._transaction
    failures = iter(["before", "after"])

    async def fail(lane: Lane, producer: Any, unit: Unit) -> Any:
        units.append(weakref.ref(unit))
        if (when := next(failures, None)) == "before":
            raise OSError("no connection")
        ends = await transaction(lane, producer, unit)
        if when == "after":
            raise OSError("no answer")
        return ends

    monkeypatch.setattr(Lane, "_transaction", fail)
    gc.collect()
    gc.disable()
    try:
        echo.produce("a", "b", "c")
        async with echo.app() as app:
            await echo.caught_up(app, 3)
            echo.produce("d")
            await echo.caught_up(app, 4)
            await asyncio.sleep(0)
            assert len(units) >= 3
            assert [unit().chunk.end for unit in units if unit() is not None] == []  # type: ignore[union-attr]
    finally:
        gc.enable()
    assert echo.passed_on() == ["a", "b", "c", "d"]
