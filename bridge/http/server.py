"""aiohttp's servers, with every connection within bounds."""

import asyncio
import socket
from http import HTTPStatus
from typing import Any, Final

from aiohttp import web
from aiohttp.hdrs import EXPECT
from aiohttp.web_protocol import RequestHandler

from bridge.http.answers import problem
from bridge.http.bounds import (
    ACCEPT_S,
    ANSWER_BUFFER_BYTES,
    BODY_BUFFER_BYTES,
    KEEPALIVE_S,
    LAST_REQUESTS_S,
    LINE_BYTES,
    LINGER_S,
    TARGET_BYTES,
)
from bridge.http.connections import Connections
from bridge.http.last_connections import has_waiting, turn_away
from bridge.http.protocol import BoundedProtocol, RefusalAnswer
from bridge.refusals import SettingsError

_CONTINUE: Final = "100-continue"
_BACKLOG: Final = 1024
"""Most connections that may wait to be accepted."""
_OPTIONS: Final[dict[str, Any]] = {
    "access_log": None,
    "auto_decompress": False,
    "keepalive_timeout": KEEPALIVE_S,
    "lingering_time": LINGER_S,
    "max_line_size": TARGET_BYTES,
    "max_field_size": LINE_BYTES,
    "read_bufsize": BODY_BUFFER_BYTES,
}


class Server(web.Server):
    """aiohttp's low-level server."""

    def __init__(
        self, handler: Any, refusal: RefusalAnswer, connections: Connections, *, request_factory: Any = None
    ) -> None:
        super().__init__(handler, request_factory=request_factory, **_OPTIONS)
        self._refusal, self._within = refusal, connections

    def __call__(self) -> RequestHandler:
        """A protocol for one connection."""
        return BoundedProtocol(self, self._within, self._refusal, loop=self._loop, **self._kwargs)


@web.middleware
async def as_problems(request: web.Request, handler: Any) -> web.StreamResponse:
    """Answer what aiohttp's router refuses, an unknown path or method, with a problem document."""
    try:
        answer: web.StreamResponse = await handler(request)
    except web.HTTPClientError as refusal:
        refusal.with_traceback(None)  # the request keeps it as its answer: a cycle, with the body
        allowed = {name: refusal.headers[name] for name in ("Allow",) if name in refusal.headers}
        return problem(refusal.status, refusal.reason, headers=allowed)
    return answer


class AppRunner(web.AppRunner):
    """Runs a `web.Application` in a `Server`, which answers what is no HTTP with a problem document."""

    def __init__(self, app: web.Application, connections: Connections, **options: Any) -> None:
        super().__init__(app, **options)
        self._within = connections

    async def _make_server(self) -> web.Server:
        plain = await super()._make_server()

        async def handle(request: web.Request) -> web.StreamResponse:
            # aiohttp's own answer quotes the expectation that it does not know, and fails if that is no text.
            if request.headers.get(EXPECT, _CONTINUE).lower() != _CONTINUE:
                return _by_status(HTTPStatus.EXPECTATION_FAILED)
            return await plain.request_handler(request)

        return Server(handle, _by_status, self._within, request_factory=plain.request_factory)


class Listener:
    """A server that listens until it is closed."""

    def __init__(self, runner: web.BaseRunner, connections: Connections, port: int) -> None:
        self._runner, self._connections, self.port = runner, connections, port

    async def finish(self, patience: float) -> bool:
        """Make each answer the last of its connection. For a moment callers are still answered; if connections are left
        then, nobody new is let in. Return whether all requests have their answer within `patience` seconds."""
        self._connections.draining = True
        if not await self._connections.gone(LAST_REQUESTS_S):
            await self._stop_listening(ACCEPT_S)
        return await self._connections.answered(patience - LAST_REQUESTS_S)

    async def close(self, patience: float) -> None:
        """End what is left, without a reset for callers that end their side within `patience` seconds; 0: at once."""
        await self._stop_listening(min(patience, ACCEPT_S))
        await self._connections.end(patience)
        await self._runner.cleanup()

    async def _stop_listening(self, patience: float) -> None:
        for site in self._runner.sites:
            sockets = _sockets(site)
            for listening in sockets:
                turn_away(listening)
            await asyncio.sleep(patience)
            for _ in range(_BACKLOG):  # a process that got no CPU has only slept, and accepted nobody
                waiting = any(map(has_waiting, sockets))
                await asyncio.sleep(0)  # so that connections accepted just now are made
                if not waiting:
                    break
            await site.stop()


async def listen(runner: web.BaseRunner, connections: Connections, host: str, port: int, *, settings: str) -> Listener:
    """Set the runner up and start to listen. SettingsError, which names `settings`: the address cannot be had."""
    await runner.setup()
    site = web.TCPSite(runner, host, port, backlog=_BACKLOG)
    try:
        await site.start()
    except (OSError, ValueError) as error:  # ValueError: the host cannot be a name
        await runner.cleanup()
        why = error.strerror if isinstance(error, OSError) else "that is neither an address nor a name"
        raise SettingsError(f"{settings}: cannot listen on host {host}, port {port}: {why}.") from error
    for listening in _sockets(site):
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, ANSWER_BUFFER_BYTES)  # connections inherit it
    return Listener(runner, connections, site.port)


def _sockets(site: web.BaseSite) -> list[socket.socket]:
    return list(site._server.sockets)  # type: ignore[union-attr]  # noqa: SLF001 - it listens, so there are some


def _by_status(status: int) -> web.Response:
    return problem(status, HTTPStatus(status).phrase)
