"""Ticks on a real broker whose answers get lost, or come too late. Kafka tells what was committed; nobody guesses."""

import asyncio
from contextlib import AbstractAsyncContextManager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from deploy.local.kafka import LocalKafka
from processors.engine.lane import Lane
from processors.engine.observer import LaneState
from processors.engine.options import EngineOptions
from processors.engine.overrides.app import LaneApp
from processors.engine.ticking import keep_ticking
from processors.engine.unit import Unit
from tests.integration.engine.echo import Echo

DUE = 10


class Due(Echo):
    """Passes on each thing that is due once: with n tenths of the room, n at a time."""

    transaction_timeout = 30.0

    def options(self) -> EngineOptions:
        return replace(super().options(), transaction_timeout=self.transaction_timeout)

    def tick(self, unit: Unit, now_ms: int) -> bool:
        keys = [b"due %d" % number for number in range(DUE)]
        left = [key for key, row in zip(keys, unit.get_many("seen", keys), strict=True) if row is None]
        most = max(1, DUE * unit.room // unit.size.max_bytes)
        for key in left[:most]:
            unit.put("seen", key, b"%d" % now_ms, now_ms)
            unit.emit(self.out, 0, key, b"", now_ms)
        return len(left) > most

    def ticking(self) -> AbstractAsyncContextManager[LaneApp]:
        return self.app_beside(lambda app: keep_ticking(app.lanes, app.ticking))


@pytest.fixture
def echo(kafka: LocalKafka, prefix: str, tmp_path: Path) -> Due:
    return Due(kafka.bootstrap_servers, prefix, tmp_path / "data")


@pytest.mark.parametrize("answer", ["refused", "lost", "late"])
async def test_what_is_due_is_done_once_whatever_becomes_of_the_answer(
    echo: Due, monkeypatch: pytest.MonkeyPatch, answer: str
) -> None:
    transaction, move = Lane._transaction, Lane._move
    states, rows = list[LaneState](), list[int]()

    async def fail_once(lane: Lane, producer: Any, unit: Unit) -> Any:
        if unit.records:
            return await transaction(lane, producer, unit)
        rows.append(len(unit.rows["seen"]))
        if len(rows) > 1:
            return await transaction(lane, producer, unit)
        if answer == "lost":
            await transaction(lane, producer, unit)
        if answer == "late":
            await asyncio.Event().wait()
        raise OSError("the test's answer")

    def noting(lane: Lane, state: LaneState) -> None:
        states.append(state)
        move(lane, state)

    if answer == "late":
        echo.transaction_timeout = 3.0
    monkeypatch.setattr(Lane, "_transaction", fail_once)
    monkeypatch.setattr(Lane, "_move", noting)
    async with echo.ticking() as app:
        await echo.until(app, lambda: len(echo.passed_on()) >= DUE and echo.state(app) is LaneState.READY)
        position = app.lanes.positions()
        echo.produce("a")
        await echo.caught_up(app, 1)
    assert set(position.values()) == {0}
    assert LaneState.FAILED in states
    assert rows[:2] == {"refused": [DUE, DUE], "lost": [DUE], "late": [DUE, DUE // 2]}[answer]
    assert echo.passed_on() == [*(f"due {number}" for number in range(DUE)), "a"]
