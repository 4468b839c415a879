"""aiohttp's protocol of one connection, within bounds. Not all that it overrides or uses is public: fingerprints of the
code that was read are in tests/unit/bridge/http/test_assumptions.py."""

import array
import asyncio
import fcntl
import termios
from collections.abc import Callable, Coroutine, Mapping
from typing import Any, Final, Protocol, TypeVar, cast

from aiohttp import web, web_protocol
from aiohttp.hdrs import CONNECTION, SERVER
from aiohttp.http_exceptions import HttpProcessingError, LineTooLong
from aiohttp.streams import EMPTY_PAYLOAD, StreamReader
from aiohttp.web_protocol import RequestHandler

from bridge.http.bounds import HEAD_S, LARGE_HEAD_BYTES, QUEUED_REQUESTS, WRITE_BYTES, WRITE_S, Budget
from bridge.http.causes import HttpCause
from bridge.http.errors import BodyCrumbled, HeadTooLarge, HeadTooLate, TargetTooLarge, refused
from bridge.http.parser import BoundedParser, size_of_head
from bridge.http.transport import ClosingTransport
from bridge.log import get_logger

log = get_logger(__name__)

_T = TypeVar("_T")
web_protocol.MAX_MSG_QUEUE_SIZE = QUEUED_REQUESTS  # the parser's, too; there is no option for it

_CAUSES: Final[Mapping[type[BaseException], HttpCause]] = {
    HeadTooLarge: HttpCause.HEADER_BYTES,
    LineTooLong: HttpCause.HEADER_BYTES,
    TargetTooLarge: HttpCause.HEADER_BYTES,
    HeadTooLate: HttpCause.HEADER_TIMEOUT,
    BodyCrumbled: HttpCause.CHUNKS,
}


class Others(Protocol):
    """All connections of a port, as one of them sees them; see `bridge.http.connections`."""

    budget: Budget
    draining: bool

    def admit(self, connection: "BoundedProtocol") -> bool:
        """Whether there is room for the connection; if so, it counts until it leaves."""

    def leave(self, connection: "BoundedProtocol") -> None:
        """The connection is gone; perhaps it was never admitted."""

    def count(self, refused: HttpCause) -> None:
        """Something was refused."""


RefusalAnswer = Callable[[int], web.Response]
"""The answer to what never became a request, or made its handler fail, by the status that aiohttp would give it."""


