"""The app that agents run in, without Kafka."""

import gc
import weakref
from pathlib import Path
from types import SimpleNamespace

from faust.types import TP

from processors.engine.observer import LaneState
from processors.engine.options import EngineOptions
from processors.engine.overrides.app import LaneApp
from tests.unit.processors.engine.test_lane import Silent

SOURCE = TP("in", 0)


class Handler:
    def process(self, unit: object) -> None: ...

    def refuse(self, unit: object, error: Exception) -> None: ...


def made(directory: Path) -> LaneApp:
    options = EngineOptions("group", {"bootstrap_servers": ["nowhere:1"]}, directory, (), "http://localhost")
    app = LaneApp(options, {SOURCE.topic: ("seen",)}, {"seen": "changelog"}, 1, Silent())
    app.handle(SOURCE.topic, "handles", Handler())
    return app


async def test_an_app_that_nobody_holds_any_more_is_gone(tmp_path: Path) -> None:
    """One that has crashed is followed by another, in the same process."""
    app = weakref.ref(made(tmp_path))
    gc.collect()
    assert app() is None


async def test_partitions_that_are_revoked_have_no_lane_any_more(tmp_path: Path) -> None:
    app = made(tmp_path)
    lane = app.lanes._lanes[SOURCE] = app.lanes._new_lane(SOURCE)
    app._consumer = SimpleNamespace(assignment=set)
    await app._on_partitions_revoked({SOURCE})
    assert (app.lanes.assigned(), lane.state) == ({}, LaneState.CLOSED)
