"""What every port answers alike: problem documents, and which bearer key opens."""

import hmac
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
    """200 without a body. Who goes on with its connection gets bytes that are made once a second: to make them of
    headers each time would be a tenth of what a delivery costs."""

    _at_once = False

    async def prepare(self, request: web.BaseRequest) -> AbstractStreamWriter | None:
        """As aiohttp's, but that it sends all."""
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


def place_of(header: str | None, keys: tuple[bytes, ...] | None) -> int | None:
    """Which of the bearer keys an `Authorization` header carries, counted from 1; 0 where no key is asked for, None
    if it carries none.

    Every key is compared, in constant time, so the time taken tells nothing about any of them.
    """
    if keys is None:
        return 0
    if header is None or header[:7].lower() != "bearer ":
        return None
    # aiohttp decodes headers as UTF-8 with surrogate escapes; this gives the bytes of the wire again.
    given = header[7:].strip().encode("utf-8", "surrogateescape")
    equal = [hmac.compare_digest(given, key) for key in keys]
    return equal.index(True) + 1 if any(equal) else None
