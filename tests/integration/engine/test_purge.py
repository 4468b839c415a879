"""Old rows leave the table on a real broker, and leave it again after a cold recovery."""

import asyncio
import shutil
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from deploy.local.kafka import LocalKafka
from processors.engine.expiry import MARGIN_MS, STEP_KEYS
from processors.engine.overrides.app import LaneApp
from processors.engine.purge import keep_purging
from tests.integration.engine.echo import Echo

OLD = time.time_ns() // 1_000_000 - 10 * MARGIN_MS


@pytest.fixture
def echo(kafka: LocalKafka, prefix: str, tmp_path: Path) -> Echo:
    echo = Echo(kafka.bootstrap_servers, prefix, tmp_path / "data")
    echo.retention_ms = 5 * MARGIN_MS
    return echo


@asynccontextmanager
async def purging(app: LaneApp) -> AsyncIterator[None]:
    task = asyncio.create_task(keep_purging(app.lanes))
    try:
        yield
    finally:
        task.cancel()
        await asyncio.wait([task])


async def test_old_rows_go_beside_the_work_and_also_after_a_cold_recovery(echo: Echo) -> None:
    """The changelog still has them, and gets no tombstones: its topic forgets by the same age.

    A recovery indexes rows by the hundreds, as it reads them; so there is a whole entry of old ones.
    """
    others = [f"old {number}" for number in range(STEP_KEYS)]
    echo.produce("a", *others, timestamp=OLD)
    async with echo.app() as app:
        await echo.caught_up(app, 1 + STEP_KEYS)
        echo.produce("a", "b")
        await echo.caught_up(app, 3 + STEP_KEYS)
        async with purging(app):
            await echo.until(app, lambda: echo.table(app).get(b"a") is None)
    shutil.rmtree(echo.directory)
    async with echo.app() as app:
        await echo.opened(app)
        assert echo.table(app).get(b"a") == b"%d" % OLD
        async with purging(app):
            await echo.until(app, lambda: echo.table(app).get(b"a") is None)
        assert echo.table(app).get(b"b") is not None
    assert echo.passed_on() == ["a", *others, "b"]
