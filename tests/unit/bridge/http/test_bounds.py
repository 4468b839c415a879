"""Bounds over real sockets: who is late, too large, too many or does not read, and who only looks so."""

import asyncio
import contextlib
import gc
import socket
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import pytest
from aiohttp import web

from bridge import metrics
from bridge.http import connections as connections_module
from bridge.http import protocol
from bridge.http import server as server_module
from bridge.http import transport as transport_module
from bridge.http.answers import problem
from bridge.http.bounds import CLOSING_BYTES, QUEUED_REQUESTS, WRITE_BYTES
from bridge.http.causes import Cause
from bridge.http.connections import Connections
from bridge.http.last_connections import turn_away
from bridge.http.protocol import BoundedProtocol
from bridge.http.server import Listener, Server, listen

REQUEST = b"GET / HTTP/1.1\r\nHost: bridge\r\n\r\n"
PATIENCE = 20.0


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """A second takes a moment."""
    monkeypatch.setattr(connections_module, "LOOK_S", 0.02)
    monkeypatch.setattr(server_module, "LAST_REQUESTS_S", 0.5)


@pytest.fixture
def short_deadlines(monkeypatch: pytest.MonkeyPatch) -> None:
    """Ten seconds take a moment, too."""
    monkeypatch.setattr(protocol, "HEAD_S", 0.1)
    monkeypatch.setattr(protocol, "WRITE_S", 0.1)


@dataclass
class Site:
    """A server whose handler waits while `open` is cleared, reads what was sent if `reads`, and answers `body`."""

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


def counted(cause: Cause) -> float:
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


@pytest.mark.usefixtures("short_deadlines")
@pytest.mark.parametrize("first", [b"", REQUEST], ids=["first request", "later request"])
async def test_a_head_that_is_not_complete_in_time_is_answered_and_counted(first: bytes) -> None:
    async with serving() as site:
        before = counted(Cause.HEADER_TIMEOUT)
        reader, writer = await site.connect()
        writer.write(first)
        if first:
            assert (await head(reader))[0] == 200
        writer.write(REQUEST[:-1])
        status, headers, _ = await head(reader)
        assert (status, headers["connection"]) == (408, "close")
        assert await is_closed(reader)
        assert counted(Cause.HEADER_TIMEOUT) == before + 1


@pytest.mark.usefixtures("short_deadlines")
async def test_bytes_that_come_one_by_one_do_not_move_the_deadline() -> None:
    async with serving() as site:
        reader, writer = await site.connect()
        answered = asyncio.create_task(head(reader))
        writer.write(REQUEST[:-2])
        while not answered.done():
            writer.write(b"X: y\r\n")
            await asyncio.sleep(0.01)
        assert answered.result()[0] == 408


@pytest.mark.usefixtures("short_deadlines")
async def test_who_connects_and_says_nothing_is_sent_away() -> None:
    async with serving() as site:
        before = counted(Cause.NO_REQUEST)
        reader, _writer = await site.connect()
        assert await is_closed(reader)
        assert counted(Cause.NO_REQUEST) == before + 1


@pytest.mark.usefixtures("short_deadlines")
async def test_a_connection_that_brought_a_request_may_rest() -> None:
    """Until the keep-alive is over, which is for both ports the same."""
    async with serving() as site:
        reader, writer = await site.connect()
        writer.write(REQUEST)
        assert (await head(reader))[0] == 200
        silent, _ = await site.connect()
        assert await is_closed(silent)  # so the deadline has passed for both
        writer.write(REQUEST)
        assert (await head(reader))[0] == 200


async def test_a_head_that_is_too_large_is_answered_though_more_of_it_comes() -> None:
    """Without a reset, which would take the answer away."""
    async with serving() as site:
        before = counted(Cause.HEADER_BYTES)
        reader, writer = await site.connect()
        line = b"X: " + b"x" * 60_000 + b"\r\n"
        writer.write(REQUEST[:-2] + line * 10)
        status, headers, _ = await head(reader)
        assert (status, headers["connection"]) == (431, "close")
        assert await is_closed(reader)
        assert (counted(Cause.HEADER_BYTES), site.handled) == (before + 1, 0)


