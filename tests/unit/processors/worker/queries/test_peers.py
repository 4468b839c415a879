"""What counts as another worker's answer, and what does not."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from socket import socket
from types import SimpleNamespace
from typing import Any, Final

import aiohttp
import pytest
from aiohttp import web
from aiohttp.hdrs import AUTHORIZATION
from aiohttp.test_utils import TestServer

from bridge.http.answers import problem as refusal
from bridge.settings import Settings
from processors.worker.other_deployments import peer_headers, refuse_other_deployments
from processors.worker.queries.answer import Answer, problem
from processors.worker.queries.caller import Caller
from processors.worker.queries.handlers import respond
from processors.worker.queries.owners import AwayError
from processors.worker.queries.peers import FORWARDED, QUESTIONS, Peers
from processors.worker.queries.questions import ORDERS, Asked, Question, Told

CALLER: Final = Caller("key 1", "Bearer right")
HALTED: Final = AwayError("partition 2 of orders is halted", 10)


@asynccontextmanager
async def answering(answer: web.Response) -> AsyncIterator[tuple[Peers, str]]:
    """Peers, and the URL of a worker that gives this answer, if it is asked as a worker."""

    async def handler(request: web.Request) -> web.Response:
        said = [request.headers.get(name) for name in (FORWARDED, AUTHORIZATION)]
        return answer if said == ["1", CALLER.authorization] else web.Response(status=500)

    app = web.Application()
    app.router.add_post("/orders/a/erase", handler)
    app.router.add_post(QUESTIONS, handler)
    keys: Any = SimpleNamespace(first=b"right")
    async with TestServer(app) as server, aiohttp.ClientSession() as client:
        yield Peers(client, keys, dict), str(server.make_url(""))


async def asked(answer: web.Response, caller: Caller = CALLER) -> Answer:
    """What is made of a worker's answer about an order."""
    async with answering(answer) as (peers, worker):
        return await peers.ask(worker, "/orders/a/erase", caller, b"")


async def told(answer: web.Response) -> Told:
    """What is made of a worker's answer about its partitions."""
    async with answering(answer) as (peers, worker):
        return await peers.tell(worker, Asked(Question(ORDERS, 50), [2]), CALLER)


async def test_one_that_is_silent_is_told_in_words(monkeypatch: pytest.MonkeyPatch) -> None:
    """People read it in the console."""
    keys: Any = SimpleNamespace(first=b"right")
    with socket() as silent:
        silent.bind(("127.0.0.1", 0))
        worker = f"http://127.0.0.1:{silent.getsockname()[1]}"
        async with aiohttp.ClientSession() as client:
            peers = Peers(client, keys, dict)
            with pytest.raises(AwayError, match=r"does not answer: it cannot be reached$"):
                await peers.ask(worker, "/orders/a", CALLER)
            monkeypatch.setattr("processors.worker.queries.peers._TIMEOUT", aiohttp.ClientTimeout(total=0.05))
            silent.listen()
            with pytest.raises(AwayError, match=r"does not answer within 0\.05 s$"):
                await peers.ask(worker, "/orders/a", CALLER)
            with pytest.raises(AwayError, match=r"does not answer within 0\.05 s$"):
                await peers.tell(worker, Asked(Question(ORDERS, 50), [2]), CALLER)


async def test_for_a_session_it_is_shown_a_key_of_this_worker_s_own() -> None:
    assert (await asked(web.json_response({}), Caller("session 1"))).status == 200


async def test_what_can_be_asked_again_there_can_be_here() -> None:
    assert (await asked(respond(problem(503, "Away")))).retry_after == 1


async def test_it_says_itself_when_that_is() -> None:
    assert (await asked(respond(HALTED.answer("Away")))).retry_after == 10


async def test_which_questions_about_partitions_say_too() -> None:
    with pytest.raises(AwayError, match="says: partition 2 of orders is halted") as away:
        await told(respond(HALTED.answer("Away")))
    assert away.value.retry_s == 10


async def test_what_it_does_not_know_is_answered_as_it_says() -> None:
    answer = await asked(respond(problem(404, "No such gap", "order a waits for no b")))
    assert (answer.status, answer.body["title"]) == (404, "No such gap")


@pytest.mark.parametrize(
    "answer", [lambda: refusal(404, "Not Found"), lambda: web.Response(status=404), lambda: refusal(405, "No")]
)
async def test_a_version_that_does_not_know_the_path_says_nothing_of_the_order(answer: Any) -> None:
    with pytest.raises(AwayError):
        await asked(answer())


@pytest.mark.parametrize("cluster_id", [None, "staging"])
async def test_another_deployment_s_at_an_address_that_the_group_still_has_changes_nothing(
    cluster_id: str | None,
) -> None:
    """A pod's address may go to another deployment's pod before the group knows. An order was erased there, and the
    answer passed for its owner's."""
    done = list[str]()

    async def handler(request: web.Request) -> web.Response:
        done.append(request.path)
        return web.json_response({})

    prefix = "newstore" if cluster_id else "big"
    app = web.Application(
        middlewares=[refuse_other_deployments(Settings(tenant="acme", topic_prefix=prefix), lambda: cluster_id)]
    )
    app.router.add_post("/orders/a/erase", handler)
    keys: Any = SimpleNamespace(first=b"right")
    own = Settings(tenant="beta")  # one of a group's own workers may have another tenant by mistake
    async with TestServer(app) as server, aiohttp.ClientSession() as client:
        url = str(server.make_url(""))
        peers = Peers(client, keys, lambda: peer_headers(own, "production"))
        with pytest.raises(AwayError, match="answers 421"):
            await peers.ask(url, "/orders/a/erase", CALLER, b"")
        assert done == []
        same = own.model_copy(update={"topic_prefix": prefix})
        peers = Peers(client, keys, lambda: peer_headers(same, cluster_id))
        assert (await peers.ask(url, "/orders/a/erase", CALLER, b"")).status == 200
