"""Over real sockets: the answer that is made once a second says what aiohttp's would."""

import asyncio
from email.utils import parsedate_to_datetime

import pytest
from aiohttp import web

from bridge import metrics
from bridge.http.answers import Done, problem
from bridge.http.connections import Connections
from bridge.http.server import Server


async def _done(request: web.BaseRequest) -> web.StreamResponse:
    await request.read()
    return Done()


async def _aiohttps(request: web.BaseRequest) -> web.StreamResponse:
    await request.read()
    return web.Response()


def _head(version: str, connection: str) -> bytes:
    line = f"Connection: {connection}\r\n" if connection else ""
    return f"POST / HTTP/{version}\r\nHost: bridge\r\n{line}Content-Length: 2\r\n\r\n{{}}".encode()


async def _conversation(handler: object, *sent: bytes, draining: bool = False) -> tuple[list[str], bool]:
    """The heads of all answers, without dates, and whether the connection is still open."""
    connections = Connections("test", metrics.ingress_http, 10)
    connections.draining = draining
    runner = web.ServerRunner(Server(handler, lambda _: problem(500, "no"), connections))
    await runner.setup()
    try:
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        reader, writer = await asyncio.open_connection("127.0.0.1", site.port)
        heads = []
        for request in sent:
            writer.write(request)
            head = (await reader.readuntil(b"\r\n\r\n")).decode()
            date = next(line for line in head.splitlines() if line.startswith("Date: "))
            assert parsedate_to_datetime(date.removeprefix("Date: ")).tzinfo is not None
            heads.append("\r\n".join(sorted(line for line in head.splitlines() if line != date)))
        ending = asyncio.ensure_future(reader.read())
        writer.write(_head("1.1", "close"))
        rest = await ending
        writer.close()
        await writer.wait_closed()
        return heads, bool(rest)
    finally:
        await runner.cleanup()


@pytest.mark.parametrize("draining", [False, True])
@pytest.mark.parametrize("connection", ["", "close", "keep-alive"])
@pytest.mark.parametrize("version", ["1.0", "1.1"])
async def test_it_says_and_does_what_aiohttps_own_would(version: str, connection: str, draining: bool) -> None:
    sent = _head(version, connection)
    ours = await _conversation(_done, sent, draining=draining)
    assert ours == await _conversation(_aiohttps, sent, draining=draining)
    assert ours[0][0].endswith("200 OK")


async def test_a_connection_goes_on_with_it() -> None:
    sent = [_head("1.1", "")] * 3
    assert await _conversation(_done, *sent) == (["\r\nContent-Length: 0\r\nHTTP/1.1 200 OK"] * 3, True)
