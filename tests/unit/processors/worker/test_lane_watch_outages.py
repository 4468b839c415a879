"""While Kafka, or a part of it, is out of reach, no lane is given up."""

import asyncio

import pytest
from faust.types import TP

from processors.engine.log_ends import LogBounds
from processors.engine.outages import Unanswered
from processors.worker import lane_watch as module
from processors.worker import standstill
from processors.worker.lane_watch import LaneWatch
from tests.unit.processors.worker.test_lane_watch import LANE, Ends, closes_for_ever, lanes, until


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "LOOK_S", 0.001)
    monkeypatch.setattr(module, "LogEnds", Ends)


async def test_while_kafka_is_out_of_reach_lanes_that_cannot_be_closed_are_not_given_up(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A lane that is being opened may wait for Kafka."""
    monkeypatch.setattr(standstill, "STANDSTILL_S", 0.0)
    looks = list[bool]()

    def away() -> str:
        looks.append(True)
        return "away"

    watching = asyncio.create_task(LaneWatch(closes_for_ever(), away).run())
    await until(lambda: len(looks) > 3)
    assert not watching.done()
    watching.cancel()
    await asyncio.wait({watching})


async def test_nor_is_one_that_gets_nowhere(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(standstill, "STANDSTILL_S", 0.01)
    restarted: list[TP] = []
    watching = asyncio.create_task(LaneWatch(lanes(restarted), lambda: "away").run())
    await until(lambda: len(restarted) > 3)
    assert not watching.done()
    watching.cancel()
    await asyncio.wait({watching})


@pytest.mark.parametrize(
    ("logs", "outages", "told"),
    [({}, [], False), ({LANE: Unanswered("it has no leader", None)}, [], True), ({}, ["raw/0 has no leader"], True)],
)
def test_a_part_of_kafka_that_is_away_is_an_outage_as_all_of_it_is(
    logs: dict[TP, LogBounds | Unanswered], outages: list[str], told: bool
) -> None:
    watch = LaneWatch(lanes([]), lambda: None)
    watch._logs, watch._outages = logs, outages
    watch._look(1.0)
    assert watch.outage is told
