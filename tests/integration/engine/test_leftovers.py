"""Directories of partitions that this worker once ran, on a real broker."""

import asyncio
import itertools
import os
import time
from pathlib import Path

import pytest

from processors.engine.leftovers import UNUSED_S, Leftovers
from processors.engine.outdated import LONGEST_S
from processors.engine.overrides.app import LaneApp
from processors.engine.store import TablePartition
from tests.integration.engine.echo import Echo
from tests.integration.waiting import PATIENCE


@pytest.fixture
def directory(echo: Echo) -> Path:
    return echo.directory / "seen" / "0"


def _are_in(directory: Path) -> set[str]:
    return {path.name for path in directory.iterdir()}


def _add_row(directory: Path, offset: int) -> None:
    table = TablePartition(directory)
    table.apply([(b"key", b"1")], offset)
    table.close()


async def _looks(echo: Echo, app: LaneApp, *days: float) -> None:
    """Look as the worker does, once on each of these days from now."""
    leftovers = Leftovers(echo.options(), {"seen": echo.changelog}, app.lanes, app.is_member)
    for each in days:
        await leftovers.look(time.time() + each * UNUSED_S)


async def test_a_directory_is_removed_once_another_has_run_its_partition_for_a_day(echo: Echo, directory: Path) -> None:
    echo.produce("a", "b", "a")
    async with echo.app() as app:
        await echo.caught_up(app, 3)
        await _looks(echo, app, 0, 1.1, 2.2)
        assert _are_in(directory.parent) == {"0"}  # for it is in use
    os.utime(directory)  # its last use was now, whatever those looks said
    await _looks(echo, app, 0.5, 0.9)
    assert _are_in(directory.parent) == {"0"}
    async with asyncio.timeout(PATIENCE):
        for day in itertools.count(1):  # Kafka may be silent when it is asked, and then nothing is removed
            await _looks(echo, app, 1.1 * day)
            if _are_in(directory.parent) == set():
                break

    async with echo.app() as app:  # the partition comes back
        await echo.caught_up(app, 3)
    assert echo.passed_on() == ["a", "b"]


async def test_rows_that_kafka_does_not_have_are_kept(echo: Echo, directory: Path) -> None:
    """Also when the changelog has grown past them, for a lane has halted over them."""
    echo.produce("a")
    async with echo.app() as app:
        await echo.caught_up(app, 1)
    _add_row(directory, offset=5)
    await _looks(echo, app, 2, 4)
    assert _are_in(directory.parent) == {"0"}

    async with echo.app() as app:
        await echo.until(app, lambda: echo.state(app) == "halted")
    echo.directory = echo.directory.with_name("another worker's")
    echo.produce(*"bcdefg")
    async with echo.app() as app:
        await echo.caught_up(app, 7)
    echo.directory = directory.parents[1]
    await _looks(echo, app, 6, 8)
    assert _are_in(directory.parent) == {"0", "0.halted"}


async def test_the_last_copy_of_rows_that_kafka_has_deleted_is_kept(echo: Echo, directory: Path) -> None:
    """The changelog has grown past it since, so its end does not tell. The kept copy does not get younger: should the
    partition come back, it may lack deletions."""
    app = await echo.lose_rows()
    used_at = directory.stat().st_mtime
    await _looks(echo, app, *(1.1 * day for day in range(1, 6)))  # Kafka may be silent when it is asked
    assert _are_in(directory.parent) == {"0"}
    assert directory.stat().st_mtime == used_at


async def test_a_directory_of_a_partition_that_is_no_more_is_kept(echo: Echo, directory: Path) -> None:
    _add_row(directory.with_name("7"), offset=0)
    async with echo.app() as app:
        await echo.caught_up(app, 0)
        await _looks(echo, app, 2)
    assert _are_in(directory.parent) == {"0", "7"}


async def test_what_a_look_has_not_finished_the_next_one_does(echo: Echo, directory: Path) -> None:
    torn = directory.with_name("7.removed")
    torn.mkdir(parents=True)
    (torn / "000001.sst").touch()
    async with echo.app() as app:
        await echo.caught_up(app, 0)
        await _looks(echo, app, 0)
    assert _are_in(directory.parent) == {"0"}


@pytest.mark.parametrize("away", [LONGEST_S - 600, LONGEST_S + 60])
async def test_a_directory_that_was_away_while_deletions_went_is_read_anew(
    echo: Echo, directory: Path, away: float
) -> None:
    """It does not help that a worker has opened it since and ended before it had read anything."""
    echo.retention_ms = None
    echo.produce("a")
    async with echo.app() as app:
        await echo.caught_up(app, 1)
        offset = echo.table(app).offset
        echo.table(app).apply([(b"deleted", b"1")], offset or 0)  # the others have forgotten it
    then = time.time() - away
    os.utime(directory, (then, then))
    TablePartition(directory).close()
    echo.produce("a", "b")
    async with echo.app() as app:
        await echo.caught_up(app, 3)
        is_away = away > LONGEST_S
        assert (echo.table(app).get(b"deleted") is None) is is_away
        assert _are_in(directory.parent) == ({"0", "0.removed"} if is_away else {"0"})
        await _looks(echo, app, 0)
        assert _are_in(directory.parent) == {"0"}
    assert echo.passed_on() == ["a", "b"]


@pytest.mark.parametrize("migrations", [0, 1])
async def test_a_directory_whose_rows_go_by_age_alone_is_read_on_however_long_it_was_away(
    echo: Echo, directory: Path, migrations: int
) -> None:
    """It may know what its changelog has forgotten since by Kafka's clock, and nothing else may have gone. If a
    migration lies between, rows may have."""
    echo.produce("a")
    async with echo.app() as app:
        await echo.caught_up(app, 1)
    echo.delete_all(echo.changelog)
    echo.produce("b")
    async with echo.app() as app:
        await echo.caught_up(app, 2)
    then = time.time() - LONGEST_S - 60
    os.utime(directory, (then, then))
    echo.epoch += migrations
    echo.produce("a", "b", "c")
    async with echo.app() as app:
        await echo.caught_up(app, 5)
    assert echo.passed_on() == ["a", "b", *["a"] * migrations, "c"]
