"""aiohttp's server, without its quotes: what it logs and answers of its own about bad HTTP holds the line it could not
read, and that may be an `Authorization` header or a piece of a body."""

from collections.abc import Callable
from http import HTTPStatus
from typing import Any

from aiohttp import web
from aiohttp.http_exceptions import HttpProcessingError
from aiohttp.web_protocol import RequestHandler

from bridge.http import problem
from bridge.log import get_logger

Refusal = Callable[[int], web.Response]
"""The answer to what never became a request or made its handler fail, by the status that aiohttp would give it."""

log = get_logger(__name__)


class _Protocol(RequestHandler):
    __slots__ = ("_refusal",)

    def __init__(self, server: web.Server, refusal: Refusal, **options: Any) -> None:
        super().__init__(server, **options)
        self._refusal = refusal

    def log_exception(self, *args: Any, **options: Any) -> None:
        """As aiohttp's, but of an error in the HTTP itself no more than its kind."""
        error = options.get("exc_info")
        if isinstance(error, HttpProcessingError | web.RequestPayloadError):
            log.warning("no valid HTTP", error=type(error).__name__, remote=self.peername and self.peername[0])
        else:
            super().log_exception(*args, **options)

    def handle_error(
        self,
        request: web.BaseRequest,
        status: int = 500,
        exc: BaseException | None = None,
        message: str | None = None,  # noqa: ARG002 - the parser's, with its quotes
    ) -> web.StreamResponse:
        """The refusal; the connection is closed after it."""
        self.log_exception("Error handling request from %s", request.remote, exc_info=exc)
        if request.writer.output_size > 0:
            raise ConnectionError("a part of an answer is sent already")
        answer = self._refusal(status)
        answer.force_close()
        return answer


class Server(web.Server):
    """aiohttp's low-level server; `options` are those of its `web.Server`."""

    def __init__(self, handler: Any, refusal: Refusal, *, request_factory: Any = None, **options: Any) -> None:
        super().__init__(handler, request_factory=request_factory, **options)
        self._refusal, self._options = refusal, options

    def __call__(self) -> RequestHandler:
        """A protocol for one connection."""
        return _Protocol(self, self._refusal, loop=self._loop, **self._options)


@web.middleware
async def as_problems(request: web.Request, handler: Any) -> web.StreamResponse:
    """What aiohttp's router refuses, an unknown path or method, is answered with a problem document, too."""
    try:
        answer: web.StreamResponse = await handler(request)
    except web.HTTPClientError as refusal:
        allowed = {name: refusal.headers[name] for name in ("Allow",) if name in refusal.headers}
        return problem(refusal.status, refusal.reason, headers=allowed)
    return answer


class AppRunner(web.AppRunner):
    """Runs a `web.Application` in such a server; what is no HTTP is answered with a problem document."""

    async def _make_server(self) -> web.Server:
        plain = await super()._make_server()
        return Server(plain.request_handler, _by_status, request_factory=plain.request_factory, **self._kwargs)


def _by_status(status: int) -> web.Response:
    return problem(status, HTTPStatus(status).phrase)
