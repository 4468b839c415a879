"""Over real sockets: neither answers nor the log hold what a sender wrote that is no HTTP."""

import asyncio
import gc
from collections.abc import Callable
from contextlib import suppress

import pytest
from aiohttp import web

from bridge import metrics
from bridge.http.answers import problem
from bridge.http.connections import Connections
from bridge.http.parser import BoundedParser
from bridge.http.server import AppRunner, Server, as_problems, listen
from bridge.refusals import SettingsError

pytestmark = pytest.mark.thorough

HEAD = b"POST /read HTTP/1.1\r\nHost: bridge\r\n"
BROKEN = {
    "header value": HEAD + b"Authorization: Bearer SECRET\x01\r\n\r\n",
    "header line": HEAD + b"Authorization Bearer SECRET\r\n\r\n",
    "header too long": HEAD + b"Authorization: Bearer SECRET" + b"x" * 70_000 + b"\r\n\r\n",
    "content length": HEAD + b"Content-Length: SECRET\r\n\r\n",
    "body longer than said": HEAD + b'Content-Length: 2\r\n\r\n{}{"SECRET": 1}\r\n\r\n',
    "chunk": HEAD + b"Transfer-Encoding: chunked\r\n\r\n2\r\n{}SECRET\r\n",
    "address": b"GET http://[SECRET HTTP/1.1\r\n\r\n",
    "method": b"SECRET\r\n\r\n",
}


async def _read(request: web.BaseRequest) -> web.Response:
    await request.read()
    return web.Response()


async def _fail(_request: web.BaseRequest) -> web.Response:
    raise ZeroDivisionError("a mistake of ours")


def _refuse(_status: int) -> web.Response:
    return problem(500, "Unexpected error")


def connections() -> Connections:
    return Connections("test", metrics.ingress_http, 10)


def server() -> web.BaseRunner:
    return web.ServerRunner(Server(_read, _refuse, connections()))


def application() -> web.BaseRunner:
    app = web.Application()
    app.router.add_post("/read", _read)
    app.router.add_get("/fail", _fail)
    return AppRunner(app, connections())


async def answer(runner: web.BaseRunner, sent: bytes) -> str:
    """All that comes back until the server closes the connection."""
    await runner.setup()
    try:
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        reader, writer = await asyncio.open_connection("127.0.0.1", site.port)
        writer.write(sent)
        received = await reader.read()
        writer.close()
        await writer.wait_closed()
        return received.decode()
    finally:
        await runner.cleanup()


def logged(caplog: pytest.LogCaptureFixture, capsys: pytest.CaptureFixture[str]) -> str:
    """What aiohttp and the bridge log, whether logging is configured or not."""
    return caplog.text + "".join(capsys.readouterr())


@pytest.mark.parametrize(("make", "status"), [(server, 500), (application, 400)])
@pytest.mark.parametrize("sent", BROKEN.values(), ids=BROKEN.keys())
async def test_what_is_no_http_is_answered_and_logged_without_a_word_of_it(
    make: Callable[[], web.BaseRunner],
    status: int,
    sent: bytes,
    caplog: pytest.LogCaptureFixture,
    capsys: pytest.CaptureFixture[str],
) -> None:
    caplog.set_level("DEBUG")
    received = await answer(make(), sent)
    log = logged(caplog, capsys)
    assert f" {status} " in received
    assert "application/problem+json" in received
    assert "no valid HTTP" in log
    assert "SECRET" not in received + log


async def test_a_body_that_breaks_after_its_request_was_answered_is_not_logged_either(
    caplog: pytest.LogCaptureFixture, capsys: pytest.CaptureFixture[str]
) -> None:
    """To get rid of the body, aiohttp reads on for a while, and logs what it then meets in another way."""
    caplog.set_level("DEBUG")

    async def refuse(request: web.BaseRequest) -> web.Response:
        request.content.set_exception(web.RequestPayloadError("SECRET"))
        return web.Response(status=401)

    runner = web.ServerRunner(Server(refuse, _refuse, connections()))
    received = await answer(runner, HEAD + b"Content-Length: 6\r\n\r\n")
    log = logged(caplog, capsys)
    assert " 401 " in received
    assert "no valid HTTP" in log
    assert "SECRET" not in received + log


async def test_a_mistake_of_ours_is_logged_with_its_traceback_and_not_told(caplog: pytest.LogCaptureFixture) -> None:
    received = await answer(application(), b"GET /fail HTTP/1.1\r\nHost: bridge\r\n\r\n")
    assert " 500 " in received
    assert "mistake" not in received
    assert "ZeroDivisionError: a mistake of ours" in caplog.text


@pytest.mark.parametrize(
    ("line", "body"),
    [
        ("POST /unknown HTTP/1.1", "\r\n{}"),
        ("PUT /read HTTP/1.1", "\r\n{}"),
        ("POST /read HTTP/1.1\r\nExpect: x", "\r\n{}"),
        ("POST /read HTTP/1.1\r\nExpect: \xff", "\r\n{}"),
        ("POST http://xn--/read HTTP/1.1", "\r\n{}"),
    ],
    ids=["path", "method", "expectation", "no text", "host"],
)
async def test_nothing_is_kept_of_what_is_refused(line: str, body: str) -> None:
    """With the collector off: a cycle would keep it until the collector's next long round."""
    app = web.Application(middlewares=[as_problems])
    app.router.add_post("/read", _read)
    sent = f"{line}\r\nHost: bridge\r\nConnection: close\r\nContent-Length: 2\r\n{body}"
    gc.collect()
    gc.disable()
    try:
        assert " 4" in (await answer(AppRunner(app, connections()), sent.encode("latin-1"))).splitlines()[0]
        assert [each for each in gc.get_objects() if isinstance(each, web.Request | BoundedParser)] == []
    finally:
        gc.enable()


async def test_nothing_is_kept_of_a_post_that_breaks_off() -> None:
    """The error that its reader raises holds the frames of whoever read it."""
    begun, within = asyncio.Event(), connections()

    async def read(request: web.Request) -> web.Response:
        begun.set()
        with suppress(ConnectionResetError):  # pytest keeps what is logged, with its frames
            await request.read()
        return web.Response()

    app = web.Application(middlewares=[as_problems])
    app.router.add_post("/read", read)
    runner = AppRunner(app, within)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    gc.collect()
    gc.disable()
    try:
        _, writer = await asyncio.open_connection("127.0.0.1", site.port)
        writer.write(HEAD + b"Content-Length: 10\r\n\r\n1")
        await begun.wait()
        writer.transport.abort()
        assert await within.gone(patience=20)
        async with asyncio.timeout(20):
            while len(asyncio.all_tasks()) > 1:  # tasks that served it
                await asyncio.sleep(0)
        assert [each for each in gc.get_objects() if isinstance(each, web.Request)] == []
    finally:
        gc.enable()
        await runner.cleanup()


@pytest.mark.parametrize("host", ["127.0.0.1:8080", "[::1]", "a..b", "x" * 64, "no.such.host.invalid"])
async def test_a_host_that_is_none_is_told_with_its_settings(host: str) -> None:
    with pytest.raises(SettingsError) as refused:
        await listen(server(), connections(), host, 0, settings="BRIDGE_A_HOST, BRIDGE_A_PORT")
    said = str(refused.value)
    assert said.startswith(f"BRIDGE_A_HOST, BRIDGE_A_PORT: cannot listen on host {host}, port 0: ")
    assert "None" not in said
