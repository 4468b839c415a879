"""Units that fail: a record on which the handler fails is put aside. Where all would be, the lane halts."""

import pytest

from processors.engine.errors import TableError
from processors.engine.observer import LaneState
from processors.engine.refusals import IN_A_ROW, RefusalsByLane
from processors.engine.unit import Unit
from tests.integration.engine.echo import Echo


async def test_a_chunk_whose_tables_could_not_be_read_comes_again(echo: Echo) -> None:
    """That is no fault of its records: none is put aside, acknowledged or left behind."""
    failures = iter([TableError("first try"), TableError("second try")])

    def fail(unit: Unit) -> None:
        if unit.records and (error := next(failures, None)):
            raise error

    echo.fail = fail
    echo.produce("a", "b")
    async with echo.app() as app:
        await echo.caught_up(app, 2)
    assert next(failures, None) is None
    assert echo.passed_on() == ["a", "b"]


def poisonous(echo: Echo, *keys: str) -> None:
    """Let the handler fail wherever one of these keys is."""

    def fail(unit: Unit) -> None:
        if bad := [record.key for record in unit.records if record.key.decode() in keys]:
            raise ValueError(f"cannot process {bad}")

    echo.fail = fail


async def test_a_record_on_which_the_handler_fails_is_put_aside_and_no_other(echo: Echo) -> None:
    """The chunk is bisected. What failed attempts left in their units is gone, and the order stays."""
    poisonous(echo, "bad", "worse")
    keys = [f"good {n}" for n in range(20)]
    keys[3:3] = ["bad"]
    keys[17:17] = ["worse"]
    echo.produce(*keys)
    async with echo.app() as app:
        await echo.caught_up(app, 22)
        assert echo.state(app) is LaneState.READY
    assert echo.passed_on() == [f"refused: {key}" if key in {"bad", "worse"} else key for key in keys]


async def test_a_handler_that_fails_on_everything_halts_its_lane(echo: Echo) -> None:
    """After a bad deployment, a topic must wait and not go into quarantine. Neither a rebalance nor another app of the
    process changes that."""
    keys = [f"bad {n}" for n in range(30)]
    poisonous(echo, *keys)
    echo.produce("good", *keys)
    async with echo.app() as app:
        await echo.until(app, lambda: echo.state(app) is LaneState.HALTED)
        await app.lanes.open_all(app.lanes.states())
        await echo.until(app, lambda: echo.state(app) is LaneState.HALTED)
    async with echo.app() as app:
        await echo.until(app, lambda: echo.state(app) is LaneState.HALTED)
    assert echo.passed_on() == ["good", *(f"refused: {key}" for key in keys[:IN_A_ROW])]

    poisonous(echo)  # a version that can process them
    echo.refusals = RefusalsByLane()
    async with echo.app() as app:
        await echo.caught_up(app, 31)
    assert echo.passed_on()[IN_A_ROW + 1 :] == keys[IN_A_ROW:]


async def test_a_record_that_cannot_even_be_put_aside_halts_its_lane(
    echo: Echo, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(_unit: Unit, error: Exception) -> None:
        raise RuntimeError("the quarantine is broken, too") from error

    poisonous(echo, "bad")
    monkeypatch.setattr(echo, "refuse", refuse)
    echo.produce("good", "bad", "later")
    async with echo.app() as app:
        await echo.until(app, lambda: echo.state(app) is LaneState.HALTED)
    assert echo.passed_on() == ["good"]
