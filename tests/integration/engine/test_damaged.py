"""The broker's disk has damaged a batch of the source."""

import pytest

from deploy.local.kafka import LocalKafka
from processors.engine.observer import LaneState
from processors.engine.records import IS_COMPILED
from tests.integration.damage import damaged
from tests.integration.engine.echo import Echo


@pytest.fixture
def kafka(mortal_kafka: LocalKafka) -> LocalKafka:
    """A broker whose disk may be damaged."""
    return mortal_kafka


async def test_it_halts_its_lane_behind_all_that_came_before_until_it_can_be_read(
    kafka: LocalKafka, echo: Echo
) -> None:
    """The app does not crash with its worker's other lanes, and nothing is skipped."""
    keys = [f"good {number}" for number in range(7)]
    echo.produce(*keys)
    echo.produce("bad", value=b"what cannot be read")
    echo.produce("last")
    with damaged(kafka, echo.source, b"what cannot be read"):
        async with echo.app() as app:
            await echo.until(app, lambda: echo.state(app) is LaneState.HALTED)
            assert echo.passed_on() == (keys if IS_COMPILED else keys[:4])  # aiokafka gives no part of a piece
    async with echo.app() as app:
        await echo.caught_up(app, 9)
    assert echo.passed_on() == [*keys, "bad", "last"]
