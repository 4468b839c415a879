"""aiohttp's request parser, which counts the bytes that it was given and nobody has taken or answered yet."""

import math
from collections.abc import Callable, Sequence
from typing import Any, Final

from aiohttp.http_exceptions import HttpProcessingError
from aiohttp.streams import EMPTY_PAYLOAD, StreamReader

from bridge.http.bounds import BLANK_LINES, HEAD_BYTES, QUEUED_REQUESTS, SMALL_BYTES, Budget
from bridge.http.chunks import Chunks
from bridge.http.errors import BehindChunks, BodyBroken, HeadTooLarge, refused
from bridge.http.targets import as_told, read_host, require_small

Requests = Sequence[tuple[Any, StreamReader]]
"""Requests whose heads are complete, each with its body."""

_BLANK_LINE: Final = b"\r\n\r\n"
_FLUSHING: Final = b"GET / HTTP/1.1\r\nHost: bridge\r\n\r\n"


class BoundedParser:
    """What aiohttp's server uses of its parser.

    Held is what was sent, except the body of the request that is being handled: its reader counts that. Up to
    `SMALL_BYTES` of each connection do not count, and are not looked at closely: nearly all requests fit.

    What follows a chunked body may be its trailer, which nobody reads. aiohttp keeps it until the next request begins,
    and takes its last field for a header of that request. Behind a proxy that may be somebody else's. So after a
    chunked body the parser is given a request that nobody handles; until then a trailer counts.
    """

    __slots__ = (
        "_body",
        "_broken",
        "_budget",
        "_chunked",
        "_chunks",
        "_clock",
        "_counted",
        "_held",
        "_last",
        "_overflow",
        "_parser",
        "_paused",
        "_rest",
        "_trailer",
        "_unanswered",
        "begun_at",
        "given_up",
    )

    def __init__(
        self,
        parser: Any,
        budget: Budget,
        clock: Callable[[], float],
        overflow: Callable[[], None],
        broken: Callable[[HttpProcessingError], None],
    ) -> None:
        """`overflow` is called when the budget has no room for what came: the connection must end at once. `broken` is
        told why the rest of a body cannot be read if its request was passed on before; the body's reader is told only
        that it cannot."""
        self._parser, self._budget, self._clock, self._overflow, self._broken = parser, budget, clock, overflow, broken
        self._body: StreamReader | None = None
        self._chunks = Chunks()
        self._unanswered = self._held = self._counted = self._rest = self._trailer = 0
        self.begun_at: float | None = None
        """When the head began that is incomplete now; None if there is none."""
        self.given_up = self._paused = self._chunked = False
        self._last = b""
        """The end of what came since the last head, if its body is chunked."""

    @property
    def in_body(self) -> bool:
        """Whether the body of the last request is incomplete."""
        return self._body is not None

    @property
    def lingers(self) -> bool:
        """Whether the rest of a body comes after the answer: nobody wants it any more."""
        return self._body is not None and not self._unanswered

    @property
    def holds(self) -> bool:
        """Whether there is anything to count."""
        return self._held > 0

    def feed_data(self, data: bytes) -> tuple[Requests, bool, bytes]:
        """As aiohttp's. What cannot be read becomes a request with its error in place of a head, or breaks its body."""
        if self.given_up:
            return (), False, b""
        body = self._body
        try:
            requests = self._read_apart(data) if self._chunked else self._without_trailers(self._read(data), data)
        except HttpProcessingError as error:
            requests = self._refuse(as_told(error), body)
        return requests, False, b""

    def answered(self, *, keeps: bool = False) -> None:
        """The oldest request has its answer. `keeps`: what it holds counts until the connection is gone."""
        self._unanswered -= 1
        if self._held and not self._unanswered and not keeps:
            self._held = self._rest
            self._count()

    def give_up(self) -> None:
        """Read nothing more, and let go of everything at once, before cycles are collected, and before aiohttp has
        waited long enough for the rest of an unwanted body."""
        if self._body is not None and self.lingers:
            self._body.feed_eof()
        self._held = self._rest = self._trailer = 0
        self._count()
        self._parser = self._body = self.begun_at = None
        self._chunks = Chunks()
        self.given_up = True
        self._overflow = self._broken = _nothing

    def message_consumed(self) -> None:
        """As aiohttp's."""
        if not self.given_up:
            self._parser.message_consumed()

    def pause_reading(self) -> None:
        """As aiohttp's: it keeps for later what it was given and has not read yet."""
        self._paused = True
        if not self.given_up:
            self._parser.pause_reading()

    def _refuse(self, error: HttpProcessingError, body: StreamReader | None) -> Requests:
        """`body` was incomplete before. If it still is, the error breaks it; else the error becomes a request. Whatever
        else was read is not handled."""
        requests: Requests = ()
        if body is None or body.is_eof():
            # As aiohttp's server makes it: an error that is raised further would hold the frames that hold it.
            requests = [(refused(error.with_traceback(None)), EMPTY_PAYLOAD)]
        else:
            if self._unanswered:
                body.set_exception(BodyBroken())
            body.feed_eof()  # nobody waits for more, or meets the exception again and so holds its frames
            self._broken(error)
        self.give_up()
        return requests

    def _read(self, data: bytes) -> Requests:
        body = self._body
        if body is None:
            requests, read = self._parse(data), 0
            if (
                len(requests) == 1
                and len(data) <= SMALL_BYTES
                and not (self._held or self._unanswered or self._trailer)
            ):
                self._wait_for(requests[0][1])  # nearly always
                self._unanswered = 1
                return requests
        else:
            read, kept, self._paused = -body.total_bytes, self._paused, False
            requests = self._parse(data)
            read += body.total_bytes
            self._follow_trailer(len(data), read, kept=kept, ends=body.is_eof())
        if requests:
            self._take(requests, data, len(data) - read)
        elif body is None:
            self._begin(data)
        else:
            self._go_on(data, len(data) - read)
        self._count()
        return requests

    def _read_apart(self, data: bytes) -> Requests:
        """Read up to each blank line, which ends a chunked body: what follows such a body is read apart from it. After
        `BLANK_LINES`, or if the parser pauses, read the rest at once."""
        known = self._last[1 - len(_BLANK_LINE) :]
        begin, joined, requests = len(known), known + data, list[Any]()
        for _ in range(BLANK_LINES):
            at = joined.find(_BLANK_LINE, max(0, begin - len(known)))
            if at < 0 or self._paused or not self._chunked or self.given_up:
                break
            known, end = b"", at + len(_BLANK_LINE)
            requests += self._without_trailers(self._read(joined[begin:end]), joined[begin:end])
            begin = end
        if not self.given_up and (begin < len(joined) or not data):
            requests += self._without_trailers(self._read(joined[begin:]), joined[begin:])
        return requests

    def _without_trailers(self, requests: Requests, data: bytes) -> Requests:
        if not (self._chunked or self._chunks.are_incomplete or any(message.chunked for message, _ in requests)):
            return requests  # nearly always
        self._chunks.take(requests, len(data), kept=self._paused)
        chunked = [self._chunked, *(message.chunked and not message.should_close for message, _ in requests)]
        if any(chunked[:-1]):  # a request behind a chunked one: what is between them was not seen
            self.give_up()
            return [*requests[: chunked.index(True)], (refused(BehindChunks()), EMPTY_PAYLOAD)]
        self._chunked = chunked[-1]
        self._last = (self._last + data)[-len(_BLANK_LINE) :] if self._chunked else b""
        # Nothing of the next head has come yet, or is kept for later.
        if self._body is None and self._last == _BLANK_LINE and self._unanswered < QUEUED_REQUESTS:
            self._parser.feed_data(_FLUSHING)
            self._parser.message_consumed()
            self._chunked, self._last, self._trailer = False, b"", 0
            self._count()
        return requests

    def _wait_for(self, body: StreamReader) -> None:
        self._body = None if body.is_eof() else body

    def _parse(self, data: bytes) -> Requests:
        requests, upgraded, rest = self._parser.feed_data(data)
        while upgraded:  # nobody here takes the offer, and aiohttp must not keep what follows it
            self._parser.set_upgraded(False)
            more, upgraded, rest = self._parser.feed_data(rest)
            requests = [*requests, *more]
        for message, _ in requests:
            require_small(message)
            if message.url.absolute:
                read_host(message.url)
        return requests  # type: ignore[no-any-return]  # aiohttp's parser is compiled, without types

    def _take(self, requests: Requests, data: bytes, fresh: int) -> None:
        bodies = sum(body.total_bytes for _, body in requests)
        self._unanswered += len(requests)
        self._held += fresh - bodies if self._unanswered == 1 else len(data)
        unknown, self._rest, self.begun_at = self._rest + fresh - bodies, 0, None
        self._wait_for(requests[-1][1])
        self._trailer = 0
        if self._held > SMALL_BYTES:
            heads = [size_of_head(message) for message, _ in requests]
            if max(heads) > HEAD_BYTES:
                raise HeadTooLarge
            beside = unknown - sum(heads)
            if self._body is None:
                self._suspect(min(_behind_blank_line(data), beside))
            self._trailer = beside - self._rest if beside > SMALL_BYTES else 0  # at most

    def _begin(self, data: bytes) -> None:
        """More of an incomplete head came; empty lines before it are not part of it."""
        self._held += len(data)
        self._rest += len(data)
        if self.begun_at is None and data.strip(b"\r\n"):
            self.begun_at = self._clock()
        if self._rest > HEAD_BYTES:
            raise HeadTooLarge

    def _go_on(self, data: bytes, fresh: int) -> None:
        """More of a body came, and perhaps of what follows it."""
        if self._body is not None:
            self._wait_for(self._body)
        if self._unanswered > 1:
            self._held += len(data)
        elif fresh > SMALL_BYTES and self._body is None:
            self._held += fresh
            self._suspect(min(_behind_blank_line(data), fresh))

    def _follow_trailer(self, size: int, read: int, *, kept: bool, ends: bool) -> None:
        """Of `size` bytes, `read` were of the body. `kept`: the parser had not read all before. What follows a body
        that `ends` may be requests."""
        before = 0 if read and not kept else self._trailer
        self._trailer = max(0, before + size - read)
        if self._trailer > HEAD_BYTES and not (read or ends):  # else it may be small chunks
            self._overflow()

    def _suspect(self, size: float) -> None:
        """Up to `size` bytes of a head may have come together with what was before it."""
        if size > SMALL_BYTES:
            self._rest, self.begun_at = int(size), self._clock()

    def _count(self) -> None:
        held = self._held + self._trailer
        counted = held if held > SMALL_BYTES else 0
        if counted != self._counted:
            by, self._counted = counted - self._counted, counted
            if not self._budget.change(by):
                self._overflow()


def _nothing(*_: object) -> None:
    """For a connection that was given up: what becomes of it is decided."""


def _behind_blank_line(data: bytes) -> float:
    """Bytes after the last blank line, infinite without one. An incomplete head has none, so no more than these belong
    to one. A chunked body ends in one."""
    return len(data) - data.rfind(_BLANK_LINE) - len(_BLANK_LINE) if _BLANK_LINE in data else math.inf


def size_of_head(message: Any) -> int:
    """Bytes of method, path and headers, with four beside the name and the value of each header."""
    line = len(message.method) + len(message.path)
    return line + sum(len(name) + len(value) + 4 for name, value in message.raw_headers)
