"""aiohttp's parser of requests, with a count of the bytes that it was given and nobody has taken or answered yet."""

import math
from collections.abc import Callable, Sequence
from typing import Any, Final

from aiohttp.http_exceptions import HttpProcessingError
from aiohttp.streams import EMPTY_PAYLOAD, StreamReader
from aiohttp.web_protocol import _ErrInfo

from bridge.http.bounds import HEAD_BYTES, HELD_BYTES, SMALL_BYTES

Requests = Sequence[tuple[Any, StreamReader]]
"""Those whose heads are complete, each with its body."""

_BLANK_LINE: Final = b"\r\n\r\n"


class HeadTooLate(HttpProcessingError):  # noqa: N818 - named after the situation
    """A head was not complete in time."""

    code = 408
    message = "Request Timeout"


class HeadTooLarge(HttpProcessingError):  # noqa: N818 - named after the situation
    """A request line and its headers are larger together than `HEAD_BYTES`."""

    code = 431
    message = "Request Header Fields Too Large"


def refused(error: HttpProcessingError) -> _ErrInfo:
    """What stands in a request's place."""
    return _ErrInfo(error.code, error, "")


class Budget:
    """Bytes that all connections of a port hold together."""

    def __init__(self, most: int = HELD_BYTES) -> None:
        self._most = most
        self.used = self.most_used = 0

    def change(self, by: int) -> bool:
        """Count so many more, or fewer; whether there is room for them. They are counted all the same."""
        self.used += by
        self.most_used = max(self.most_used, self.used)
        return by <= 0 or self.used <= self._most


class BoundedParser:
    """What aiohttp's server uses of its parser.

    Held is what was sent and is no body of the request that is being handled, for that is counted by who reads it. Up
    to `SMALL_BYTES` of each connection do not count, and are not looked at closely: nearly all requests fit.
    """

    __slots__ = (
        "_body",
        "_budget",
        "_clock",
        "_counted",
        "_held",
        "_overflow",
        "_parser",
        "_rest",
        "_unanswered",
        "begun_at",
        "given_up",
    )

    def __init__(self, parser: Any, budget: Budget, clock: Callable[[], float], overflow: Callable[[], None]) -> None:
        """`overflow` is called when the budget has no room for what came: the connection must end at once."""
        self._parser, self._budget, self._clock, self._overflow = parser, budget, clock, overflow
        self._body: StreamReader | None = None
        self._unanswered = self._held = self._counted = self._rest = 0
        self.begun_at: float | None = None
        """When a head began that is not complete yet, if so."""
        self.given_up = False

    @property
    def in_body(self) -> bool:
        """Whether the body of the last request is incomplete."""
        return self._body is not None

    @property
    def holds(self) -> bool:
        """Whether there is anything to count."""
        return self._held > 0

    def feed_data(self, data: bytes) -> tuple[Requests, bool, bytes]:
        """As aiohttp's; what cannot be read is a request that has its error in place of a head."""
        if self.given_up:
            return (), False, b""
        try:
            requests = self._read(data)
        except HttpProcessingError as error:
            # Returned as what aiohttp's server makes of it: raised on, it would hold the frames that hold it. Whatever
            # else was read is not handled.
            self.give_up()
            return [(refused(error.with_traceback(None)), EMPTY_PAYLOAD)], False, b""
        return requests, False, b""

    def answered(self) -> None:
        """The oldest request has its answer."""
        self._unanswered -= 1
        if self._held and not self._unanswered:
            self._held = self._rest
            self._count()

    def give_up(self) -> None:
        """Read nothing more, and let go of all that was: at once, not when the collector of cycles comes by."""
        self._held = self._rest = 0
        self._count()
        self._parser = self._body = self.begun_at = None
        self.given_up = True
        self._overflow = _nothing

    def message_consumed(self) -> None:
        """As aiohttp's."""
        if not self.given_up:
            self._parser.message_consumed()

    def pause_reading(self) -> None:
        """As aiohttp's."""
        if not self.given_up:
            self._parser.pause_reading()

    def _read(self, data: bytes) -> Requests:
        body = self._body
        if body is None:
            requests, read = self._parse(data), 0
            if len(requests) == 1 and len(data) <= SMALL_BYTES and not (self._held or self._unanswered):
                self._wait_for(requests[0][1])  # nearly always
                self._unanswered = 1
                return requests
        else:
            read = -body.total_bytes
            requests = self._parse(data)
            read += body.total_bytes
        if requests:
            self._take(requests, data, len(data) - read)
        elif body is None:
            self._begin(len(data))
        else:
            self._go_on(data, len(data) - read)
        self._count()
        return requests

    def _wait_for(self, body: StreamReader) -> None:
        self._body = None if body.is_eof() else body

    def _parse(self, data: bytes) -> Requests:
        requests, upgraded, rest = self._parser.feed_data(data)
        while upgraded:  # nobody here takes such an offer: what follows it is the next request
            self._parser.set_upgraded(False)
            more, upgraded, rest = self._parser.feed_data(rest)
            requests = [*requests, *more]
        return requests  # type: ignore[no-any-return]  # aiohttp's parser is compiled, without types

    def _take(self, requests: Requests, data: bytes, fresh: int) -> None:
        bodies = sum(body.total_bytes for _, body in requests)
        self._unanswered += len(requests)
        self._held += fresh - bodies if self._unanswered == 1 else len(data)
        unknown, self._rest, self.begun_at = self._rest + fresh - bodies, 0, None
        self._wait_for(requests[-1][1])
        if self._held > SMALL_BYTES:
            heads = [_size(message) for message, _ in requests]
            if max(heads) > HEAD_BYTES:
                raise HeadTooLarge
            if self._body is None:
                self._suspect(min(_behind_blank_line(data), unknown - sum(heads)))

    def _begin(self, size: int) -> None:
        """More of a head that is not complete."""
        self._held += size
        self._rest += size
        if size and self.begun_at is None:
            self.begun_at = self._clock()
        if self._rest > HEAD_BYTES:
            raise HeadTooLarge

    def _go_on(self, data: bytes, fresh: int) -> None:
        """More of a body, and perhaps of what follows it."""
        if self._body is not None:
            self._wait_for(self._body)
        if self._unanswered > 1:
            self._held += len(data)
        elif fresh > SMALL_BYTES and self._body is None:
            self._held += fresh
            self._suspect(min(_behind_blank_line(data), fresh))

    def _suspect(self, size: float) -> None:
        """At most so much of a head may have come together with what was before it."""
        if size > SMALL_BYTES:
            self._rest, self.begun_at = int(size), self._clock()

    def _count(self) -> None:
        counted = self._held if self._held > SMALL_BYTES else 0
        if counted != self._counted:
            by, self._counted = counted - self._counted, counted
            if not self._budget.change(by):
                self._overflow()


def _nothing() -> None:
    """What becomes of a connection that was given up is decided."""


def _behind_blank_line(data: bytes) -> float:
    """A head that is not complete has no blank line, so no more than this is of one. A chunked body ends in one."""
    return len(data) - data.rfind(_BLANK_LINE) - len(_BLANK_LINE) if _BLANK_LINE in data else math.inf


def _size(message: Any) -> int:
    """Of a request line and headers, but for blanks."""
    line = len(message.method) + len(message.path)
    return line + sum(len(name) + len(value) + 4 for name, value in message.raw_headers)
