"""What is not known, or not looked through, is not shown as if it were nothing."""

from typing import Any

import pytest

from processors.worker.queries.answer import Answer, found, problem
from processors.worker.queries.caller import Caller
from tests.unit.processors.worker.console.fakes import PROGRESS, FakeQueries
from tests.unit.processors.worker.console.serving import Served
from tests.unit.processors.worker.console.told import busy

BUSY = busy()


@pytest.fixture
def queries() -> FakeQueries:
    return FakeQueries([BUSY])


async def test_returns_that_cannot_be_asked_for_are_not_said_to_be_none(
    open_console: Served, queries: FakeQueries, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def away(_caller: Caller, **_: Any) -> Answer:
        return problem(503, "Not all orders can be looked through now")

    monkeypatch.setattr(queries, "blind_returns", away)
    answer = await open_console.get("/console/search?q=nothing")
    assert answer.status == 503
    assert "has the id" not in answer.text


async def test_an_order_is_not_shown_as_the_only_one_where_there_may_be_more(
    open_console: Served, queries: FakeQueries, monkeypatch: pytest.MonkeyPatch
) -> None:
    page, search = f"/console/search?q={BUSY.order_id}", queries.search

    async def more(*asked: Any, **others: Any) -> Answer:
        answer = await search(*asked, **others)
        return found(answer.body | {"next": "5"}, PROGRESS)

    assert (await open_console.get(page)).location
    monkeypatch.setattr(queries, "search", more)
    assert "next page" in (await open_console.get(page)).text


async def test_a_list_that_was_not_looked_through_is_not_said_to_be_empty(
    open_console: Served, queries: FakeQueries, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def more(*_: Any, **__: Any) -> Answer:
        return found({"orders": [], "next": "5"}, PROGRESS)

    monkeypatch.setattr(queries, "search", more)
    page = (await open_console.get("/console/")).text
    assert "more to look through" in page
    assert "No order needs" not in page
