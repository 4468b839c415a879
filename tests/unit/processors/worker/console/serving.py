"""The console over a real socket, in front of queries that answer from memory."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, NamedTuple

import aiohttp
from aiohttp import web

from bridge import metrics
from bridge.http.bearer_keys import BearerKeys
from bridge.http.connections import Connections
from bridge.http.server import AppRunner, as_problems, listen
from bridge.settings import Settings
from deploy.local.ports import free_ports
from processors.worker.bodies import Bodies
from processors.worker.console.routes import Console
from tests.unit.processors.worker.console.fakes import FakeQueries

KEY = "a-key-of-more-than-16-characters"


class Served(NamedTuple):
    """A console; `origin` is `http://127.0.0.1:<port>`."""

    origin: str
    client: aiohttp.ClientSession

    async def get(self, path: str, **headers: str) -> "Page":
        async with self.client.get(f"{self.origin}{path}", headers=headers, allow_redirects=False) as answer:
            return Page(answer.status, await answer.text(), answer)

    async def post(self, path: str, data: Any = None, **headers: str) -> "Page":
        told = {"Origin": self.origin, **headers}
        async with self.client.post(f"{self.origin}{path}", data=data, headers=told, allow_redirects=False) as answer:
            return Page(answer.status, await answer.text(), answer)

    async def log_in(self) -> None:
        assert (await self.post("/console/login", {"key": KEY})).status == 303


class Page(NamedTuple):
    """An answer that was read."""

    status: int
    text: str
    answer: aiohttp.ClientResponse

    @property
    def location(self) -> str:
        return self.answer.headers["Location"]


@asynccontextmanager
async def serving(queries: FakeQueries, *, keys: str | None = KEY) -> AsyncIterator[Served]:
    """A console, and a client with its own cookie jar. `keys` None: nobody is asked for a key."""
    (port,) = free_ports(1)
    settings = Settings(tenant="acme", worker_api_keys=keys or (), worker_allow_anonymous=keys is None)
    app = web.Application(middlewares=[as_problems])
    console = Console(settings, BearerKeys(settings, "worker"), queries, queries.acknowledge, Bodies())
    console.add_to(app.router)
    connections = Connections("orders", metrics.worker_http, 1000, 1000)
    runner = AppRunner(app, connections, shutdown_timeout=0.1)
    listener = await listen(runner, connections, "127.0.0.1", port, settings="the test's")
    try:
        async with console.running(), aiohttp.ClientSession(cookie_jar=aiohttp.CookieJar(unsafe=True)) as client:
            yield Served(f"http://127.0.0.1:{port}", client)
    finally:
        await listener.close(0.1)