class BoundedProtocol(RequestHandler):
    """One connection."""

    __slots__ = ("_bounded", "_closing_transport", "_connected_at", "_ended", "_others", "_refusal", "_stalled", "peer")

    def __init__(self, server: Any, others: Others, refusal: RefusalAnswer, **options: Any) -> None:
        super().__init__(server, **options)
        self._others, self._refusal = others, refusal
        self._bounded = BoundedParser(self._parser, others.budget, self._loop.time, self._overflow, self._broken)
        self._parser = self._bounded  # type: ignore[assignment]  # has what is used of it
        # If a body came after its head, the parser counts its request as read ahead for ever, so it stops one sooner.
        self._max_msg_queue_size = QUEUED_REQUESTS - 1
        self._ended = False
        self._stalled: tuple[float, int] | None = None
        """Since when the caller takes no answer, and how many bytes were left then."""
        self.peer = ""

    # -- the connection -------------------------------------------------------------------------------------

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """As aiohttp's, if it is admitted."""
        tcp = cast("asyncio.Transport", transport)
        self.peer = str((tcp.get_extra_info("peername") or ("",))[0])
        if not self._others.admit(self):
            tcp.close()
            return
        tcp.set_write_buffer_limits(0)  # writing pauses until an answer is taken whole, for `look`
        self._connected_at = self._loop.time()
        self._closing_transport = ClosingTransport(tcp, self._loop)
        super().connection_made(self._closing_transport)
        if self._task_handler is not None:
            self._task_handler.add_done_callback(self._served)

    def connection_lost(self, exc: BaseException | None) -> None:
        """As aiohttp's."""
        self._bounded.give_up()
        self._others.leave(self)
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """As aiohttp's; what comes after the last answer is dropped."""
        if self.transport is not None and not self._closing_transport.closing:
            super().data_received(data)
            if self._bounded.given_up:
                self._closing_transport.pause_reading()  # until the answer is there; libuv would read 8 MB at once
        else:
            self._closing_transport.read_in_vain(len(data))

    def eof_received(self) -> bool | None:  # type: ignore[override]  # asyncio's own type
        """A caller that ends its side after whole requests still gets its answers; then the connection is closed."""
        if self._is_closing:
            return None
        self._ended = True
        self._closing_transport.ended()
        if self._bounded.in_body or not self.is_busy or not self._request_count:
            return None
        if not self._messages:
            self.close()  # after this answer, which may be on its way already, not marked as the last
        return True

    def pause_writing(self) -> None:
        """As aiohttp's."""
        super().pause_writing()
        self._stalled = self._loop.time(), self._closing_transport.get_write_buffer_size()

    def resume_writing(self) -> None:
        """As aiohttp's."""
        self._stalled = None
        super().resume_writing()

    # -- what `Connections` asks of it ----------------------------------------------------------------------

    @property
    def is_busy(self) -> bool:
        """Whether a request is being handled, or about to be."""
        waits = self._waiter is not None and not self._waiter.done()
        return not (self._is_closing or waits or self._bounded.lingers)

    @property
    def waits_since(self) -> float:
        """When its last request was answered or, before any, the connection was made."""
        return self._next_keepalive_close_time - self._keepalive_timeout

    def look(self, now: float) -> None:
        """End the connection if something that it waits for is overdue at `now`, on the loop's clock."""
        if self._stalled is not None and now - self._stalled[0] > WRITE_S:
            self._look_at_writing(now, self._stalled[1])
        elif self._is_closing or self._waiter is None or self._waiter.done():
            return
        elif self._bounded.begun_at is not None:
            if now - self._bounded.begun_at > HEAD_S:
                self._bounded.give_up()
                self._messages.append((refused(HeadTooLate()), EMPTY_PAYLOAD))
                self._waiter.set_result(None)
        elif not self._request_count and now - self._connected_at > HEAD_S:
            self._others.count(HttpCause.NO_REQUEST)
            self.close_idle()

    def close_idle(self) -> None:
        """End a connection that is not busy; what is on its way to us is read, and gets no answer."""
        self._closing_transport.close()

    def make_room(self) -> None:
        """End a connection that is not busy, at once, even if its last answer is not taken yet."""
        if self._is_closing:
            self.drop()
        else:
            self._closing_transport.close_at_once()

    def drop(self) -> None:
        """End the connection at once, whatever is under way."""
        self._closing_transport.abort()

    @property
    def _is_closing(self) -> bool:
        return self.transport is None or self.transport.is_closing()

    def _served(self, serving: asyncio.Task[None]) -> None:
        if not serving.cancelled() and (error := serving.exception()) is not None:
            log.error("what serves a connection has failed", exc_info=error)
            if self.transport is not None:
                self.drop()

    def _overflow(self) -> None:
        self._abort(HttpCause.HELD_BYTES)

    def _broken(self, error: HttpProcessingError) -> None:
        self.log_exception(exc_info=error)
        self._count(error)
        if not self._messages:
            self.close()  # after its answer, which may be on its way

    def _count(self, error: HttpProcessingError) -> None:
        self._others.count(_CAUSES.get(type(error), HttpCause.NO_HTTP))

    def _abort(self, cause: HttpCause) -> None:
        self._others.count(cause)
        self.drop()

    def _look_at_writing(self, now: float, left: int) -> None:
        size = self._closing_transport.get_write_buffer_size()
        if left - size < WRITE_BYTES:
            self._abort(HttpCause.WRITE_TIMEOUT)
        else:
            self._stalled = now, size

    # -- requests -------------------------------------------------------------------------------------------

    def finish_response(
        self, request: web.BaseRequest, resp: web.StreamResponse, start_time: float | None
    ) -> Coroutine[Any, Any, tuple[web.StreamResponse, bool]]:
        """As aiohttp's, without a `Server` header; the last answer of a connection says so."""
        request.writer._on_headers_sent = _without_server  # type: ignore[attr-defined]  # its constructor has it
        if offers := request._message.upgrade:
            self._messages.clear()  # aiohttp may have lost what follows in the same piece: these would get its answers
        let_go = self._bounded.holds and not self._messages and size_of_head(request._message) > LARGE_HEAD_BYTES
        if let_go or offers or self._is_last():
            resp.force_close()
        _forget(request.content, resp)
        finishing = super().finish_response(request, resp, start_time)
        if self._bounded.holds:
            return self._then_release(finishing, request.content if let_go else None)
        self._bounded.answered()
        return finishing

    async def _then_release(self, finishing: Coroutine[Any, Any, _T], let_go: StreamReader | None) -> _T:
        """Release the request once its answer is taken: it is in memory until then. `let_go`, its body: give the
        connection up, too, or, if the rest of that body still comes, count the request until that is over."""
        try:
            return await finishing
        finally:
            comes = let_go is not None and not let_go.is_eof()
            self._bounded.answered(keeps=comes)
            if let_go is not None and not comes:
                self._bounded.give_up()

    def handle_error(
        self,
        request: web.BaseRequest,
        status: int = 500,
        exc: BaseException | None = None,
        message: str | None = None,  # noqa: ARG002 - the parser's, with its quotes
    ) -> web.StreamResponse:
        """The port's refusal; the connection is closed after it."""
        self.log_exception("Error handling request from %s", request.remote, exc_info=exc)
        if request.writer.output_size > 0:
            raise ConnectionError("a part of an answer is sent already")
        if isinstance(exc, HttpProcessingError):  # a body that cannot be read was counted when it broke off
            self._count(exc)
        answer = self._refusal(status)
        answer.force_close()
        answer.headers[CONNECTION] = "close"  # aiohttp answers in HTTP/1.0, which does not say so
        return answer

    def log_exception(self, *args: Any, **options: Any) -> None:
        """As aiohttp's; but of an error in the HTTP itself it logs only the kind, and of a caller that has gone only
        that."""
        error = options.get("exc_info")
        if isinstance(error, HttpProcessingError | web.RequestPayloadError):
            log.warning("no valid HTTP", error=type(error).__name__, remote=self.peer)
        elif isinstance(error, ConnectionResetError) and self._is_closing:
            log.warning("a caller hung up in the middle of a request", remote=self.peer)
        else:
            super().log_exception(*args, **options)

    def _is_last(self) -> bool:
        """Whether this answer is the last of the connection. What has arrived while a body is incomplete belongs to
        that body, not to another request."""
        if self._messages:
            return False
        if self._ended or self._close or self._bounded.given_up:
            return True
        return self._others.draining and (self._bounded.in_body or not _arrived(self._closing_transport))


async def _without_server(headers: Any) -> None:
    headers.pop(SERVER, None)


def _forget(body: StreamReader, answer: web.StreamResponse) -> None:
    """Keep nothing of an answered request: neither the unread rest of its body, nor the frames of an exception that the
    answer is or the body has. They hold the request, which holds the exception: a cycle, with all that came."""
    for error in (answer, body.exception()):
        if isinstance(error, BaseException):
            error.with_traceback(None)
    if body.is_eof() and not body.at_eof() and body.exception() is None:
        body.read_nowait()


def _arrived(transport: asyncio.Transport) -> int:
    """Bytes that the socket has received and that were not read yet."""
    count = array.array("i", [0])
    connection = transport.get_extra_info("socket")
    if connection is not None and connection.fileno() >= 0:
        fcntl.ioctl(connection.fileno(), termios.FIONREAD, count)
    return count[0]
