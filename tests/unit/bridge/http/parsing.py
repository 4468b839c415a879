"""A bounded parser without a socket, and what to send to it."""

from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any, cast

from aiohttp.http import HttpRequestParser
from aiohttp.http_exceptions import HttpProcessingError
from aiohttp.web_protocol import _ErrInfo

from bridge.http.bounds import LINE_BYTES, QUEUED_REQUESTS, TARGET_BYTES, Budget
from bridge.http.parser import BoundedParser

GET = b"GET /livez HTTP/1.1\r\nHost: bridge\r\n\r\n"
CHUNKED = GET.replace(b"\r\n\r\n", b"\r\nTransfer-Encoding: chunked\r\n\r\n")


class Connection:
    """A parser, its clock, and whether it had to end."""

    def __init__(self, budget: Budget | None = None) -> None:
        self.budget = budget or Budget()
        self.now, self.overflown = 0.0, False
        self.broken: list[type[HttpProcessingError]] = []
        self.flow = SimpleNamespace(pause_reading=lambda: None, resume_reading=lambda **_: None)
        parser = HttpRequestParser(
            cast("Any", self.flow),
            cast("Any", SimpleNamespace()),
            2**16,
            max_line_size=TARGET_BYTES,
            max_field_size=LINE_BYTES,
            auto_decompress=False,
            max_msg_queue_size=QUEUED_REQUESTS,
        )
        self.parser = BoundedParser(parser, self.budget, lambda: self.now, self._overflow, self._break)

    def _overflow(self) -> None:
        self.overflown = True

    def _break(self, error: HttpProcessingError) -> None:
        self.broken.append(type(error))

    def send(self, data: bytes) -> int:
        """How many requests are now complete, but for their bodies. Raises the error that the parser reports."""
        requests = self.parser.feed_data(data)[0]
        for message, _ in requests:
            if isinstance(message, _ErrInfo):
                raise message.exc
        return len(requests)


def head(size: int, end: bytes = b"\r\n") -> bytes:
    """A request's head of `size` bytes."""
    start = b"POST /webhooks/newstore HTTP/1.1\r\nHost: bridge\r\n"
    lines = b""
    while len(start) + len(lines) + len(end) < size:
        rest = size - len(start) - len(lines) - len(end)
        length = min(rest - len(b"X: \r\n"), LINE_BYTES - 10)
        lines += b"X: " + b"x" * length + b"\r\n"
    return start + lines + end


def pieces(data: bytes, size: int) -> Iterator[bytes]:
    for start in range(0, len(data), size):
        yield data[start : start + size]
