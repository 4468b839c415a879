"""Requests that offer another protocol. aiohttp's parser drops what follows most of them in one piece."""

import asyncio

import pytest

from bridge.http.protocol import BoundedProtocol
from tests.unit.bridge.http.site import PATIENCE, REQUEST, head, is_closed, serving

pytestmark = [pytest.mark.thorough, pytest.mark.usefixtures("impatient")]

OFFER = REQUEST[:-2] + b"Connection: Upgrade\r\nUpgrade: h2c\r\n"
OFFERS = {
    "websocket": OFFER.replace(b"h2c", b"websocket") + b"\r\n",
    "h2c": OFFER + b"\r\n",
    "tls": OFFER.replace(b"h2c", b"TLS/1.0") + b"\r\n",
    "connect": b"CONNECT bridge:80 HTTP/1.1\r\nHost: bridge\r\n\r\n",
    "body": OFFER + b"Content-Length: 5\r\n\r\n12345",
    "chunks": OFFER + b"Transfer-Encoding: chunked\r\n\r\n5\r\n12345\r\n0\r\n\r\n",
}


@pytest.mark.parametrize("offer", OFFERS.values(), ids=OFFERS)
async def test_the_answer_to_an_offer_is_the_last(offer: bytes) -> None:
    async with serving() as site:
        reader, writer = await site.connect()
        writer.write(offer + REQUEST)
        async with asyncio.timeout(PATIENCE):
            answers = await reader.read()
        assert answers.count(b"HTTP/1.1 200 OK") == answers.count(b"Connection: close") == site.handled == 1


async def test_no_later_request_is_answered_in_the_place_of_a_lost_one(monkeypatch: pytest.MonkeyPatch) -> None:
    """The sender took the 200 for the lost request's."""
    pieces = list[bytes]()
    receive = BoundedProtocol.data_received

    def note_and_receive(connection: BoundedProtocol, data: bytes) -> None:
        pieces.append(data)
        receive(connection, data)

    monkeypatch.setattr(BoundedProtocol, "data_received", note_and_receive)
    async with serving() as site:
        site.open.clear()
        reader, writer = await site.connect()
        for count, piece in enumerate((OFFERS["body"] + REQUEST, REQUEST), 1):
            writer.write(piece)
            await site.until(lambda count=count: len(pieces) == count)  # type: ignore[misc]
        await asyncio.sleep(0)
        site.open.set()
        assert (await head(reader))[0] == 200
        assert await is_closed(reader)
        assert site.handled == 1
