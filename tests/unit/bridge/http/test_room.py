"""Too many connections: which make room, and which are refused."""

import asyncio

import pytest

from bridge import metrics
from bridge.http.causes import HttpCause
from tests.unit.bridge.http.site import REQUEST, counted, head, is_closed, serving, silent_reader

pytestmark = [pytest.mark.thorough, pytest.mark.usefixtures("impatient")]


async def test_where_there_are_too_many_who_waited_longest_makes_room() -> None:
    async with serving(most=2) as site:
        before = counted(HttpCause.MADE_ROOM)
        (first, one), (second, two) = await site.connect(), await site.connect()
        assert metrics.ingress.registry.get_sample_value("bridge_http_connections", {"port": "test"}) == 2
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
        assert counted(HttpCause.MADE_ROOM) == before + 1


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
    """Such a caller has its answer. Otherwise callers without a key could take all connections for as long as that rest
    may take."""
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
    ("limits", "cause"),
    [((1, None), HttpCause.CONNECTIONS), ((9, 1), HttpCause.PEER_CONNECTIONS)],
    ids=["all", "one peer"],
)
async def test_where_all_are_busy_another_is_refused(limits: tuple[int, int | None], cause: HttpCause) -> None:
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
