"""Consoles over a socket: one that asks for a key, one that does not."""

from collections.abc import AsyncIterator

import pytest

from tests.unit.processors.worker.console.fakes import FakeQueries
from tests.unit.processors.worker.console.known import BUSY, HELD, WHOLE, blind_return
from tests.unit.processors.worker.console.serving import Served, serving


@pytest.fixture
def queries() -> FakeQueries:
    lists = {("incomplete", "true"): [BUSY], ("status", "on_hold"): [HELD], ("stalled", "true"): [WHOLE] * 120}
    blind = [blind_return("r-1", "EX-7")]
    return FakeQueries([BUSY, WHOLE, HELD], lists, blind)


@pytest.fixture
async def open_console(queries: FakeQueries) -> AsyncIterator[Served]:
    async with serving(queries, keys=None) as served:
        yield served


@pytest.fixture
async def console(queries: FakeQueries) -> AsyncIterator[Served]:
    async with serving(queries) as served:
        yield served
