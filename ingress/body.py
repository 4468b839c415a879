"""Reading a request's body as it came over the wire, up to a limit."""

import asyncio
from collections.abc import Callable

from aiohttp import StreamReader
from aiohttp.http_exceptions import HttpProcessingError
from aiohttp.web import RequestPayloadError

from bridge.http.bounds import BODY_S
from ingress.answers import BodyNotReceived, BodyTooLarge


async def read_body(content: StreamReader, limit: int, arrived: Callable[[int], None]) -> bytes:
    """The whole body. `arrived` is told the size of each piece within the limit, and may raise to stop reading.

    BodyTooLarge: it has more than `limit` bytes. BodyNotReceived: it did not come, or not within `BODY_S`.
    """
    try:
        if content.is_eof():  # nearly always: it came together with the headers
            return _within(content.read_nowait(), limit, arrived)
        async with asyncio.timeout(BODY_S):
            return await _read(content, limit, arrived)
    except (OSError, TimeoutError, RuntimeError, RequestPayloadError, HttpProcessingError) as error:
        # aiohttp raises RuntimeError if the connection is gone already. Only the error's type: the parser's text quotes
        # the body. No traceback: its frames hold what raised the error, and so all that came.
        raise BodyNotReceived(type(error).__name__) from error.with_traceback(None)


def _within(body: bytes, limit: int, arrived: Callable[[int], None]) -> bytes:
    if len(body) > limit:
        raise BodyTooLarge(body[:limit], len(body))
    arrived(len(body))
    return body


async def _read(content: StreamReader, limit: int, arrived: Callable[[int], None]) -> bytes:
    pieces: list[bytes] = []
    size = 0
    while piece := await content.readany():
        size += len(piece)
        if size > limit:
            pieces.append(piece[: len(piece) - (size - limit)])
            raise BodyTooLarge(b"".join(pieces), size)
        pieces.append(piece)
        arrived(len(piece))
    return b"".join(pieces)
