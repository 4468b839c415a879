"""Tables, local state and changelog. What is missing is read anew; what does not fit together halts the lane."""

import logging
import re
import shutil
import time

import pytest

from processors.engine.expiry import MARGIN_MS
from processors.engine.observer import LaneState
from tests.integration.engine.echo import Echo


async def test_each_key_is_passed_on_once_also_after_a_restart_without_local_state(echo: Echo) -> None:
    echo.produce("a", "b", "a")
    async with echo.app() as app:
        await echo.caught_up(app, 3)
    shutil.rmtree(echo.directory)
    echo.produce("b", "c")
    async with echo.app() as app:
        await echo.caught_up(app, 5)
    assert echo.passed_on() == ["a", "b", "c"]


async def test_a_recovery_reads_what_is_missing_and_says_how_much(echo: Echo, caplog: pytest.LogCaptureFixture) -> None:
    """It reads from the table's offset on: with local state nothing, without it everything."""
    logger = "processors.engine.recovery"
    caplog.set_level(logging.INFO, logger)
    echo.produce("a", "b")
    async with echo.app() as app:
        await echo.caught_up(app, 2)
    async with echo.app() as app:
        await echo.caught_up(app, 2)
    assert [record for record in caplog.records if record.name == logger] == []
    shutil.rmtree(echo.directory)
    async with echo.app() as app:
        await echo.caught_up(app, 2)
        assert echo.table(app).unread == 0
    [said] = [record.getMessage() for record in caplog.records if record.name == logger]
    assert re.match(r"recovery: [34] changelog records read in .* about 0 to go in 0 partitions", said)


async def test_local_state_of_another_topic_halts_the_lane_and_is_kept(echo: Echo) -> None:
    """The changelog was deleted and made anew. Local state may be the last copy, so it is not wiped."""
    echo.produce("a")
    async with echo.app() as app:
        await echo.caught_up(app, 1)
    echo.delete(echo.changelog)
    async with echo.app_when_created_again(echo.changelog) as app:
        await echo.until(app, lambda: echo.state(app) is LaneState.HALTED)
    assert any((echo.directory / "seen" / "0").iterdir())


async def test_without_local_state_a_changelog_that_was_made_again_halts_the_lane_until_an_operator_gives_its_keys_up(
    echo: Echo,
) -> None:
    """What came before then passes once more. docs/engine.md says what to do instead."""
    echo.produce("a")
    async with echo.app() as app:
        await echo.caught_up(app, 1)
    echo.delete(echo.changelog)
    shutil.rmtree(echo.directory)
    async with echo.app_when_created_again(echo.changelog) as app:
        await echo.until(app, lambda: echo.state(app) is LaneState.HALTED)
    echo.set_group_offset(1)
    echo.produce("a", "b")
    async with echo.app() as app:
        await echo.caught_up(app, 3)
    assert echo.passed_on() == ["a", "a", "b"]


async def test_local_state_of_another_cluster_halts_the_lane_and_is_kept(echo: Echo) -> None:
    """The names are the same elsewhere. The directory came along when the brokers' address was changed."""
    echo.produce("a")
    async with echo.app() as app:
        await echo.caught_up(app, 1)
        table = echo.table(app)
        table.lineage = f"another-cluster/{str(table.lineage).partition('/')[2]}"
    echo.produce("b")
    async with echo.app() as app:
        await echo.until(app, lambda: echo.state(app) is LaneState.HALTED)
    assert any((echo.directory / "seen" / "0").iterdir())
    assert echo.passed_on() == ["a"]


async def test_local_state_ahead_of_the_changelog_halts_the_lane(echo: Echo) -> None:
    """Kafka lost committed records, or the directory comes from elsewhere."""
    echo.produce("a")
    async with echo.app() as app:
        await echo.caught_up(app, 1)
        echo.table(app).apply([(b"ahead", b"1")], offset=1_000)
    async with echo.app() as app:
        await echo.until(app, lambda: echo.state(app) is LaneState.HALTED)


async def test_a_changelog_record_that_is_no_row_halts_the_lane_and_is_named(
    echo: Echo, caplog: pytest.LogCaptureFixture
) -> None:
    """Somebody else has written it. It once ended workers again and again, in Python's words."""
    echo.produce("a")
    async with echo.app() as app:
        await echo.caught_up(app, 1)
    echo.produce("junk", to=echo.changelog)
    shutil.rmtree(echo.directory)
    async with echo.app() as app:
        await echo.until(app, lambda: echo.state(app) is LaneState.HALTED)
    [said] = {each.getMessage() for each in caplog.records if "is no row of this table" in each.getMessage()}
    assert f": {echo.changelog}/0@" in said
    assert echo.passed_on() == ["a"]


async def test_an_idle_partition_opens_without_a_directory_when_retention_has_taken_its_rows(echo: Echo) -> None:
    """The changelog forgets rows by their age, and its position with them. The group's offset says how old that was."""
    echo.retention_ms = 5 * MARGIN_MS
    echo.produce("a", "b", timestamp=time.time_ns() // 1_000_000 - 10 * MARGIN_MS)
    async with echo.app() as app:
        await echo.caught_up(app, 2)
    shutil.rmtree(echo.directory)
    echo.delete_all(echo.source, echo.changelog)
    async with echo.app() as app:
        await echo.opened(app)


async def test_a_changelog_without_its_newest_position_halts_the_lane(echo: Echo) -> None:
    """Rows that it should have are gone. Their keys would pass twice."""
    echo.produce("a", "b")
    async with echo.app() as app:
        await echo.caught_up(app, 2)
    shutil.rmtree(echo.directory)
    echo.delete_all(echo.changelog)
    async with echo.app() as app:
        await echo.until(app, lambda: echo.state(app) is LaneState.HALTED)


async def test_a_changelog_whose_rows_a_wrong_policy_has_deleted_is_missed_only_without_a_directory(
    echo: Echo, caplog: pytest.LogCaptureFixture
) -> None:
    """Newer positions came after the rows. So only where the changelog begins tells: it may forget nothing."""
    await echo.lose_rows()
    assert "is their last copy" in caplog.text
    shutil.rmtree(echo.directory)
    echo.produce("a")
    async with echo.app() as app:
        await echo.until(app, lambda: echo.state(app) is LaneState.HALTED)
    assert echo.passed_on() == ["a", "b"]


async def test_a_directory_that_lacks_what_its_changelog_has_lost_meanwhile_halts_the_lane(echo: Echo) -> None:
    echo.retention_ms = None
    echo.produce("a")
    async with echo.app() as app:
        await echo.caught_up(app, 1)
    away = echo.directory.with_name("away")
    shutil.copytree(echo.directory, away)
    echo.produce("b")
    async with echo.app() as app:
        await echo.caught_up(app, 2)
    echo.delete_all(echo.changelog)
    echo.produce("c")
    async with echo.app() as app:
        await echo.caught_up(app, 3)
    shutil.rmtree(echo.directory)
    away.rename(echo.directory)
    async with echo.app() as app:
        await echo.until(app, lambda: echo.state(app) is LaneState.HALTED)
