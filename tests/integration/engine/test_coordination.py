"""The group consumer's coordination ends with an error: aiokafka logs that, and would go on without a group."""

import asyncio
from pathlib import Path
from typing import Any

import pytest
from aiokafka.consumer.group_coordinator import GroupCoordinator

from deploy.local.kafka import LocalKafka
from tests.integration.engine.echo import PATIENCE, Echo


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
