"""A transaction hangs on a topic that lanes write. No lane reads that topic, so none stands still."""

import asyncio
import re

import pytest
from confluent_kafka import Producer

from processors.engine.log_ends import LogEnds
from processors.worker import open_outputs
from processors.worker.open_outputs import OpenOutputs
from tests.integration.engine.echo import Echo


@pytest.mark.parametrize("which", ["out", "changelog"])
async def test_it_is_told_until_it_ends(echo: Echo, monkeypatch: pytest.MonkeyPatch, which: str) -> None:
    monkeypatch.setattr(open_outputs, "_LOOK_S", 0.1)
    monkeypatch.setattr(open_outputs, "OPEN_S", 2.0)
    topic, outputs = getattr(echo, which), OpenOutputs()
    echo.produce("a")
    async with echo.app() as app:
        await echo.caught_up(app, 1)
        hanging = Producer({"bootstrap.servers": echo.servers, "transactional.id": f"{echo.prefix}.hanging"})
        hanging.init_transactions(30)
        hanging.begin_transaction()
        hanging.produce(topic, b"value", key=b"5", partition=0)
        assert hanging.flush(30) == 0
        looking = asyncio.create_task(outputs.run(app.lanes, LogEnds(app.lanes.options.client)))
        await echo.until(app, lambda: outputs.problem() is not None)
        said = outputs.problem() or ""  # of a look that may have been late
        assert re.match(rf"{topic}/0: a transaction has been open for \d+ s: 1 offsets from ", said)
        hanging.abort_transaction(30)
        await echo.until(app, lambda: outputs.problem() is None)
        looking.cancel()
        await asyncio.wait({looking})
