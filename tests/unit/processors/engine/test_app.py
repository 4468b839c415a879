"""The app that agents run in, without Kafka."""

import asyncio
import gc
import weakref
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from faust.types import TP, Message

from processors.engine.chunk import Chunk
from processors.engine.observer import LaneState
from processors.engine.overrides.app import LaneApp
from processors.engine.refusals import RefusalsByLane
from processors.engine.rival import Rival
from tests.unit.processors.engine.options import options_in
from tests.unit.processors.engine.records import record
from tests.unit.processors.engine.test_lane import Silent

SOURCE = TP("in", 0)


class Handler:
    def process(self, unit: object) -> None: ...

    def refuse(self, unit: object, error: Exception) -> None: ...


class NoConsumer:
    """A stand-in for the group's consumer."""

    def __init__(self) -> None:
        self._unacked_messages = self.unacked = set[object]()

    def assignment(self) -> set[TP]:
        return set()

    async def on_task_error(self, _error: BaseException) -> None: ...


def made(directory: Path, **settings: Any) -> LaneApp:
    options = options_in(directory, **settings)
    app = LaneApp(
        options,
        {SOURCE.topic: ("seen",)},
        {"seen": "changelog"},
        1,
        Silent(),
        RefusalsByLane(),
        Rival(options.session_timeout),
    )
    app.handle(SOURCE.topic, "handles", Handler())
    app._consumer = NoConsumer()
    return app


async def test_an_app_that_nobody_holds_any_more_is_gone(tmp_path: Path) -> None:
    """After a crash, a new app follows in the same process."""
    app = weakref.ref(made(tmp_path))
    gc.collect()
    assert app() is None


def test_a_worker_is_a_member_for_a_session_by_the_clock_of_its_owner(tmp_path: Path) -> None:
    """The clock goes on while the system is suspended. Meanwhile another worker may take over the partitions."""
    now = 1000.0
    app = made(tmp_path, clock=lambda: now)
    app._consumer.thread = SimpleNamespace(last_heartbeat=now)
    assert not app.is_member()
    app.lanes.opened_at = now - 60
    now += app.lanes.options.session_timeout - 0.1
    assert app.is_member()
    now += 0.1
    assert not app.is_member()


async def test_it_is_one_from_the_assignment_on(tmp_path: Path) -> None:
    """The first heartbeat comes later."""
    app = made(tmp_path, clock=lambda: 1000.0)
    app._consumer.thread = SimpleNamespace(last_heartbeat=0.0)
    await app.lanes.open_all([])
    assert app.is_member()


async def test_partitions_that_are_revoked_have_no_lane_any_more(tmp_path: Path) -> None:
    app = made(tmp_path)
    lane = app.lanes._lanes[SOURCE] = app.lanes._new_lane(SOURCE)
    await app._on_partitions_revoked({SOURCE})
    assert (app.lanes.assigned(), lane.state) == ({}, LaneState.CLOSED)


def test_partitions_that_somebody_has_added_have_no_lane_and_that_is_told_once(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    added, recovery = TP(SOURCE.topic, 1), made(tmp_path).tables.recovery
    for assigned in ({SOURCE, added}, {added}, {SOURCE}, {added}):
        assert recovery._with_lanes(assigned) == sorted(assigned - {added})
    [told] = [each.getMessage() for each in caplog.records]
    assert told == "no lane reads in/1: by the settings there are 1 partitions"


async def test_what_an_agent_raises_unexpectedly_crashes_the_app(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    app, bug = made(tmp_path), RuntimeError("a bug")

    async def unit(_: Chunk) -> None:
        raise bug

    monkeypatch.setattr(app.lanes, "unit", unit)
    released = list[bool]()
    chunk = Chunk(SOURCE, 0, 1, [record(0)], lambda: released.append(True))
    agent = app.agents["handles"]
    app.flow_control.resume()
    await agent.start()
    try:
        async with asyncio.timeout(30):
            while not app.topics:  # the agent's topic is there once it reads
                await asyncio.sleep(0)
            [read] = app.topics
            here = {"tp": SOURCE, "generation_id": app.consumer_generation_id}
            message = Message(*SOURCE, 0, 0.0, 0, None, None, chunk, None, **here)
            await read.queue.put(app.create_event(None, chunk, None, message))
            await app.wait_crashed()
    finally:
        await agent.stop()
    assert isinstance(app.crash_reason, ExceptionGroup)
    assert (app.crash_reason.exceptions, released) == ((bug,), [True])
