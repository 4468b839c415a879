"""Bounds over real sockets: callers that are late, too large or do not read, and callers that only seem so."""

import asyncio
from collections.abc import Callable

import pytest

from bridge.http import protocol
from bridge.http import transport as transport_module
from bridge.http.bounds import CLOSING_BYTES, QUEUED_REQUESTS, WRITE_BYTES
from bridge.http.causes import HttpCause
from tests.unit.bridge.http.site import PATIENCE, REQUEST, counted, head, is_closed, serving, silent_reader

pytestmark = [pytest.mark.thorough, pytest.mark.usefixtures("impatient")]


@pytest.mark.parametrize("first", [b"", REQUEST], ids=["first request", "later request"])
async def test_a_head_that_is_not_complete_in_time_is_answered_and_counted(
    first: bytes, shorten_deadlines: Callable[[], None]
) -> None:
    async with serving() as site:
        before = counted(HttpCause.HEADER_TIMEOUT)
        reader, writer = await site.connect()
        writer.write(first)
        if first:
            assert (await head(reader))[0] == 200
        writer.write(REQUEST[:-1])
        await site.until(lambda: any(each._bounded.begun_at is not None for each in site.connections._open))
        shorten_deadlines()
        status, headers, _ = await head(reader)
        assert (status, headers["connection"]) == (408, "close")
        assert await is_closed(reader)
        assert counted(HttpCause.HEADER_TIMEOUT) == before + 1


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
        before = counted(HttpCause.NO_REQUEST)
        reader, _writer = await site.connect()
        assert await is_closed(reader)
        assert counted(HttpCause.NO_REQUEST) == before + 1


async def test_an_empty_line_behind_a_request_begins_no_head() -> None:
    """RFC 9112, section 2.2. Such a line was refused as a late head, behind an answer."""
    async with serving() as site:
        reader, writer = await site.connect()
        writer.write(REQUEST)
        assert (await head(reader))[0] == 200
        (connection,) = site.connections._open
        writer.write(b"\r\n")
        await site.until(lambda: connection._bounded._rest == 2)
        connection.look(asyncio.get_running_loop().time() + PATIENCE)
        writer.write(REQUEST)
        assert (await head(reader))[0] == 200


async def test_a_connection_that_brought_a_request_may_rest(shorten_deadlines: Callable[[], None]) -> None:
    """Until the keep-alive is over, which is for both ports the same."""
    async with serving() as site:
        reader, writer = await site.connect()
        writer.write(REQUEST)
        assert (await head(reader))[0] == 200
        shorten_deadlines()
        silent, _ = await site.connect()
        assert await is_closed(silent)  # so the deadline has passed for both
        writer.write(REQUEST)
        assert (await head(reader))[0] == 200


async def test_a_head_that_is_too_large_is_answered_though_more_of_it_comes() -> None:
    """The answer comes without a reset, which would take it away."""
    async with serving() as site:
        before = counted(HttpCause.HEADER_BYTES)
        reader, writer = await site.connect()
        line = b"X: " + b"x" * 60_000 + b"\r\n"
        writer.write(REQUEST[:-2] + line * 10)
        status, headers, _ = await head(reader)
        assert (status, headers["connection"]) == (431, "close")
        assert await is_closed(reader)
        assert (counted(HttpCause.HEADER_BYTES), site.handled) == (before + 1, 0)


