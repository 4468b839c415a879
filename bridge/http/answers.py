"""The answers that all ports share: problem documents, and 200 without a body."""

import time
from collections.abc import Awaitable, Callable, Mapping
from email.utils import formatdate
from functools import lru_cache

import orjson
from aiohttp import HttpVersion11, web
from aiohttp.abc import AbstractStreamWriter

HttpHandler = Callable[[web.BaseRequest], Awaitable[web.StreamResponse]]


def problem(
    status: int, title: str, detail: str | None = None, headers: Mapping[str, str] | None = None
) -> web.Response:
    """An RFC 9457 problem document: `{"type", "title", "status", "detail"?}`."""
    document = {"type": "about:blank", "title": title, "status": status}
    if detail:
        document["detail"] = detail
    return web.Response(
        status=status, body=orjson.dumps(document), content_type="application/problem+json", headers=headers
    )


class Done(web.StreamResponse):
    """200 without a body. A connection that goes on gets bytes that are made once a second: making them from headers
    each time would be a tenth of what a delivery costs."""

    _at_once = False

    async def prepare(self, request: web.BaseRequest) -> AbstractStreamWriter | None:
        """As aiohttp's, but if the connection goes on, it sends the whole answer."""
        if super().keep_alive is None and request.keep_alive and request.version == HttpVersion11:
            self._at_once = True
            await request.writer.write(_done(int(time.time())))
            await request.writer.drain()
            return request.writer
        self.content_length = 0
        return await super().prepare(request)

    async def write_eof(self, data: bytes = b"") -> None:
        """As aiohttp's."""
        if not self._at_once:
            await super().write_eof(data)

    @property
    def keep_alive(self) -> bool | None:
        """As aiohttp's."""
        return True if self._at_once else super().keep_alive


@lru_cache(maxsize=1)
def _done(second: int) -> bytes:
    return f"HTTP/1.1 200 OK\r\nContent-Length: 0\r\nDate: {formatdate(second, usegmt=True)}\r\n\r\n".encode()
