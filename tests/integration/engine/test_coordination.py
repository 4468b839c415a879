"""A task ends that the group consumer cannot do without. aiokafka at most logs that, and would go on."""

import asyncio
from pathlib import Path
from typing import Any

import pytest
from aiokafka.client import AIOKafkaClient
from aiokafka.consumer.fetcher import Fetcher
from aiokafka.consumer.group_coordinator import GroupCoordinator

from deploy.local.kafka import LocalKafka
from tests.integration.engine.echo import Echo
from tests.integration.waiting import PATIENCE


async def test_a_group_that_cannot_be_joined_crashes_the_app_so_that_its_owner_starts_anew(
    kafka: LocalKafka, prefix: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing is fetched before the first assignment, so no fetch would tell."""

    async def fail(*_: Any) -> None:
        raise ValueError("nobody expects this")

    monkeypatch.setattr(GroupCoordinator, "_do_rejoin_group", fail)
    echo = Echo(kafka.bootstrap_servers, prefix, tmp_path / "data")
    async with asyncio.timeout(PATIENCE), echo.app() as app:
        await app.wait_crashed()
        assert "nobody expects this" in repr(app.crash_reason)


async def test_without_metadata_the_app_crashes_instead_of_waiting_for_it_for_ever(
    kafka: LocalKafka, prefix: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A broker's end once ended the metadata's updates: no coordinator was looked up any more."""
    echo = Echo(kafka.bootstrap_servers, prefix, tmp_path / "data")
    async with asyncio.timeout(PATIENCE), echo.app() as app:

        async def fail(*_: Any) -> None:
            raise ValueError("nobody expects this either")

        monkeypatch.setattr(AIOKafkaClient, "_metadata_update", fail)
        client = app.consumer.thread._ensure_consumer()._client
        client._loop.call_soon_threadsafe(client.force_metadata_update)
        await app.wait_crashed()
        assert "nobody expects this either" in repr(app.crash_reason)


async def test_without_its_fetching_the_app_crashes_instead_of_taking_that_for_the_end_of_the_log(
    kafka: LocalKafka, prefix: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """aiokafka logs an unexpected error there, and its consumer stays where it is."""
    echo = Echo(kafka.bootstrap_servers, prefix, tmp_path / "data")
    async with asyncio.timeout(PATIENCE), echo.app() as app:
        await echo.caught_up(app, 0)

        def fail(*_: Any) -> None:
            raise ValueError("nor does anybody expect this")

        monkeypatch.setattr(Fetcher, "_get_actions_per_node", fail)
        await app.wait_crashed()
        assert "nor does anybody expect this" in repr(app.crash_reason.__cause__)


async def test_a_fetch_that_ends_with_an_error_crashes_the_app_too(
    kafka: LocalKafka, prefix: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    echo = Echo(kafka.bootstrap_servers, prefix, tmp_path / "data")
    async with asyncio.timeout(PATIENCE), echo.app() as app:
        await echo.caught_up(app, 0)

        async def fail(*_: Any) -> bool:
            raise ValueError("no fetch raises this")

        monkeypatch.setattr(Fetcher, "_proc_fetch_request", fail)
        await app.wait_crashed()
        assert "no fetch raises this" in repr(app.crash_reason.__cause__)


async def test_a_fetch_task_that_is_ended_crashes_the_app(kafka: LocalKafka, prefix: str, tmp_path: Path) -> None:
    """aiokafka's task swallows the cancellation, and ends without an error."""
    echo = Echo(kafka.bootstrap_servers, prefix, tmp_path / "data")
    async with asyncio.timeout(PATIENCE), echo.app() as app:
        await echo.caught_up(app, 0)
        fetcher = app.consumer.thread._ensure_consumer()._fetcher
        fetcher._loop.call_soon_threadsafe(fetcher._fetch_task.cancel)
        await app.wait_crashed()
        assert "has ended" in repr(app.crash_reason)
