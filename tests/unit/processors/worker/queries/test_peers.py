"""What another worker answers, and what is none."""

from typing import Any, Final

import aiohttp
import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from bridge.http.answers import problem as refusal
from processors.worker.queries.answer import Answer, problem
from processors.worker.queries.caller import Caller
from processors.worker.queries.owners import AwayError
from processors.worker.queries.peers import Peers
from processors.worker.queries.routes import respond

CALLER: Final = Caller("key 1", "Bearer right")


async def asked(answer: web.Response) -> Answer:
    """What is made of a worker's answer."""

    async def handler(_request: web.Request) -> web.Response:
        return answer

    app = web.Application()
    app.router.add_post("/orders/a/erase", handler)
    keys: Any = None
    async with TestServer(app) as server, aiohttp.ClientSession() as client:
        return await Peers(client, keys).ask(str(server.make_url("")), "/orders/a/erase", CALLER, b"")


async def test_what_it_does_not_know_is_answered_as_it_says() -> None:
    answer = await asked(respond(problem(404, "No such gap", "order a waits for no b"), None))
    assert (answer.status, answer.body["title"]) == (404, "No such gap")


@pytest.mark.parametrize(
    "answer", [lambda: refusal(404, "Not Found"), lambda: web.Response(status=404), lambda: refusal(405, "No")]
)
async def test_a_version_that_does_not_know_the_path_says_nothing_of_the_order(answer: Any) -> None:
    with pytest.raises(AwayError):
        await asked(answer())
