"""Where a lane goes on in its source, and what halts it: deleted records, another topic of the same name."""

import shutil

import pytest
from confluent_kafka import Producer, TopicPartition

from processors.engine.observer import LaneState
from tests.integration.engine.echo import Echo
from tests.integration.waiting import PATIENCE


async def test_a_group_without_offsets_goes_on_from_the_changelogs_position(echo: Echo) -> None:
    """Group offsets expire, and a loading coordinator hides them. Nothing may be processed twice for that."""
    echo.produce("a", "b")
    async with echo.app() as app:
        await echo.caught_up(app, 2)
    for deleted in echo.admin.delete_consumer_groups([echo.group]).values():
        deleted.result(30)
    async with echo.app() as app:
        await echo.caught_up(app, 2)
    assert echo.passed_on() == ["a", "b"]


async def test_what_an_aborted_transaction_wrote_is_not_processed(echo: Echo) -> None:
    """The orders topic holds what dedupe's units have written and then given up."""
    echo.produce("a")
    producer = Producer({"bootstrap.servers": echo.servers, "transactional.id": echo.prefix})
    producer.init_transactions(PATIENCE)
    producer.begin_transaction()
    producer.produce(echo.source, b"value", key=b"x", partition=0)
    assert producer.flush(PATIENCE) == 0
    producer.abort_transaction(PATIENCE)
    echo.produce("b")
    async with echo.app() as app:
        await echo.caught_up(app, 4)  # with the marker of the transaction's end
    assert echo.passed_on() == ["a", "b"]


async def test_records_deleted_before_a_running_lane_has_read_them_halt_it(
    echo: Echo, caplog: pytest.LogCaptureFixture
) -> None:
    """At most one of them was fetched meanwhile: each is as large as a fetch."""
    echo.produce("a")
    async with echo.app() as app:
        await echo.caught_up(app, 1)
        app.consumer.stop_flow()
        echo.produce("lost", "lost too", "lost as well", value=bytes(700_000))
        echo.produce("d")
        for deleted in echo.admin.delete_records([TopicPartition(echo.source, 0, 4)]).values():
            deleted.result(30)
        app.consumer.resume_flow()
        await echo.until(app, lambda: "is out of the log's range" in caplog.text)
        await echo.until(app, lambda: echo.state(app) is LaneState.HALTED)
    assert echo.passed_on() in (["a"], ["a", "lost"])


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


async def test_records_that_somebody_skips_by_the_groups_offset_are_told_of(
    echo: Echo, caplog: pytest.LogCaptureFixture
) -> None:
    """An operator may mean it. Somebody else's consumer in the workers' group does it by a slip."""
    echo.produce("a")
    async with echo.app() as app:
        await echo.caught_up(app, 1)
    assert "passed over" not in caplog.text
    echo.produce("skipped", "skipped too", "d")
    echo.set_group_offset(3)
    async with echo.app() as app:
        await echo.caught_up(app, 4)
    assert echo.passed_on() == ["a", "d"]
    assert f"{echo.source}/0: the group's offset 3 was set by no worker: records 1 to 2 are passed over" in caplog.text


async def test_a_source_that_was_replaced_halts_the_lane_even_when_it_has_grown_past_the_position(echo: Echo) -> None:
    """Everything below the position is new there. Nothing local knows that; the changelog does."""
    echo.produce("a", "b")
    async with echo.app() as app:
        await echo.caught_up(app, 2)
    shutil.rmtree(echo.directory)
    echo.delete(echo.source)
    async with echo.app_when_created_again(echo.source) as app:
        await echo.until(app, lambda: echo.state(app) is LaneState.HALTED)
    echo.produce("c", "d", "e")
    async with echo.app() as app:
        await echo.until(app, lambda: echo.state(app) is LaneState.HALTED)
    assert echo.passed_on() == ["a", "b"]


async def test_only_all_that_knows_the_old_source_together_lets_the_lane_read_a_new_one(echo: Echo) -> None:
    """The lane's position is a row of the changelog, and the local rows are of the changelog before."""
    echo.produce("a", "b")
    async with echo.app() as app:
        await echo.caught_up(app, 2)
    echo.delete(echo.source)
    async with echo.app_when_created_again(echo.source) as app:
        await echo.until(app, lambda: echo.state(app) is LaneState.HALTED)
    echo.produce("c")
    echo.set_group_offset(0)
    async with echo.app() as app:
        await echo.until(app, lambda: echo.state(app) is LaneState.HALTED)
    echo.delete(echo.changelog)
    async with echo.app_when_created_again(echo.changelog) as app:
        await echo.until(app, lambda: echo.state(app) is LaneState.HALTED)
    for deleted in echo.admin.delete_consumer_groups([echo.group]).values():
        deleted.result(30)
    shutil.rmtree(echo.directory)
    async with echo.app() as app:
        await echo.caught_up(app, 1)
    assert echo.passed_on() == ["a", "b", "c"]
