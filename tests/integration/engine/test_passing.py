"""What a lane has passed over does not count as lost, and the group's offset heals."""

import asyncio
import time
from collections.abc import Iterator
from contextlib import AbstractAsyncContextManager, contextmanager

import pytest
from confluent_kafka import Consumer, Producer, TopicPartition

from processors.engine import passing
from processors.engine.observer import LaneState
from processors.engine.overrides.app import LaneApp
from processors.engine.passing import keep_passing
from tests.integration.engine.echo import Echo
from tests.integration.waiting import PATIENCE


@pytest.fixture(autouse=True)
def often(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(passing, "EVERY_S", 0.1)


@contextmanager
def transaction(echo: Echo, *keys: str) -> Iterator[Producer]:
    """Another writer's transaction, which the caller ends."""
    producer = Producer({"bootstrap.servers": echo.servers, "transactional.id": echo.prefix})
    producer.init_transactions(PATIENCE)
    producer.begin_transaction()
    for key in keys:
        producer.produce(echo.source, b"value", key=key.encode(), partition=0)
    assert producer.flush(PATIENCE) == 0
    yield producer


def commit(echo: Echo, *keys: str) -> None:
    with transaction(echo, *keys) as producer:
        producer.commit_transaction(PATIENCE)


def abort(echo: Echo, *keys: str) -> None:
    with transaction(echo, *keys) as producer:
        producer.abort_transaction(PATIENCE)


def group_offset(echo: Echo) -> int:
    consumer = Consumer({"bootstrap.servers": echo.servers, "group.id": echo.group, "enable.auto.commit": False})
    try:
        [found] = consumer.committed([TopicPartition(echo.source, 0)], timeout=PATIENCE)
        return int(found.offset)
    finally:
        consumer.close()


def passing_app(echo: Echo) -> AbstractAsyncContextManager[LaneApp]:
    return echo.app_beside(lambda app: keep_passing(app.lanes, app.readings))


async def test_markers_and_aborted_records_that_retention_deletes_halt_nothing(echo: Echo) -> None:
    commit(echo, "a", "b", "c", "d")  # 0 to 3, and its marker
    abort(echo, "x")  # 5, and its marker
    async with passing_app(echo) as app:
        await echo.caught_up(app, 7)
    assert group_offset(echo) == 7
    echo.delete_all(echo.source)
    async with passing_app(echo) as app:
        await echo.opened(app)
        echo.produce("e")
        await echo.caught_up(app, 8)
    assert echo.passed_on() == ["a", "b", "c", "d", "e"]


async def test_nor_do_they_in_a_running_app_whose_connections_are_lost(echo: Echo) -> None:
    """What is read after that may be of another log, so the last record is read again first."""
    commit(echo, "a", "b")
    async with passing_app(echo) as app:
        await echo.caught_up(app, 3)
        await lose_connections(app)
        abort(echo, "x")
        await echo.until(app, lambda: group_offset(echo) == 5)
        echo.delete_all(echo.source)
        await lose_connections(app)
        echo.produce("c")
        await echo.caught_up(app, 6)
        assert echo.state(app) is LaneState.READY
    assert echo.passed_on() == ["a", "b", "c"]


async def lose_connections(app: LaneApp) -> None:
    """Close those of the group consumer."""
    thread = app.consumer.thread

    def close() -> None:
        for connection in list(thread._consumer._client._conns.values()):
            connection.close()

    thread.thread_loop.call_soon_threadsafe(close)
    await asyncio.sleep(0)


async def test_a_log_that_has_grown_again_has_records_where_others_were_passed_over(echo: Echo) -> None:
    """It has lost what lay behind the last record, and has that record, as if nothing else was lost."""
    at = time.time_ns() // 1_000_000
    echo.produce("a", "b", timestamp=at)
    abort(echo, "x", "y")
    async with passing_app(echo) as app:
        await echo.caught_up(app, 5)
    echo.delete(echo.source)
    async with asyncio.timeout(PATIENCE):
        while echo.source in echo.admin.list_topics(timeout=PATIENCE).topics:
            await asyncio.sleep(0.05)
    echo.create(echo.source)
    echo.produce("a", "b", timestamp=at)
    echo.produce("c", "d", "e", "f")
    async with passing_app(echo) as app:
        await echo.caught_up(app, 6)
    assert echo.passed_on() == ["a", "b", "c", "d", "e", "f"]


async def test_a_group_that_has_lost_its_offsets_has_them_again_without_another_record(echo: Echo) -> None:
    echo.produce("a", "b")
    async with passing_app(echo) as app:
        await echo.caught_up(app, 2)
    for deleted in echo.admin.delete_consumer_groups([echo.group]).values():
        deleted.result(30)
    async with passing_app(echo) as app:
        await echo.opened(app)
        await echo.until(app, lambda: group_offset(echo) == 2)
    assert echo.passed_on() == ["a", "b"]
