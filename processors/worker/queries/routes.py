"""The HTTP API of the queries."""

from collections.abc import Awaitable, Callable

from aiohttp import web
from aiohttp.hdrs import ETAG, IF_NONE_MATCH, RETRY_AFTER, WWW_AUTHENTICATE

from bridge.http.answers import problem
from processors.worker.queries.answer import Answer
from processors.worker.queries.caller import Caller
from processors.worker.queries.deliveries import Deliveries
from processors.worker.queries.peers import FORWARDED
from processors.worker.queries.queries import Queries

Admit = Callable[[web.Request], Caller | None]
"""Whom a request comes from; None: from nobody who may ask."""


class Routes:
    """Handlers, each of which asks `queries` or `deliveries` what a request asks."""

    def __init__(self, queries: Queries, deliveries: Deliveries, admit: Admit) -> None:
        self._queries, self._deliveries, self._admit = queries, deliveries, admit

    def add_to(self, router: web.UrlDispatcher) -> None:
        """Add them to the router of a server."""
        router.add_get("/orders/{order_id}", self._order)
        router.add_get("/seen", self._seen)

    async def _order(self, request: web.Request) -> web.StreamResponse:
        order_id = request.match_info["order_id"]
        return await self._answer(
            request, lambda caller: self._queries.order(order_id, caller, forwarded=FORWARDED in request.headers)
        )

    async def _seen(self, request: web.Request) -> web.StreamResponse:
        ids = request.query.getall("id", [])
        return await self._answer(
            request, lambda caller: self._deliveries.seen(ids, caller, forwarded=FORWARDED in request.headers)
        )

    async def _answer(self, request: web.Request, ask: Callable[[Caller], Awaitable[Answer]]) -> web.StreamResponse:
        caller = self._admit(request)
        if caller is None:
            return problem(401, "Unauthorized", headers={WWW_AUTHENTICATE: "Bearer"})
        return respond(await ask(caller), request.headers.get(IF_NONE_MATCH))


def respond(answer: Answer, known: str | None) -> web.Response:
    """The answer over HTTP; `known` is the caller's `If-None-Match`."""
    headers = {}
    if answer.etag is not None:
        headers[ETAG] = answer.etag
        if known is not None and answer.etag in known:
            return web.Response(status=304, headers=headers)
    if answer.retry_after is not None:
        headers[RETRY_AFTER] = str(answer.retry_after)
    kind = "application/json" if answer.status == 200 else "application/problem+json"
    return web.Response(status=answer.status, body=answer.content, content_type=kind, headers=headers)