async def test_who_goes_on_and_on_after_its_last_answer_is_dropped(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(transport_module, "CLOSING_S", PATIENCE)
    async with serving() as site:
        before = counted(HttpCause.NO_HTTP)
        _, writer = await site.connect()
        writer.write(b"no http\r\n\r\n" + b"x" * 4 * CLOSING_BYTES)
        await site.until(lambda: counted(HttpCause.NO_HTTP) == before + 1)
        await site.until(lambda: not site.connections._open)


async def test_what_is_no_http_is_counted() -> None:
    async with serving() as site:
        before = counted(HttpCause.NO_HTTP)
        reader, writer = await site.connect()
        writer.write(b"no http\r\n\r\n")
        assert (await head(reader))[0] == 400
        assert counted(HttpCause.NO_HTTP) == before + 1


@pytest.mark.parametrize("reads", [True, False])
@pytest.mark.parametrize(
    ("sent", "cause"),
    [(b"1\r\n{\r\n" * 40_000, HttpCause.CHUNKS), (b"no chunk\r\n", HttpCause.NO_HTTP)],
    ids=["crumbs", "no chunk"],
)
async def test_a_body_that_breaks_off_is_answered_at_once(reads: bool, sent: bytes, cause: HttpCause) -> None:
    """This includes a body that nobody reads, whose rest is awaited behind the answer. The break is counted once."""
    async with serving() as site:
        site.reads = reads
        counts = {each: counted(each) for each in HttpCause}
        reader, writer = await site.connect()
        writer.write(REQUEST[:-2] + b"Transfer-Encoding: chunked\r\n\r\n")
        await site.until(lambda: site.handled == 1)
        writer.write(sent)
        assert (await head(reader))[0] == (500 if reads else 200)
        assert await is_closed(reader)
        assert {each: counted(each) - counts[each] for each in HttpCause if counted(each) > counts[each]} == {cause: 1}


async def test_it_gets_the_answer_of_who_does_not_look_at_it_as_the_last() -> None:
    """The handler does not read the broken body. Its answer is the connection's last: nothing more is read, whatever
    has come."""
    async with serving() as site:
        site.open.clear()
        site.reads, before = False, counted(HttpCause.CHUNKS)
        reader, writer = await site.connect()
        writer.write(REQUEST[:-2] + b"Transfer-Encoding: chunked\r\n\r\n")
        await site.until(lambda: site.handled == 1)
        writer.write(b"1\r\n{\r\n" * 200_000)
        await site.until(lambda: counted(HttpCause.CHUNKS) == before + 1)
        site.open.set()
        status, headers, _ = await head(reader)
        assert (status, headers["connection"]) == (200, "close")
        assert await is_closed(reader)


@pytest.mark.usefixtures("short_deadlines")
@pytest.mark.parametrize("sent", [REQUEST, REQUEST.replace(b"\r\n\r\n", b"\r\nConnection: close\r\n\r\n")])
async def test_who_does_not_read_its_answer_is_dropped(sent: bytes) -> None:
    """This also holds after a connection's last answer, when the connection waits only for its end."""
    async with serving() as site:
        site.body = b"x" * 20_000_000
        before = counted(HttpCause.WRITE_TIMEOUT)
        with silent_reader(site.listener.port) as connection:
            connection.sendall(sent)
            await site.until(lambda: counted(HttpCause.WRITE_TIMEOUT) == before + 1)
            await site.until(lambda: not site.connections._open)


async def test_who_takes_enough_of_its_answer_each_time_is_not_dropped(monkeypatch: pytest.MonkeyPatch) -> None:
    async with serving() as site:
        monkeypatch.setattr(protocol, "WRITE_S", PATIENCE)  # only the test looks for stalled writes
        site.body = b"x" * 20_000_000
        with silent_reader(site.listener.port) as client:
            client.sendall(REQUEST)
            client.setblocking(False)
            await site.until(lambda: bool(site.connections._open))
            (connection,) = site.connections._open
            await site.until(lambda: connection._stalled is not None)
            for _ in range(3):
                assert connection._stalled is not None
                since, left = connection._stalled
                while connection._closing_transport.get_write_buffer_size() > left - WRITE_BYTES:
                    await asyncio.get_running_loop().sock_recv(client, WRITE_BYTES)
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


@pytest.mark.parametrize("pieces", [(b"Content-Length: 3\r\n\r\n", b"abc"), (b"Content-Length: 3\r\n\r\nabc",)])
async def test_all_of_many_are_answered_behind_a_body_that_came_later(pieces: tuple[bytes, ...]) -> None:
    """aiohttp's parser counts a request whose body came later as read ahead for ever. It stopped before reading was
    paused."""
    async with serving() as site:
        reader, writer = await site.connect()
        writer.write(REQUEST[:-2] + pieces[0])
        await site.until(lambda: site.handled == 1)
        writer.write(b"".join(pieces[1:]) + REQUEST * (2 * QUEUED_REQUESTS))
        for _ in range(1 + 2 * QUEUED_REQUESTS):
            assert (await head(reader))[0] == 200


async def test_many_chunked_ones_that_wait_are_all_answered() -> None:
    async with serving() as site:
        site.open.clear()
        reader, writer = await site.connect()
        for _ in range(QUEUED_REQUESTS + 1):
            writer.write(REQUEST[:-2] + b"Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n")
            await asyncio.sleep(0.01)  # alone: behind a chunked one in the same piece, a request may be refused
        site.open.set()
        for _ in range(QUEUED_REQUESTS + 1):
            assert (await head(reader))[0] == 200


async def test_what_follows_a_body_in_its_last_piece_is_no_trailer() -> None:
    large = REQUEST[:-2] + b"Content-Length: 300000\r\n\r\n" + b"x" * 300_000
    async with serving() as site:
        reader, writer = await site.connect()
        writer.write(large * (QUEUED_REQUESTS + 1))
        for _ in range(QUEUED_REQUESTS + 1):
            assert (await head(reader))[0] == 200


@pytest.mark.parametrize("fields", [b"", b"Connection: close\r\n"])
async def test_a_body_that_is_to_be_the_last_may_not_come_in_crumbs_either(fields: bytes) -> None:
    async with serving() as site:
        before = counted(HttpCause.CHUNKS)
        reader, writer = await site.connect()
        writer.write(REQUEST[:-2] + fields + b"Transfer-Encoding: chunked\r\n\r\n")
        await site.until(lambda: site.handled == 1)
        writer.write(b"1\r\n{\r\n" * 40_000)
        assert (await head(reader))[0] == 500
        assert counted(HttpCause.CHUNKS) == before + 1


async def test_what_all_hold_together_is_bounded() -> None:
    """The connection that brings too much ends at once; callers that bring little are still served."""
    async with serving() as site:
        site.connections.budget._most = 200_000
        before = counted(HttpCause.HELD_BYTES)
        ends = [await site.connect() for _ in range(3)]
        for _, writer in ends:
            writer.write(REQUEST[:-2] + b"X: " + b"x" * 50_000 + b"\r\nY: " + b"y" * 40_000)
        await site.until(lambda: counted(HttpCause.HELD_BYTES) == before + 1)
        reader, writer = await site.connect()
        writer.write(REQUEST)
        assert (await head(reader))[0] == 200
        for _, writer in ends:
            writer.transport.abort()
        await site.until(lambda: site.connections.budget.used == 0)


async def test_no_answer_names_the_server() -> None:
    async with serving() as site:
        for sent in (REQUEST, b"no http\r\n\r\n"):
            reader, writer = await site.connect()
            writer.write(sent)
            assert "server" not in (await head(reader))[1]
