import asyncio
import gc
import sys
from typing import cast

import pytest
from aiohttp import StreamReader
from aiohttp.base_protocol import BaseProtocol
from aiohttp.http_exceptions import TransferEncodingError
from aiohttp.web import RequestPayloadError

from ingress import body
from ingress.answers import BodyNotReceived, BodyTooLarge, TooMuchInFlight
from ingress.body import read_body
from tests.unit.ingress.fakes import Content


async def read(content: Content, limit: int = 10) -> bytes:
    return await read_body(cast("StreamReader", content), limit, lambda _count: None)


@pytest.mark.parametrize("pieces", [(), (b"",), (b"0123456789",), (b"01234", b"56789"), (b"0", b"1", b"2")])
async def test_a_body_up_to_the_limit_is_read_whole(pieces: tuple[bytes, ...]) -> None:
    assert await read(Content(*pieces)) == b"".join(pieces)


@pytest.mark.parametrize("pieces", [(b"0123456789A",), (b"01234", b"56789A", b"BCDE"), (b"0123456789", b"A")])
async def test_a_larger_body_is_given_up_with_its_first_bytes(pieces: tuple[bytes, ...]) -> None:
    content = Content(*pieces)
    with pytest.raises(BodyTooLarge) as error:
        await read(content)
    assert error.value.prefix == b"0123456789"
    assert error.value.read == content.read > 10
    assert str(error.value) == "more than 10 bytes"  # for the log and the sender: nothing of the body


async def test_reading_stops_at_the_limit() -> None:
    """A body without end is not read to its end."""
    content = Content(*[b"0123456789"] * 100)
    with pytest.raises(BodyTooLarge):
        await read(content)
    assert content.read == 20


@pytest.mark.parametrize(
    "error",
    [
        ConnectionResetError("gone"),
        RequestPayloadError("bad chunk"),
        RuntimeError("Connection closed."),
        TransferEncodingError("a body"),
    ],
)
async def test_a_body_that_breaks_off_was_not_received(error: Exception) -> None:
    with pytest.raises(BodyNotReceived, match=f"^{type(error).__name__}$"):  # aiohttp's messages quote the body
        await read(Content(b"0", error=error))


async def test_what_came_of_a_body_that_breaks_off_is_let_go_of() -> None:
    """With the collector off: aiohttp's reader waits for what raises its error, and the error's frames hold the
    reader."""
    piece = b"%d" % 10**9
    content = StreamReader(BaseProtocol(asyncio.get_running_loop()), 2**16)
    content._protocol.transport = asyncio.Transport()
    before = sys.getrefcount(piece)
    gc.collect()
    gc.disable()
    try:
        reading = asyncio.create_task(read_body(content, 100, lambda _count: None))
        content.feed_data(piece)
        while content._buffer or content._waiter is None:
            await asyncio.sleep(0)
        content.set_exception(ConnectionResetError())
        (error,) = await asyncio.gather(reading, return_exceptions=True)
        assert isinstance(error, BodyNotReceived)
        del reading, error
        assert sys.getrefcount(piece) == before
    finally:
        gc.enable()


async def test_a_body_that_does_not_come_in_time_was_not_received(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(body, "BODY_S", 0)
    with pytest.raises(BodyNotReceived):
        await read(Content(b"0", error=TimeoutError()))


async def test_every_piece_is_reported_and_may_be_objected_to() -> None:
    arrived: list[int] = []

    def report(count: int) -> None:
        arrived.append(count)
        if sum(arrived) > 4:
            raise TooMuchInFlight

    with pytest.raises(TooMuchInFlight):
        await read_body(cast("StreamReader", Content(b"01", b"234", b"5")), 10, report)
    assert arrived == [2, 3]


@pytest.mark.parametrize("pieces", [(b"0123456789A",), (b"0123456789", b"A")])
async def test_a_body_over_the_limit_is_never_taken_for_too_much_in_flight(pieces: tuple[bytes, ...]) -> None:
    """With room for one body only, the piece that exceeds the limit exceeds the room as well."""
    arrived = 0

    def report(count: int) -> None:
        nonlocal arrived
        arrived += count
        if arrived > 10:
            raise TooMuchInFlight

    with pytest.raises(BodyTooLarge):
        await read_body(cast("StreamReader", Content(*pieces)), 10, report)
