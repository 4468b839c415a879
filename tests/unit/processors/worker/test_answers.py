"""The worker's large answers are within one budget until they are taken, and are not kept after that."""

import asyncio
import socket
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from aiohttp import web

from bridge import metrics
from bridge.http import protocol
from bridge.http.connections import Connections
from bridge.http.server import AppRunner, as_problems, listen
from processors.worker import answers
from processors.worker.answers import SMALL_BYTES, counting_answers
from processors.worker.queries.caller import Caller
from tests.unit.bridge.http.site import PATIENCE, head, is_closed, silent_reader
from tests.unit.processors.worker.test_web import serving as serving_worker

pytestmark = pytest.mark.thorough

SIZE = 1_000_000
KEY = "Authorization: Bearer right\r\n"


class Site:
    """A server that answers `/<bytes>` with so many bytes, with `body` itself if it has as many."""

    def __init__(self) -> None:
        self.body = bytes(SIZE)
        self.connections = Connections("orders", metrics.worker_http, 100)
        self.port = 0

    async def answer(self, request: web.Request) -> web.Response:
        size = int(request.match_info["size"])
        return web.Response(body=self.body if size == SIZE else bytes(size), headers={"ETag": '"a"'})


@asynccontextmanager
async def serving(monkeypatch: pytest.MonkeyPatch, together: int) -> AsyncIterator[Site]:
    monkeypatch.setattr(answers, "TOGETHER_BYTES", together)
    site = Site()
    counting = counting_answers(lambda request: Caller("key 1") if "Authorization" in request.headers else None)
    app = web.Application(middlewares=[counting, as_problems])
    app.router.add_get("/{size}", site.answer)
    runner = AppRunner(app, site.connections, shutdown_timeout=0.1)
    listener = await listen(runner, site.connections, "127.0.0.1", 0, settings="none")
    site.port = listener.port
    try:
        yield site
    finally:
        await listener.close(0.1)


def asking(path: str, headers: str = KEY) -> bytes:
    return f"GET {path} HTTP/1.1\r\nHost: bridge\r\n{headers}\r\n".encode()


async def asked(port: int, path: str, headers: str = KEY) -> tuple[int, dict[str, str], bytes]:
    reader, writer = await asyncio.open_connection("127.0.0.1", port, limit=2**20)
    writer.write(asking(path, headers))
    answer = await head(reader)
    writer.close()
    return answer


async def not_taking(port: int, path: str, headers: str = KEY) -> socket.socket:
    """A caller that reads a line of its answer and no more."""
    connection = silent_reader(port)
    connection.setblocking(False)
    connection.send(asking(path, headers))
    async with asyncio.timeout(PATIENCE):
        assert (await asyncio.get_running_loop().sock_recv(connection, 12)) == b"HTTP/1.1 200"
    return connection


