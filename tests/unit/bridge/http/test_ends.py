"""How connections end: by a caller, a drain or a defect; and that nothing stays behind."""

import asyncio
import gc
import socket
from typing import Any

import pytest
from aiohttp import web
from aiohttp.streams import StreamReader

from bridge.http import server as server_module
from bridge.http.bounds import CLOSING_BYTES, HEAD_S, LARGE_HEAD_BYTES, LINGER_S
from bridge.http.causes import HttpCause
from bridge.http.last_connections import turn_away
from bridge.http.protocol import BoundedProtocol
from tests.unit.bridge.http.site import PATIENCE, REQUEST, counted, head, is_closed, serving, silent_reader

pytestmark = [pytest.mark.thorough, pytest.mark.usefixtures("impatient")]


@pytest.mark.parametrize("at_once", [True, False])
async def test_who_ends_its_side_after_its_requests_gets_the_answers(at_once: bool) -> None:
    async with serving() as site:
        site.open.clear()
        reader, writer = await site.connect()
        writer.write(REQUEST * 3)
        if not at_once:
            await site.until(lambda: site.handled == 1)
        writer.write_eof()
        await asyncio.sleep(0)
        site.open.set()
        assert [(await head(reader))[0] for _ in range(3)] == [200, 200, 200]
        assert await is_closed(reader)


async def test_who_ends_its_side_when_its_answer_was_just_written_is_let_go(monkeypatch: pytest.MonkeyPatch) -> None:
    """Most callers that want one answer end their side then, before aiohttp waits for the next request."""
    finish = BoundedProtocol.finish_response

    async def finish_and_see_the_end(connection: BoundedProtocol, *args: Any) -> tuple[web.StreamResponse, bool]:
        finished = await finish(connection, *args)
        site.clients[0].write_eof()
        await site.until(lambda: connection._ended)
        return finished

    monkeypatch.setattr(BoundedProtocol, "finish_response", finish_and_see_the_end)
    async with serving() as site:
        reader, writer = await site.connect()
        writer.write(REQUEST)
        assert (await head(reader))[0] == 200
        assert await is_closed(reader)


async def test_who_ends_its_side_within_a_body_ends_the_request() -> None:
    async with serving() as site:
        reader, writer = await site.connect()
        writer.write(REQUEST.replace(b"\r\n\r\n", b"\r\nContent-Length: 10\r\n\r\n") + b"12345")
        await site.until(lambda: site.handled == 1)
        writer.write_eof()
        await site.until(lambda: bool(site.errors))
        assert await is_closed(reader)


async def test_draining_answers_what_was_read_each_time_as_the_last() -> None:
    """This includes pipelined requests. An idle connection may bring one more; a silent one is ended."""
    async with serving() as site:
        busy, piled, idle, silent = [await site.connect() for _ in range(4)]
        site.open.clear()
        busy[1].write(REQUEST)
        piled[1].write(REQUEST * 3)
        await site.until(lambda: site.handled == 2)
        finished = asyncio.create_task(site.listener.finish(PATIENCE))
        await site.until(lambda: site.connections.draining)
        idle[1].write(REQUEST)
        await site.until(lambda: site.handled == 3)
        assert not finished.done()
        site.open.set()
        for (reader, _), answers in ((busy, 1), (piled, 3), (idle, 1)):
            told = [(await head(reader))[1].get("connection") for _ in range(answers)]
            assert told == [*[None] * (answers - 1), "close"]
            assert await is_closed(reader)
        assert await finished
        await site.listener.close(PATIENCE)
        assert await is_closed(silent[0])


