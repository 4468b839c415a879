"""Ticks that do not end are given up, and the watchdog has its turn between them."""

import asyncio

import pytest
from faust.types import TP

from processors.engine import cpu_limit, ticking
from processors.engine.ticking import keep_ticking
from processors.engine.unit import Unit
from tests.unit.processors.engine.test_lane import SOURCE
from tests.unit.processors.engine.test_ticking import Committing, Handler, lanes, writes

pytestmark = pytest.mark.thorough  # they use up CPU time

__all__ = ["lanes"]


async def test_what_takes_too_long_is_left_for_longer(lanes: Committing, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cpu_limit, "CPU_LIMIT_S", 0.05)
    monkeypatch.setattr(ticking, "TICK_S", 0.0)

    def spins(unit: Unit) -> bool:
        while not writes(unit):
            pass
        return False

    handler = Handler(spins)
    beside = asyncio.create_task(keep_ticking(lanes, {SOURCE.topic: handler}))
    while not handler.ticks:
        await asyncio.sleep(0)
    for _ in range(10):
        await asyncio.sleep(0)
    assert (len(handler.ticks), lanes.committed, lanes.ticks, lanes.failed) == (1, [], {}, [])
    beside.cancel()
    await asyncio.wait([beside])


async def test_what_takes_too_long_in_several_lanes_never_keeps_the_event_loop_twice_in_a_row(
    lanes: Committing, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Otherwise the watchdog would end the process, at each start again."""
    monkeypatch.setattr(cpu_limit, "CPU_LIMIT_S", 0.05)
    monkeypatch.setattr(ticking, "TICK_S", 0.01)
    for partition in range(1, 5):
        tp = TP(SOURCE.topic, partition)
        lane = lanes._lanes[tp] = lanes._new_lane(tp)
        lane._producer = lanes.lane._producer
        lane.start_at(20, None, 0)

    def spins(_unit: Unit) -> bool:
        while True:
            pass

    handler, most, seen = Handler(spins), 0, 0
    beside = asyncio.create_task(keep_ticking(lanes, {SOURCE.topic: handler}))
    while seen < 5:
        await asyncio.sleep(0.001)
        most, seen = max(most, len(handler.ticks) - seen), len(handler.ticks)
    assert most == 1
    beside.cancel()
    await asyncio.wait([beside])
