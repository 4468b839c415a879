"""Whether a 404 is a worker's."""

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from bridge.settings import Settings
from commands.terminal import worker
from commands.terminal.worker import NoAnswer, ask, order_path
from processors.worker.other_deployments import refuse_other_deployments
from tests.unit.commands.conftest import Run

WORKER = Path(__file__).parents[4] / "processors" / "worker"


def test_every_404_of_a_worker_is_known_as_one() -> None:
    """A 404 with another title would be reported as something else that listens there."""
    sources = "".join(path.read_text(encoding="utf-8") for path in WORKER.rglob("*.py"))
    titles = set(re.findall(r'problem\(404, "([^"]+)"', sources))
    assert titles == set(worker._UNKNOWN)


@pytest.mark.parametrize("url", ["http://[::1", "localhost:6066", "localhost", "ftp://a", "http://", "http://]a[::1]"])
def test_an_address_that_is_none_is_said_with_its_setting(bridge: Run, url: str) -> None:
    """`http://[::1` ended in a traceback."""
    result = bridge("order", "SO-1", worker_url=url)
    assert (result.exit_code, "BRIDGE_WORKER_URL" in result.stderr) == (2, True)
    assert "No worker answers" not in result.stderr


@asynccontextmanager
async def workers(done: list[str]) -> AsyncIterator[str]:
    """The URL of a worker of acme that reads newstore.* and has found its Kafka to be `production`."""

    async def answer(request: web.Request) -> web.Response:
        done.append(request.path)
        return web.json_response({})

    settings = Settings(tenant="acme")
    app = web.Application(middlewares=[refuse_other_deployments(settings, lambda: "production")])
    app.router.add_route("*", "/orders/SO-7", answer)
    async with TestServer(app) as server:
        yield str(server.make_url(""))


@pytest.mark.parametrize("body", [None, {}], ids=["GET", "POST"])
@pytest.mark.parametrize(
    ("meant", "cluster_id", "said"),
    [
        ({"topic_prefix": "big"}, None, r"reads nothing of big\.\*: set BRIDGE_WORKER_URL, or BRIDGE_TOPIC_PREFIX"),
        (
            {"tenant": "b\u00fcro"},
            "production",
            "another tenant than b\u00fcro: set BRIDGE_WORKER_URL, or BRIDGE_TENANT",
        ),
        ({}, "staging", "another Kafka than the one that was asked here: set BRIDGE_WORKER_URL, or BRIDGE_KAFKA"),
    ],
    ids=["prefix", "tenant", "cluster"],
)
async def test_a_worker_of_another_deployment_is_not_believed(
    body: dict[str, Any] | None, meant: dict[str, str], cluster_id: str | None, said: str
) -> None:
    """`gaps` believed its "No gaps", `order` showed its order, and `erase` erased it, each with exit code 0."""
    done = list[str]()
    async with workers(done) as url:
        ours = Settings(tenant="acme", worker_url=url)
        for known in (None, "production"):
            assert (await ask(ours, order_path("SO-7"), body=body, cluster_id=known)).status == 200
        with pytest.raises(NoAnswer, match=said):
            await ask(ours.model_copy(update=meant), order_path("SO-7"), body=body, cluster_id=cluster_id)
    assert len(done) == 2
