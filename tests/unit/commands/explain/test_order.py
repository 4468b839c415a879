"""What is known of an order, and of an event's part in it."""

import json
from typing import Any

import pytest

from commands.explain import worker as asking
from commands.explain.asked import asked
from commands.explain.command import _find
from commands.explain.order import order_ids, part_in_order
from commands.explain.sentences import of_order
from commands.explain.view import document
from commands.explain.worker import Worker
from commands.terminal.worker import Reply
from processors.worker.queries.answer import problem
from tests.unit.commands.explain.cases import (
    SETTINGS,
    START_MS,
    FakeWorker,
    case_of,
)

ERASED = "it was erased at 2026-01-01T10:00:00.000Z"


async def test_the_problem_that_a_worker_answers_is_no_state(monkeypatch: pytest.MonkeyPatch) -> None:
    """Its `status` is 404, and was told as the order's."""

    async def ask(*_: Any, **__: Any) -> Reply:
        return Reply(404, json.loads(problem(404, "Unknown order", ERASED).content))

    monkeypatch.setattr(asking, "ask", ask)
    part = await part_in_order(case_of(worker=Worker(SETTINGS)), "SO-7", {"0:1"}, START_MS)
    assert (part["state"], part["why"]) == (None, ERASED)


async def test_of_an_order_that_is_gone_it_is_said_why() -> None:
    """It said that nothing was known of it, for a worker lists those only that have a state."""
    case = case_of(worker=FakeWorker({"SO-7": {"detail": ERASED}}))
    _, orders, nothing = await _find(case, asked("SO-7"))
    assert nothing == ""
    assert [*of_order(orders[0])] == [f"Order SO-7: {ERASED}."]
    assert document(case, [], orders)["orders"][0]["why"] == ERASED


async def test_an_id_of_which_a_worker_knows_nothing_is_no_orders() -> None:
    assert await order_ids(case_of(worker=FakeWorker({})), "SO-7") == []
