"""The HTTP edge: tells paths and methods apart, turns exceptions into answers, and counts them."""

import time
from collections.abc import Mapping
from typing import Final

from aiohttp import web
from prometheus_client import Counter

from bridge import metrics
from bridge.http.answers import Done, HttpHandler, problem
from bridge.intake import WEBHOOK
from bridge.log import get_logger
from ingress.answers import ANSWERS, UNEXPECTED, Answer, MethodNotAllowed, Misdirected, NotFound, answer_to, cause_of
from ingress.causes import KAFKA_AWAY, DeliveryCause
from ingress.outage import Outage
from ingress.webhook import Webhook

# All series exist from the beginning: to Prometheus, a new one is no increase.
_REFUSED: Final = {
    cause: metrics.ingress_refused_total.labels(answer.status, cause)
    for answer in (*ANSWERS.values(), UNEXPECTED)
    for cause in answer.causes
}
_COUNTERS: Final = {
    status: metrics.ingress_requests_total.labels(status)
    for status in (200, *(answer.status for answer in ANSWERS.values() if answer.causes))
}

_GETS: Final = ("GET", "HEAD")
LONGEST_PATH: Final = 200
"""Most characters of a path in the log."""

log = get_logger(__name__)


class Edge:
    """aiohttp's request handler. `pages`: handlers of the other paths, for GET and for HEAD, where aiohttp sends no
    body."""

    def __init__(self, webhook: Webhook, pages: Mapping[str, HttpHandler]) -> None:
        self._webhook = webhook
        self._pages = pages
        self._counters = dict[int, Counter](_COUNTERS)
        self._outage = Outage()
        self.busy = 0
        """Requests that have no answer yet."""

    async def __call__(self, request: web.BaseRequest) -> web.StreamResponse:
        """Answer a request; every exception but cancellation becomes an answer."""
        path = request.path
        if path in self._pages and request.method in _GETS:
            return await self._pages[path](request)
        started = time.perf_counter()
        self.busy += 1
        try:
            response = await self._respond(request, path)
        finally:
            self.busy -= 1
        self._count(response.status, time.perf_counter() - started)
        return response

    async def _respond(self, request: web.BaseRequest, path: str) -> web.StreamResponse:
        try:
            if path == WEBHOOK and request.method == "POST":
                await self._webhook.receive(request)
                self._outage.stored(time.monotonic())
                return Done()
            raise self._misdirected(request, path)  # noqa: TRY301
        except Exception as error:  # noqa: BLE001 - the rim
            return self._refusal(error, request)

    def _misdirected(self, request: web.BaseRequest, path: str) -> Misdirected:
        # With a right key it is NewStore; if none is asked for (0), anybody could ring the alarm.
        has_key = bool(self._webhook.keys.key_number(request.headers))
        if path == WEBHOOK or path in self._pages:
            return MethodNotAllowed(DeliveryCause.METHOD if has_key else None)
        return NotFound(DeliveryCause.PATH if has_key else None)

    def _refusal(self, error: Exception, request: web.BaseRequest) -> web.Response:
        answer, cause = answer_to(error), cause_of(error)
        if cause is not None:
            _REFUSED[cause].inc()
        if cause in KAFKA_AWAY:
            self._outage.refused(cause, str(error), time.monotonic())
        else:
            _log(answer, error, cause, request)
        headers = dict(answer.headers)
        if isinstance(error, MethodNotAllowed):
            headers["Allow"] = "POST" if request.path == WEBHOOK else ",".join(_GETS)
        response = problem(answer.status, answer.title, str(error) or None, headers)
        if answer.close:
            response.force_close()
        return response

    def _count(self, status: int, seconds: float) -> None:
        counter = self._counters.get(status)
        if counter is None:
            counter = self._counters[status] = metrics.ingress_requests_total.labels(status)
        counter.inc()
        metrics.ingress_request_seconds.observe(seconds)


def _log(answer: Answer, error: Exception, cause: DeliveryCause | None, request: web.BaseRequest) -> None:
    if answer is UNEXPECTED:
        log.error("unexpected error", exc_info=error)
    elif isinstance(error, Misdirected) and cause is not None:
        log.warning(
            "who has the key asks for something else than the webhook: look at the gateway and at NewStore's URL",
            status=answer.status,
            method=request.method,
            path=request.path[:LONGEST_PATH],
            remote=request.remote,
        )
    elif cause is not None:
        log.warning(answer.title, status=answer.status, reason=str(error), remote=request.remote)
