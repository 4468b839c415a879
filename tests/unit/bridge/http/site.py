"""A bounded server over real sockets, and what its callers see."""

import asyncio
import contextlib
import socket
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from aiohttp import web

from bridge import metrics
from bridge.http.answers import problem
from bridge.http.causes import HttpCause
from bridge.http.connections import Connections
from bridge.http.server import Listener, Server, listen

REQUEST = b"GET / HTTP/1.1\r\nHost: bridge\r\n\r\n"
PATIENCE = 20.0


@dataclass
class Site:
    """A server. Its handler waits while `open` is clear, reads the body if `reads`, and answers `body`."""

    connections: Connections
    listener: Listener
    open: asyncio.Event
    body: bytes = b"answer"
    reads: bool = True
    handled: int = 0
    errors: list[BaseException] = field(default_factory=list)
    clients: list[asyncio.StreamWriter] = field(default_factory=list)

    async def connect(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        reader, writer = await asyncio.open_connection("127.0.0.1", self.listener.port)
        self.clients.append(writer)
        return reader, writer

    async def until(self, condition: Callable[[], bool]) -> None:
        async with asyncio.timeout(PATIENCE):
            while not condition():
                await asyncio.sleep(0.01)


@asynccontextmanager
async def serving(most: int = 100, of_one_peer: int | None = None) -> AsyncIterator[Site]:
    connections = Connections("test", metrics.ingress_http, most, of_one_peer)

    async def handle(request: web.BaseRequest) -> web.StreamResponse:
        site.handled += 1
        await site.open.wait()
        try:
            if site.reads:
                await request.read()
        except BaseException as error:
            site.errors.append(error)
            raise
        return web.Response(body=site.body)

    server = Server(handle, lambda status: problem(status, "refused"), connections)
    runner = web.ServerRunner(server, shutdown_timeout=0.1)
    listener = await listen(runner, connections, "127.0.0.1", 0, settings="none")
    site = Site(connections, listener, asyncio.Event())
    site.open.set()
    try:
        yield site
    finally:
        site.open.set()
        for writer in site.clients:
            writer.transport.abort()
            with contextlib.suppress(OSError):
                await writer.wait_closed()
        await listener.close(PATIENCE)


def counted(cause: HttpCause) -> float:
    labels = {"port": "test", "cause": cause}
    return metrics.ingress.registry.get_sample_value("bridge_http_refused_total", labels) or 0.0


async def head(reader: asyncio.StreamReader) -> tuple[int, dict[str, str], bytes]:
    """Status, headers and body of the next answer."""
    async with asyncio.timeout(PATIENCE):
        lines = (await reader.readuntil(b"\r\n\r\n")).decode().splitlines()
        headers = {name.lower(): value for name, _, value in (line.partition(": ") for line in lines[1:])}
        return int(lines[0].split()[1]), headers, await reader.readexactly(int(headers["content-length"]))


async def is_closed(reader: asyncio.StreamReader) -> bool:
    async with asyncio.timeout(PATIENCE):
        return await reader.read(1) == b""


def silent_reader(port: int) -> socket.socket:
    """A connection with a small receive buffer that nobody reads."""
    connection = socket.socket()
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    connection.connect(("127.0.0.1", port))
    return connection
