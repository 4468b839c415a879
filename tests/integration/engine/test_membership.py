"""Workers that are out of their group leave those alone that are in it."""

import asyncio
import copy
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from dataclasses import replace
from typing import Any

import pytest
from aiokafka.errors import KafkaConnectionError
from faust.types import TP

from processors.engine.errors import NoAnswerError
from processors.engine.observer import LaneState
from processors.engine.overrides.app import LaneApp
from tests.integration.engine.echo import Echo
from tests.integration.waiting import PATIENCE


@contextmanager
def cut_off(app: LaneApp) -> Iterator[None]:
    """Meanwhile this app's consumer cannot reach the group's coordinator; all else is there."""
    coordinator = app.consumer.thread._ensure_consumer()._coordinator
    send = coordinator._send_req

    async def fail(_request: Any) -> None:
        coordinator.coordinator_dead()
        raise KafkaConnectionError("the test has cut it off")

    coordinator._send_req = fail
    try:
        yield
    finally:
        coordinator._send_req = send


@asynccontextmanager
async def successor(echo: Echo) -> AsyncIterator[LaneApp]:
    """Another worker of the same group, with a disk of its own."""
    other = copy.copy(echo)
    other.directory = echo.directory.with_name("other")
    async with other.app() as app:
        yield app


async def test_who_is_out_of_the_group_does_not_fence_its_successor(echo: Echo) -> None:
    """The old owner had the partition, nobody can tell it otherwise, and it reads on."""
    tp = TP(echo.source, 0)
    echo.produce("a")
    async with echo.app() as app:
        await echo.caught_up(app, 1)
        lane = app.lanes.assigned()[tp]
        with cut_off(app):
            async with successor(echo) as healthy:
                await echo.opened(healthy)
                assert not app.is_member()
                echo.produce("b")  # both read it, and one of them is fenced
                await echo.caught_up(healthy, 2)
                await echo.until(app, lambda: lane.state is LaneState.FAILED)
                had, has = lane.opening, healthy.lanes.opening(tp)
                for key in "cdefgh":
                    echo.produce(key)
                    await asyncio.sleep(1.0)  # six seconds, as nothing tells that no fence comes
                assert (lane.opening, healthy.lanes.opening(tp)) == (had, has)
                await echo.caught_up(healthy, 8)
        echo.produce("i")  # the other has ended, and the group gives it back
        await echo.caught_up(app, 9)
    assert echo.passed_on() == list("abcdefghi")


async def test_a_coordinator_that_does_not_answer_is_named(echo: Echo) -> None:
    """It was once told as an opening that takes too long, as for want of CPU, and then had twice the time."""
    async with echo.app() as app:
        await echo.opened(app)
        with cut_off(app), pytest.raises(NoAnswerError, match="coordinator does not answer"):
            await app.consumer.thread.committed(TP(echo.source, 0))


def is_left_alone(echo: Echo, app: LaneApp) -> bool:
    """Whether its lane was left alone for several heartbeats of the other."""
    since = app.lanes.opened_at
    return echo.state(app) is LaneState.READY and since is not None and time.monotonic() - since > 3.0


async def test_two_with_one_instance_id_say_so_and_have_the_partitions_in_turn(
    echo: Echo, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each used to throw the other out at once: neither had its lanes open, and nothing said why."""
    options = replace(echo.options(), instance_id="worker-0")
    monkeypatch.setattr(Echo, "options", lambda each: replace(options, data_dir=each.directory))
    echo.produce("a")
    async with echo.app() as one, successor(echo) as other:
        await echo.until(one, lambda: one.has_rival() and other.has_rival())
        assert caplog.text.count("another process has the instance id worker-0") == 2
        await echo.until(one, lambda: is_left_alone(echo, one) or is_left_alone(echo, other))
        await echo.caught_up(one if is_left_alone(echo, one) else other, 1)
        assert not other.crashed
    assert echo.passed_on() == ["a"]


async def test_one_that_another_takes_over_from_while_it_joins_goes_on(
    echo: Echo, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Kafka answers the join with an error that aiokafka does not know: the process is fenced. The app once crashed by
    it, and the next one knew nothing of the other process. A member that closes its lanes slowly holds the rebalance
    up."""
    options = replace(echo.options(), instance_id="worker-0")
    third = copy.copy(echo)
    third.directory = echo.directory.with_name("third")
    async with third.app() as slow:
        await echo.opened(slow)
        close_all = slow.lanes.close_all

        async def close_slowly() -> None:
            await asyncio.sleep(5.0)
            await close_all()

        monkeypatch.setattr(Echo, "options", lambda each: replace(options, data_dir=each.directory))
        monkeypatch.setattr(slow.lanes, "close_all", close_slowly)
        async with AsyncExitStack() as stack:
            begun = (stack.enter_async_context(app) for app in (echo.app(), successor(echo)))
            async with asyncio.timeout(PATIENCE):  # an app that crashes never begins
                one, other = await asyncio.gather(*begun)
            monkeypatch.setattr(slow.lanes, "close_all", close_all)
            await echo.until(one, lambda: one.has_rival() and other.has_rival())
            assert not other.crashed
