"""Lanes on a real broker: what they do when something is not as it should be."""

import shutil
from pathlib import Path

import pytest
from confluent_kafka import TopicPartition

from deploy.local.kafka import LocalKafka
from processors.engine.observer import LaneState
from processors.engine.unit import Unit
from tests.integration.engine.echo import Echo


@pytest.fixture
def echo(kafka: LocalKafka, prefix: str, tmp_path: Path) -> Echo:
    return Echo(kafka.bootstrap_servers, prefix, tmp_path / "data")


async def test_each_key_is_passed_on_once_also_after_a_restart_without_local_state(echo: Echo) -> None:
    echo.produce("a", "b", "a")
    async with echo.app() as app:
        await echo.caught_up(app, 3)
    shutil.rmtree(echo.directory)
    echo.produce("b", "c")
    async with echo.app() as app:
        await echo.caught_up(app, 5)
    assert echo.passed_on() == ["a", "b", "c"]


async def test_a_chunk_whose_agent_failed_comes_again(echo: Echo) -> None:
    """The exception must neither acknowledge the chunk nor leave half of it behind."""
    failures = iter([ValueError("first try"), ValueError("second try")])

    def fail(unit: Unit) -> None:
        if unit.records and (error := next(failures, None)):
            raise error

    echo.fail = fail
    echo.produce("a", "b")
    async with echo.app() as app:
        await echo.caught_up(app, 2)
    assert next(failures, None) is None
    assert echo.passed_on() == ["a", "b"]


async def test_a_group_without_offsets_goes_on_from_the_changelogs_position(echo: Echo) -> None:
    """Group offsets expire, and a loading coordinator hides them: nothing may be processed twice for it."""
    echo.produce("a", "b")
    async with echo.app() as app:
        await echo.caught_up(app, 2)
    for deleted in echo.admin.delete_consumer_groups([echo.group]).values():
        deleted.result(30)
    async with echo.app() as app:
        assert app.lanes.positions() == {next(iter(app.lanes.states())): 2}


async def test_records_deleted_before_they_were_processed_halt_the_lane_until_an_operator_decides(echo: Echo) -> None:
    echo.produce("a")
    async with echo.app() as app:
        await echo.caught_up(app, 1)
    echo.produce("lost", "lost too", "d")
    for deleted in echo.admin.delete_records([TopicPartition(echo.source, 0, 3)]).values():
        deleted.result(30)
    async with echo.app() as app:
        await echo.until(app, lambda: echo.state(app) is LaneState.HALTED)
    echo.set_group_offset(3)
    async with echo.app() as app:
        await echo.caught_up(app, 4)
    assert echo.passed_on() == ["a", "d"]


async def test_local_state_of_another_topic_halts_the_lane_and_is_kept(echo: Echo) -> None:
    """A changelog that was deleted and made again: local state may be the last copy, so it is not wiped."""
    echo.produce("a")
    async with echo.app() as app:
        await echo.caught_up(app, 1)
    for deleted in echo.admin.delete_topics([echo.changelog]).values():
        deleted.result(30)
    async with echo.app_when_created_again(echo.changelog) as app:
        await echo.until(app, lambda: echo.state(app) is LaneState.HALTED)
    assert any((echo.directory / "seen" / "0").iterdir())


async def test_local_state_ahead_of_the_changelog_halts_the_lane(echo: Echo) -> None:
    """Kafka lost committed records, or the directory comes from elsewhere."""
    echo.produce("a")
    async with echo.app() as app:
        await echo.caught_up(app, 1)
        table = app.lane_table("seen", echo.source, 0)
        assert table is not None
        table.apply([(b"ahead", b"1")], offset=1_000)
    async with echo.app() as app:
        await echo.until(app, lambda: echo.state(app) is LaneState.HALTED)