async def test_who_connects_last_is_answered_by_a_process_that_got_no_cpu(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without CPU, the process has waited long enough and accepted nobody."""
    late = list[socket.socket]()

    def connect_and_turn_away(listening: socket.socket) -> None:
        for _ in range(3):
            client = socket.create_connection(listening.getsockname())
            client.sendall(REQUEST)
            client.setblocking(False)
            late.append(client)
        turn_away(listening)

    for name in ("ACCEPT_S", "LAST_REQUESTS_S"):
        monkeypatch.setattr(server_module, name, 0)
    monkeypatch.setattr(server_module, "turn_away", connect_and_turn_away)
    async with serving() as site:
        reader, writer = await site.connect()  # one that stays, or there would be nothing to wait for
        writer.write(REQUEST)
        await head(reader)
        await site.listener.finish(0)
        for client in late:
            with client:
                async with asyncio.timeout(PATIENCE):
                    assert (await asyncio.get_running_loop().sock_recv(client, 12)) == b"HTTP/1.1 200"


async def test_the_end_does_not_wait_for_who_does_not_read() -> None:
    async with serving() as site:
        site.body = b"x" * 20_000_000
        with silent_reader(site.listener.port) as connection:
            connection.sendall(REQUEST)
            await site.until(lambda: site.handled == 1)
            await site.listener.close(0.1)
            await site.until(lambda: not site.connections._open)


@pytest.mark.parametrize(
    "sent",
    [
        b"",
        REQUEST,
        REQUEST * 20,
        REQUEST[:-2] + b"X: " + b"x" * 50_000,
        REQUEST[:-2] + b"X: %s\r\n" % (b"x" * 50_000) * 3,
        b"no http\r\n\r\n",
        REQUEST[:-2] + b"Transfer-Encoding: chunked\r\n\r\nno chunk\r\n",
        REQUEST[:-2] + b"Transfer-Encoding: chunked\r\n\r\n" + b"1\r\n{\r\n" * 40_000,
    ],
    ids=["nothing", "request", "requests", "half a head", "large head", "no http", "no chunk", "crumbs"],
)
async def test_a_connection_that_is_gone_leaves_nothing_for_the_collector(sent: bytes) -> None:
    """Callers can make any number of such connections, and the collector runs seldom."""
    gc.collect()
    gc.disable()
    try:
        async with serving() as site:
            for _ in range(3):
                _, writer = await site.connect()
                writer.write(sent)
                await site.until(lambda: bool(site.connections._open))
                writer.transport.abort()
                await site.until(lambda: not site.connections._open)
            site.errors.clear()  # their frames hold all of it
            await site.until(lambda: not any(isinstance(each, BoundedProtocol) for each in gc.get_objects()))
    finally:
        gc.enable()


@pytest.mark.parametrize("target", [b"GET http://xn--/", b"CONNECT xn--:80"])
async def test_a_host_that_is_none_ends_no_more_than_its_connection(target: bytes) -> None:
    """The task that serves a connection asked for the host and failed. 2,048 such connections were kept for ever, and
    nobody else got any."""
    async with serving(most=2) as site:
        before = counted(HttpCause.NO_HTTP)
        for times in (1, 2, 3):
            reader, writer = await site.connect()
            writer.write(target + b" HTTP/1.1\r\nHost: bridge\r\n\r\n")
            assert (await head(reader))[0] == 400
            assert await is_closed(reader)
            assert counted(HttpCause.NO_HTTP) == before + times
            writer.close()
        await site.until(lambda: not site.connections._open)


async def test_a_connection_ends_with_what_serves_it(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """This holds for any failure."""

    def fail(*_: object) -> None:
        raise ZeroDivisionError("a mistake")

    async with serving() as site:
        monkeypatch.setattr(web.BaseRequest, "__init__", fail)
        reader, writer = await site.connect()
        writer.write(REQUEST)
        with pytest.raises(ConnectionError):
            await is_closed(reader)
        await site.until(lambda: not site.connections._open)
    assert "what serves a connection has failed" in capsys.readouterr().out


async def test_who_connects_and_leaves_at_once_is_let_go() -> None:
    """A probe connects and leaves like this, before the loop serves it."""
    async with serving() as site:
        for _ in range(20):
            socket.create_connection(("127.0.0.1", site.listener.port)).close()
        reader, writer = await site.connect()
        writer.write(REQUEST)
        assert (await head(reader))[0] == 200
        async with asyncio.timeout(HEAD_S / 2):
            await site.until(lambda: len(site.connections._open) == 1)


async def test_who_leaves_owing_a_body_takes_its_request_along() -> None:
    """aiohttp waited seconds for the rest: a caller without a key made it hold 1.4 GB of heads within twelve
    seconds."""
    async with serving() as site:
        site.reads = False
        reader, writer = await site.connect()
        writer.write(REQUEST[:-2] + b"Content-Length: 10\r\n\r\n1")
        assert (await head(reader))[0] == 200
        (connection,) = site.connections._open
        serving_it = connection._task_handler
        assert serving_it is not None
        assert not serving_it.done()
        writer.transport.abort()
        async with asyncio.timeout(LINGER_S / 2):
            await asyncio.wait({serving_it})


@pytest.mark.parametrize("body", [b"", b"Content-Length: 10\r\n\r\n1"])
async def test_who_brings_a_large_head_has_its_answer_as_the_last(body: bytes) -> None:
    """aiohttp keeps a request until another comes: 2,000 callers without a key made it keep 550 MiB for 75 s."""
    async with serving() as site:
        site.reads = False
        reader, writer = await site.connect()
        writer.write(REQUEST[:-2] + b"X: " + b"x" * LARGE_HEAD_BYTES + b"\r\n" + (body or b"\r\n"))
        status, headers, _ = await head(reader)
        assert (status, headers["connection"]) == (200, "close")
        assert await is_closed(reader)


async def test_who_owes_a_body_behind_a_large_head_may_send_it_all_the_same() -> None:
    """Many senders look at no answer before they have sent all. Meanwhile the bytes they hold count."""
    async with serving() as site:
        site.reads = False
        reader, writer = await site.connect()
        fields = b"Content-Length: %d\r\nX: " % (4 * CLOSING_BYTES) + b"x" * LARGE_HEAD_BYTES
        writer.write(REQUEST[:-2] + fields + b"\r\n\r\n")
        assert (await head(reader))[0] == 200
        for _ in range(4):
            assert site.connections.budget.used > LARGE_HEAD_BYTES
            writer.write(b"x" * CLOSING_BYTES)
            await writer.drain()
        assert await is_closed(reader)
        await site.until(lambda: site.connections.budget.used == 0)


async def test_a_body_that_nobody_wants_is_not_kept() -> None:
    async with serving() as site:
        site.reads = False
        reader, writer = await site.connect()
        for _ in range(2):
            writer.write(REQUEST[:-2] + b"Content-Length: 100000\r\n\r\n" + b"x" * 100_000)
            assert (await head(reader))[0] == 200
            await asyncio.sleep(0)
            gc.collect()
            kept = [each for each in gc.get_objects() if type(each) is StreamReader and each._size]
            assert kept == []


async def test_a_body_that_breaks_while_its_answer_is_not_taken_ends_with_that() -> None:
    async with serving() as site:
        site.reads, site.body = False, b"x" * 20_000_000
        reader, writer = await site.connect()
        writer.write(REQUEST[:-2] + b"X: " + b"x" * 6000 + b"\r\nTransfer-Encoding: chunked\r\n\r\n")
        await site.until(lambda: site.handled == 1)
        before = counted(HttpCause.NO_HTTP)
        writer.write(b"no chunk\r\n")
        await site.until(lambda: counted(HttpCause.NO_HTTP) == before + 1)
        assert (await head(reader))[0] == 200
        assert await is_closed(reader)
