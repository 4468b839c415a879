"""aiohttp's low-level server: no Application that would answer 413 or 417, and no 400 of aiohttp's own."""

import asyncio
from typing import Any

from aiohttp import web
from aiohttp.web_protocol import RequestHandler

from bridge.http import problem
from bridge.log import get_logger
from ingress.answers import UNEXPECTED

log = get_logger(__name__)


class _Protocol(RequestHandler):
    __slots__ = ()

    def handle_error(
        self,
        request: web.BaseRequest,
        status: int = 500,
        exc: BaseException | None = None,
        message: str | None = None,
    ) -> web.StreamResponse:
        """Answer what is no HTTP with 500: aiohttp's 400 would make NewStore give the event up for good."""
        log.warning("no valid HTTP", status=status, reason=message or repr(exc), remote=request.remote)
        if request.writer.output_size > 0:
            raise ConnectionError("a part of an answer is sent already")
        answer = problem(UNEXPECTED.status, UNEXPECTED.title, message, dict(UNEXPECTED.headers))
        answer.force_close()
        return answer


class BareServer(web.Server):
    """`options` are those of aiohttp's `web.Server`."""

    def __init__(self, handler: Any, **options: Any) -> None:
        super().__init__(handler, **options)
        self._options = options

    def __call__(self) -> RequestHandler:
        """A protocol for one connection."""
        return _Protocol(self, loop=asyncio.get_running_loop(), **self._options)