async def test_who_goes_on_and_on_after_its_last_answer_is_dropped(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(transport_module, "CLOSING_S", PATIENCE)
    async with serving() as site:
        before = counted(Cause.NO_HTTP)
        _, writer = await site.connect()
        writer.write(b"no http\r\n\r\n" + b"x" * 4 * CLOSING_BYTES)
        await site.until(lambda: counted(Cause.NO_HTTP) == before + 1)
        await site.until(lambda: not site.connections._open)


async def test_what_is_no_http_is_counted() -> None:
    async with serving() as site:
        before = counted(Cause.NO_HTTP)
        reader, writer = await site.connect()
        writer.write(b"no http\r\n\r\n")
        assert (await head(reader))[0] == 400
        assert counted(Cause.NO_HTTP) == before + 1


@pytest.mark.parametrize("reads", [True, False])
@pytest.mark.parametrize(
    ("sent", "cause"),
    [(b"1\r\n{\r\n" * 40_000, Cause.CHUNKS), (b"no chunk\r\n", Cause.NO_HTTP)],
    ids=["crumbs", "no chunk"],
)
async def test_a_body_that_breaks_off_is_answered_at_once(reads: bool, sent: bytes, cause: Cause) -> None:
    """So is one that nobody reads, whose rest is waited for behind its answer. It is counted once."""
    async with serving() as site:
        site.reads = reads
        counts = {each: counted(each) for each in Cause}
        reader, writer = await site.connect()
        writer.write(REQUEST[:-2] + b"Transfer-Encoding: chunked\r\n\r\n")
        await site.until(lambda: site.handled == 1)
        writer.write(sent)
        assert (await head(reader))[0] == (500 if reads else 200)
        assert await is_closed(reader)
        assert {each: counted(each) - counts[each] for each in Cause if counted(each) > counts[each]} == {cause: 1}


async def test_it_gets_the_answer_of_who_does_not_look_at_it_as_the_last() -> None:
    """Nothing more is read from such a connection, whatever has come."""
    async with serving() as site:
        site.open.clear()
        site.reads, before = False, counted(Cause.CHUNKS)
        reader, writer = await site.connect()
        writer.write(REQUEST[:-2] + b"Transfer-Encoding: chunked\r\n\r\n")
        await site.until(lambda: site.handled == 1)
        writer.write(b"1\r\n{\r\n" * 200_000)
        await site.until(lambda: counted(Cause.CHUNKS) == before + 1)
        site.open.set()
        status, headers, _ = await head(reader)
        assert (status, headers["connection"]) == (200, "close")
        assert await is_closed(reader)


def silent_reader(port: int) -> socket.socket:
    """A connection whose receiving side takes little, and which nobody reads."""
    connection = socket.socket()
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    connection.connect(("127.0.0.1", port))
    return connection


@pytest.mark.usefixtures("short_deadlines")
@pytest.mark.parametrize("sent", [REQUEST, REQUEST.replace(b"\r\n\r\n", b"\r\nConnection: close\r\n\r\n")])
async def test_who_does_not_read_its_answer_is_dropped(sent: bytes) -> None:
    """Also when the answer was the last of its connection, which then waits for nothing but its end."""
    async with serving() as site:
        site.body = b"x" * 20_000_000
        before = counted(Cause.WRITE_TIMEOUT)
        with silent_reader(site.listener.port) as connection:
            connection.sendall(sent)
            await site.until(lambda: counted(Cause.WRITE_TIMEOUT) == before + 1)
            await site.until(lambda: not site.connections._open)


async def test_who_takes_enough_of_its_answer_each_time_is_not_dropped(monkeypatch: pytest.MonkeyPatch) -> None:
    async with serving() as site:
        monkeypatch.setattr(protocol, "WRITE_S", PATIENCE)  # it looks only when the test does
        site.body = b"x" * 20_000_000
        with silent_reader(site.listener.port) as client:
            client.sendall(REQUEST)
            await site.until(lambda: bool(site.connections._open))
            (connection,) = site.connections._open
            await site.until(lambda: connection._stalled is not None)
            for _ in range(3):
                assert connection._stalled is not None
                since, left = connection._stalled
                while connection._closing_transport.get_write_buffer_size() > left - WRITE_BYTES:
                    client.recv(WRITE_BYTES, socket.MSG_DONTWAIT)
                    await asyncio.sleep(0)
                connection.look(since + PATIENCE + 1)
                assert connection in site.connections._open
            connection.look(since + 3 * PATIENCE)
            await site.until(lambda: not site.connections._open)


async def test_few_requests_are_read_ahead_and_all_of_them_answered() -> None:
    async with serving() as site:
        site.open.clear()
        reader, writer = await site.connect()
        writer.write(REQUEST * 100)
        await site.until(lambda: site.handled == 1)
        (connection,) = site.connections._open
        assert len(connection._messages) <= QUEUED_REQUESTS
        site.open.set()
        assert [(await head(reader))[0] for _ in range(100)] == [200] * 100


async def test_what_all_hold_together_is_bounded() -> None:
    """The connection that brings too much ends at once; who brings little is served all the same."""
    async with serving() as site:
        site.connections.budget._most = 200_000
        before = counted(Cause.HELD_BYTES)
        ends = [await site.connect() for _ in range(3)]
        for _, writer in ends:
            writer.write(REQUEST[:-2] + b"X: " + b"x" * 50_000 + b"\r\nY: " + b"y" * 40_000)
        await site.until(lambda: counted(Cause.HELD_BYTES) == before + 1)
        reader, writer = await site.connect()
        writer.write(REQUEST)
        assert (await head(reader))[0] == 200
        for _, writer in ends:
            writer.transport.abort()
        await site.until(lambda: site.connections.budget.used == 0)


async def test_what_was_held_is_given_back_to_the_system_once_it_is_gone(monkeypatch: pytest.MonkeyPatch) -> None:
    given_back: list[None] = []
    monkeypatch.setattr(connections_module, "TRIM_BYTES", 10_000)
    monkeypatch.setattr(connections_module, "give_memory_back", lambda: given_back.append(None))
    async with serving() as site:
        ends = [await site.connect() for _ in range(3)]
        for _, writer in ends[:2]:
            writer.write(REQUEST[:-2] + b"X: " + b"x" * 50_000)
        await site.until(lambda: site.connections.budget.used > 100_000)
        reader, writer = ends[2]
        writer.write(REQUEST)
        assert (await head(reader))[0] == 200
        assert not given_back
        for _, writer in ends[:2]:
            writer.transport.abort()
        await site.until(lambda: len(given_back) == 1)


async def test_where_there_are_too_many_who_waited_longest_makes_room() -> None:
    async with serving(most=2) as site:
        before = counted(Cause.MADE_ROOM)
        (first, one), (second, two) = await site.connect(), await site.connect()
        for reader, writer in ((first, one), (second, two), (first, one)):
            now = asyncio.get_running_loop().time()
            await site.until(lambda now=now: asyncio.get_running_loop().time() > now)  # type: ignore[misc]
            writer.write(REQUEST)
            assert (await head(reader))[0] == 200
        third, three = await site.connect()
        three.write(REQUEST)
        assert (await head(third))[0] == 200
        assert await is_closed(second)
        one.write(REQUEST)
        assert (await head(first))[0] == 200
        assert counted(Cause.MADE_ROOM) == before + 1


async def test_who_does_not_take_its_last_answer_makes_room_first() -> None:
    async with serving(most=1) as site:
        site.body = b"x" * 20_000_000
        with silent_reader(site.listener.port) as client:
            client.sendall(REQUEST.replace(b"\r\n\r\n", b"\r\nConnection: close\r\n\r\n"))
            await site.until(lambda: site.handled == 1)
            (connection,) = site.connections._open
            await site.until(lambda: connection._stalled is not None)
            connection.close_idle()
            site.body = b"answer"
            reader, writer = await site.connect()
            writer.write(REQUEST)
            assert (await head(reader))[0] == 200
            await site.until(lambda: connection not in site.connections._open)


@pytest.mark.parametrize("draining", [False, True])
async def test_who_owes_the_rest_of_a_body_that_nobody_wants_makes_room(draining: bool) -> None:
    """It has its answer. Else callers without a key could take all connections, for as long as such a rest may take."""
    async with serving(most=1) as site:
        site.reads, site.connections.draining = False, draining
        late, owing = await site.connect()
        owing.write(REQUEST.replace(b"\r\n\r\n", b"\r\nContent-Length: 9\r\n\r\n{"))
        assert (await head(late))[0] == 200
        assert await site.connections.answered(0)
        reader, writer = await site.connect()
        writer.write(REQUEST)
        assert (await head(reader))[0] == 200
        assert await is_closed(late)


@pytest.mark.parametrize(
    ("limits", "cause"), [((1, None), Cause.CONNECTIONS), ((9, 1), Cause.PEER_CONNECTIONS)], ids=["all", "one peer"]
)
async def test_where_all_are_busy_another_is_refused(limits: tuple[int, int | None], cause: Cause) -> None:
    async with serving(*limits) as site:
        before = counted(cause)
        site.open.clear()
        reader, writer = await site.connect()
        writer.write(REQUEST)
        await site.until(lambda: site.handled == 1)
        other, _late = await site.connect()
        assert await is_closed(other)
        assert counted(cause) == before + 1
        site.open.set()
        assert (await head(reader))[0] == 200


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
    """As most callers do that want one answer only, before aiohttp waits for the next request."""
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


async def test_no_answer_names_the_server() -> None:
    async with serving() as site:
        for sent in (REQUEST, b"no http\r\n\r\n"):
            reader, writer = await site.connect()
            writer.write(sent)
            assert "server" not in (await head(reader))[1]


async def test_draining_answers_what_was_read_each_time_as_the_last() -> None:
    """Pipelined requests included; an idle connection may bring one more, and a silent one is ended."""
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
    """So that it has waited long enough, and accepted nobody."""
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
    """What callers can make in any number must not wait for it: it runs seldom."""
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
            site.errors.clear()  # whose frames have all of it
            await site.until(lambda: not any(isinstance(each, BoundedProtocol) for each in gc.get_objects()))
    finally:
        gc.enable()
