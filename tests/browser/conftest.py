"""One browser for all tests, whose tabs share nothing, and a console for each test."""

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from tests.browser.chromium import Browser, browser
from tests.unit.processors.worker.console.fakes import FakeQueries
from tests.unit.processors.worker.console.serving import Served, serving
from tests.unit.processors.worker.console.told import busy, contradicted, crowded, held, whole

BUSY, WHOLE, HELD, CONTRADICTED, CROWDED = busy(), whole(), held(), contradicted(), crowded()
ORDERS = (BUSY, WHOLE, HELD, CONTRADICTED, CROWDED)
LISTS = {
    ("incomplete", "true"): [BUSY],
    ("status", "on_hold"): [HELD],
    ("attention", "true"): [BUSY, CONTRADICTED],
    ("contradictions", "true"): [CONTRADICTED],
}


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def chromium() -> AsyncIterator[Browser]:
    async with browser() as opened:
        yield opened


@pytest.fixture
def queries() -> FakeQueries:
    return FakeQueries(ORDERS, LISTS, [blind_return(n) for n in range(3)])


@pytest_asyncio.fixture(loop_scope="session")
async def console(queries: FakeQueries) -> AsyncIterator[Served]:
    """A console that asks for no key."""
    async with serving(queries, keys=None) as served:
        yield served


def blind_return(number: int) -> dict[str, str | None]:
    """A return that belongs to no order."""
    since = f"2026-01-0{1 + number}T10:00:00.000Z"
    names = {"return_id": f"7077b81d-18db-40c1-a24a-{number:012}", "order_id": None, "external_order_id": None}
    return {"kind": "return", "since": since, **names}
