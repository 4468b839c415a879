"""Erasing over HTTP: who may, and what the log says of it."""

import asyncio
from typing import Any

import pytest

from processors.engine.changes import Changes
from processors.worker.changing.erasures import Erasures
from processors.worker.changing.order_changes import OrderChanges
from processors.worker.queries.caller import Caller
from tests.unit.processors.orders.units import TOPICS, FakeUnit
from tests.unit.processors.worker.queries.partitions import PARTITIONS, RULES, FakeOwners, Shop
from tests.unit.processors.worker.queries.test_routes import KEY, asked
from tests.unit.processors.worker.test_web import serving

PATH = "/orders/order-0815/erase"


async def test_nobody_erases_without_a_key_or_by_looking() -> None:
    async with serving() as port:
        assert (await asked(port, PATH, {}, b""))[0] == 401
        assert await asked(port, PATH, KEY, b"") == (503, "application/problem+json")
        assert (await asked(port, PATH, KEY))[0] == 405
        assert (await asked(port, PATH, KEY | {"Origin": "https://evil.example"}, b""))[0] == 403


@pytest.mark.parametrize("forwarded", [False, True])
async def test_it_is_answered_once_it_is_committed_and_logged_without_the_orders_id(
    forwarded: bool, caplog: pytest.LogCaptureFixture, capsys: pytest.CaptureFixture[str]
) -> None:
    owners: Any = FakeOwners(Shop(), range(PARTITIONS))
    nobody: Any = None
    changes = Changes()
    erasures = Erasures(OrderChanges(owners, nobody, changes), TOPICS, RULES, lambda _: None)
    erasing = asyncio.create_task(erasures.erase("order-0815", Caller("key 1"), forwarded=forwarded))
    await asyncio.sleep(0)
    units: list[Any] = [FakeUnit([], {}, partition=partition, now_ms=7_000) for partition in range(PARTITIONS)]
    assert [changes.make(unit) for unit in units].count(True) == 1
    answer = await erasing
    assert (answer.status, answer.body) == (
        200,
        {"order_id": "order-0815", "erased_at": "1970-01-01T00:00:07.000Z"},
    )
    logged = caplog.text + "".join(capsys.readouterr())
    assert "an order was erased" in logged
    assert "0815" not in logged
