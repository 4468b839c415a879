"""Reading one raw record again: how long that may take."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest

from bridge.kafka.reading import Source
from bridge.settings import Settings
from processors.worker.queries import peers, raw_record
from processors.worker.queries.owners import AwayError
from processors.worker.queries.raw_record import RawRecords


async def test_a_worker_that_passed_the_question_on_is_told_why_before_it_stops_waiting(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    @asynccontextmanager
    async def reader(*_: Any) -> AsyncIterator[Any]:
        await asyncio.Event().wait()
        yield

    assert peers._TIMEOUT.total is not None
    assert peers._TIMEOUT.total > peers.WITHIN_S
    monkeypatch.setattr(raw_record, "reader", reader)
    monkeypatch.setattr(raw_record, "WITHIN_S", 0.001)
    with pytest.raises(AwayError, match=r"Kafka did not give raw record 0:1 within 0.001 s"):
        await RawRecords(Settings(tenant="acme")).body(Source(0, 1))
