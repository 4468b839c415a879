"""`bridge erase`, as far as it needs no Kafka, and what it asks a worker."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import NamedTuple

import pytest
from aiohttp import web

from bridge.settings import Settings
from commands.erase import asking, command
from commands.erase.asking import OnlyTheWorkerHasIt, erase
from commands.erase.orders import KeptOrder
from commands.erase.plan import ErasePlan
from commands.terminal.worker import NoAnswer
from deploy.local.ports import free_ports
from processors.worker.other_deployments import KAFKA_CLUSTER
from tests.unit.commands.conftest import Run


def test_it_must_be_said_what_to_erase(bridge: Run) -> None:
    for arguments in ((), ("--yes",)):
        result = bridge("erase", *arguments)
        assert (result.exit_code, result.stderr.startswith("Say what to erase")) == (2, True)


@pytest.mark.parametrize("option", ["--order", "--customer"])
def test_an_id_that_is_none_is_wrong_use(bridge: Run, option: str) -> None:
    """This includes an empty id beside a good one: a variable may be empty."""
    for text, said in (("", "the id is empty"), ("\udcff", "it is no UTF-8")):
        result = bridge("erase", "--order", "SO-7", option, text)
        assert (result.exit_code, said in result.stderr) == (2, True)


class Asked(NamedTuple):
    path: str
    key: str | None
    cluster_id: str | None


@asynccontextmanager
async def worker(answers: Callable[[str], int], asked: list[Asked]) -> AsyncIterator[Settings]:
    """A worker that answers by a script, and notes what it was asked."""

    async def answer(request: web.Request) -> web.Response:
        headers = request.headers
        asked.append(Asked(request.raw_path, headers.get("Authorization"), headers.get(KAFKA_CLUSTER)))
        status = answers(request.raw_path)
        return web.json_response({"title": "Unknown order"} if status == 404 else {}, status=status)

    app = web.Application()
    app.router.add_post("/orders/{order_id}/erase", answer)
    app.router.add_get("/orders/{order_id}", answer)
    runner = web.AppRunner(app)
    await runner.setup()
    (port,) = free_ports(1)
    await web.TCPSite(runner, "127.0.0.1", port).start()
    yield Settings(tenant="acme", worker_url=f"http://127.0.0.1:{port}/", worker_api_keys="right")
    await runner.cleanup()


def kept(*order_ids: str) -> list[KeptOrder]:
    """Orders that have rows."""
    return [KeptOrder(order_id, events=1, row_bytes=9) for order_id in order_ids]


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(asking, "_PAUSE_S", 0.0)


async def test_each_order_is_asked_for_with_the_key_and_a_worker_that_is_not_ready_again() -> None:
    asked = list[Asked]()
    async with worker(lambda _: 503 if len(asked) < 3 else 200, asked) as settings:
        assert [done async for done in erase(settings, kept("a/b", "o-2"), None)] == ["a/b", "o-2"]
    assert [each.path for each in asked] == 3 * ["/orders/a%2Fb/erase"] + ["/orders/o-2/erase"]
    assert {each.key for each in asked} == {"Bearer right"}


@pytest.mark.parametrize(("status", "tries"), [(401, 1), (500, 1), (404, 1), (503, 20)])
async def test_what_is_not_known_to_be_done_ends_it(status: int, tries: int) -> None:
    asked = list[Asked]()
    async with worker(lambda path: 200 if "o-1" in path else status, asked) as settings:
        orders = erase(settings, kept("o-1", "o-2", "o-3"), None)
        assert await anext(orders) == "o-1"
        said = {401: "BRIDGE_WORKER_API_KEYS", 503: "Order o-2 is not known to be erased: ask again."}
        with pytest.raises(NoAnswer, match=said.get(status, f"answered {status}")):
            await anext(orders)
    assert len(asked) == 1 + tries


def planned(monkeypatch: pytest.MonkeyPatch, *orders: KeptOrder) -> None:
    """Let the command find these orders, without Kafka."""

    async def plan(*_: object) -> ErasePlan:
        return ErasePlan(orders, {}, {})

    async def cluster_id(_: Settings) -> str:
        return "production"

    monkeypatch.setattr(command, "_plan", plan)
    monkeypatch.setattr(command, "cluster_id", cluster_id)


@pytest.mark.parametrize(("left", "known"), [("o-3", 2), ("o-1", 0)])
async def test_what_ends_early_says_how_many_are_erased(
    bridge: Run, monkeypatch: pytest.MonkeyPatch, left: str, known: int
) -> None:
    """Only the order at which it ended was named: whoever erased that one by its id left those behind it."""
    planned(monkeypatch, *kept("o-1", "o-2", "o-3", "o-4"))
    async with worker(lambda path: 503 if left in path else 200, []) as settings:
        told = await asyncio.to_thread(bridge, "erase", "--customer", "c-1", "--yes", worker_url=settings.worker_url)
    [early, why] = told.stderr.splitlines()[-2:]
    assert told.exit_code == 2
    assert early == f"Ended early: {known} of 4 orders are known to be erased; run this again for the rest."
    assert why == f"Order {left} is not known to be erased: ask again."


async def test_what_is_interrupted_says_so_too(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    planned(monkeypatch)
    second = asyncio.Event()

    async def erase_orders(*_: object) -> AsyncIterator[str]:
        yield "o-1"
        second.set()
        await asyncio.Event().wait()

    monkeypatch.setattr(command, "erase_orders", erase_orders)
    erasing = asyncio.create_task(command._erase(Settings(tenant="acme"), ErasePlan(kept("o-1", "o-2"), {}, {})))
    await second.wait()
    erasing.cancel()
    await asyncio.wait({erasing})
    assert "Ended early: 1 of 2 orders are known to be erased" in capsys.readouterr().err


async def test_what_the_worker_alone_has_is_not_what_was_shown() -> None:
    """The command said "Nothing is kept of it" of an order, and erased the order in that worker's deployment. Now none
    is erased."""
    asked = list[Asked]()
    async with worker(lambda _: 503 if len(asked) < 2 else 200, asked) as settings:
        with pytest.raises(OnlyTheWorkerHasIt, match=r"has order o-2, of which newstore\.orders-changelog\.v1 keeps"):
            await anext(erase(settings, [*kept("o-1"), KeptOrder("o-2")], "ours"))
    assert [each.path for each in asked] == 2 * ["/orders/o-2"]


async def test_what_nobody_has_is_erased_before_it_comes() -> None:
    asked = list[Asked]()
    async with worker(lambda path: 200 if path.endswith("/erase") else 404, asked) as settings:
        assert [done async for done in erase(settings, [KeptOrder("o-2")], None)] == ["o-2"]
    assert [each.path for each in asked] == ["/orders/o-2", "/orders/o-2/erase"]


async def test_the_command_says_in_which_kafka_it_found_the_orders(
    bridge: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A worker of another Kafka must refuse: with the same prefix and tenant, it erased its own order."""

    planned(monkeypatch, *kept("o-1"), KeptOrder("o-2"))
    asked = list[Asked]()
    async with worker(lambda path: 200 if path.endswith("/erase") else 404, asked) as settings:
        told = await asyncio.to_thread(bridge, "erase", "--order", "o-1", "--yes", worker_url=settings.worker_url)
    assert told.exit_code == 0, told
    assert [each.path for each in asked] == ["/orders/o-2", "/orders/o-1/erase", "/orders/o-2/erase"]
    assert {each.cluster_id for each in asked} == {"production"}