async def test_callers_that_take_none_make_it_hold_no_more_than_there_is_room_for(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Each connection held an answer for as long as it took 64 KiB of it every ten seconds."""
    async with serving(monkeypatch, 3 * SIZE) as site:
        slow = [await not_taking(site.port, f"/{SIZE}") for _ in range(3)]
        status, headers, body = await asked(site.port, f"/{SIZE}")
        assert (status, headers["content-type"], headers["retry-after"]) == (503, "application/problem+json", "1")
        assert b"no room" in body
        assert (await asked(site.port, f"/{SMALL_BYTES}"))[0] == 200
        assert (await asked(site.port, f"/{SIZE}", ""))[0] == 200  # callers without a key have room of their own
        for each in slow:
            each.close()


async def test_who_shows_no_key_takes_no_room_from_who_does(monkeypatch: pytest.MonkeyPatch) -> None:
    async with serving(monkeypatch, SIZE + 1) as site:
        slow = await not_taking(site.port, f"/{SIZE}", "")
        assert [(await asked(site.port, f"/{SIZE}", each))[0] for each in ("", KEY)] == [503, 200]
        slow.close()


@pytest.mark.parametrize("end", ["taken", "closed", "reset", "overdue", "asked for the head alone", "ended"])
async def test_its_bytes_are_given_back_however_its_connection_ends(end: str, monkeypatch: pytest.MonkeyPatch) -> None:
    async with serving(monkeypatch, SIZE + 1) as site:
        slow: socket.socket | None = None
        if end == "taken":
            assert (await asked(site.port, f"/{SIZE}"))[2] == site.body
        elif end == "asked for the head alone":
            reader, writer = await asyncio.open_connection("127.0.0.1", site.port)
            writer.write(asking(f"/{SIZE}").replace(b"GET", b"HEAD") + asking("/1"))
            async with asyncio.timeout(PATIENCE):
                assert b"200 OK" in await reader.readuntil(b"\r\n\r\n")
            assert (await head(reader))[0] == 200
            writer.close()
        else:
            slow = await not_taking(site.port, f"/{SIZE}")
            assert (await asked(site.port, f"/{SIZE}"))[0] == 503
            if end == "reset":
                slow.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\x01\0\0\0\0\0\0\0")
            if end == "overdue":
                monkeypatch.setattr(protocol, "WRITE_S", 0.0)
            elif end == "ended":
                await site.connections.end(0.0)
                site.connections.draining = False
            else:
                slow.close()
        async with asyncio.timeout(PATIENCE):
            while (await asked(site.port, f"/{SIZE}"))[0] != 200:
                await asyncio.sleep(0.01)
        if slow is not None:
            slow.close()


async def test_one_that_never_goes_out_gives_its_bytes_back_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(web.Response, "prepare", _fail)
    async with serving(monkeypatch, SIZE + 1) as site:
        reader, writer = await asyncio.open_connection("127.0.0.1", site.port)
        writer.write(asking(f"/{SIZE}"))
        assert await is_closed(reader)
        writer.close()
        monkeypatch.undo()
        assert (await asked(site.port, f"/{SIZE}"))[0] == 200


async def _fail(*_: object) -> None:
    raise ConnectionResetError


async def test_a_connection_that_rests_keeps_nothing_of_it(monkeypatch: pytest.MonkeyPatch) -> None:
    """aiohttp keeps each connection's last answer until the next: for 75 s, if a proxy keeps it open."""
    async with serving(monkeypatch, 10 * SIZE) as site:
        before = sys.getrefcount(site.body)
        reader, writer = await asyncio.open_connection("127.0.0.1", site.port, limit=2**20)
        for _ in range(2):
            writer.write(asking(f"/{SIZE}"))
            status, headers, body = await head(reader)
            assert (status, headers["etag"], len(body), headers.get("connection")) == (200, '"a"', SIZE, None)
            async with asyncio.timeout(PATIENCE):
                while sys.getrefcount(site.body) > before:
                    await asyncio.sleep(0.01)
        writer.close()


async def test_one_that_is_larger_than_all_the_room_there_is_takes_none(monkeypatch: pytest.MonkeyPatch) -> None:
    """Taking 42 MB may last two hours. Meanwhile no list was answered, here or, as all workers are asked, anywhere. And
    whoever took a page slowly kept that answer back."""
    async with serving(monkeypatch, SIZE // 2) as site:
        assert (await asked(site.port, f"/{SIZE}"))[0] == 200
        slow = [await not_taking(site.port, f"/{size}") for size in (SIZE // 2, SIZE)]
        assert [(await asked(site.port, f"/{size}"))[0] for size in (SMALL_BYTES + 1, SIZE)] == [503, 503]
        slow[0].close()
        async with asyncio.timeout(PATIENCE):
            while (await asked(site.port, f"/{SMALL_BYTES + 1}"))[0] != 200:
                await asyncio.sleep(0.01)
        assert (await asked(site.port, f"/{SIZE}"))[0] == 503
        slow[1].close()


async def test_those_of_the_worker_count(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(answers, "TOGETHER_BYTES", 6_000_000)
    async with serving_worker("x" * 5_000_000) as port:  # it says so to whoever asks whether it is ready
        slow = silent_reader(port)
        slow.send(asking("/readyz?verbose", ""))
        async with asyncio.timeout(PATIENCE):
            while b"no room" not in (await asked(port, "/readyz?verbose", ""))[2]:
                await asyncio.sleep(0.01)
        assert (await asked(port, "/livez", ""))[0] == 200
        assert b"x" * 5_000_000 in (await asked(port, "/readyz?verbose"))[2]
        slow.close()
