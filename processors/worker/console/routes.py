"""The console's paths, and whom they let in."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Final
from urllib.parse import quote

from aiohttp import hdrs, web

from bridge.http.bearer_keys import BearerKeys
from bridge.http.openapi import route
from bridge.settings import Settings
from processors.worker.bodies import Bodies
from processors.worker.console.asked import OrderQueries
from processors.worker.console.forms import Forms
from processors.worker.console.gaps import Acknowledge, Gaps
from processors.worker.console.guard import HEADERS
from processors.worker.console.home.activity import Activity
from processors.worker.console.home.page import Home
from processors.worker.console.login import Login
from processors.worker.console.order_paths import PAGE, order_id_in, order_path
from processors.worker.console.orders import Orders
from processors.worker.console.pages import FRAGMENT, Pages, Visitor, go
from processors.worker.console.rendering import KINDS, STATIC
from processors.worker.console.session import Sessions, shown_in
from processors.worker.queries.caller import Caller

ROOT: Final = "/console/"
_A_YEAR: Final = "public, max-age=31536000, immutable"
"""For static files: pages link to them with a digest of their content."""

Handler = Callable[[web.Request, Caller, Visitor], Awaitable[web.StreamResponse]]


class Console:
    """Pages for people, on the worker's port. Run it beside the server. `bodies` is for callers with a key or session.
    Anybody may post the login form, so that has a budget of its own."""

    def __init__(
        self, settings: Settings, keys: BearerKeys, queries: OrderQueries, acknowledge: Acknowledge, bodies: Bodies
    ) -> None:
        pages, sla, topics = Pages(), settings.late_after, settings.topics
        self._sessions, self._activity = Sessions(keys), Activity()
        self._orders = Orders(queries, pages, sla)
        self._home = Home(queries, pages, self._activity, sla, {topics.raw: "raw", topics.orders: "orders"})
        self._gaps = Gaps(acknowledge, pages, Forms(bodies))
        self._login = Login(self._sessions, pages, Forms(Bodies()))
        self._files = {path.name: path.read_bytes() for path in STATIC.iterdir()}

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Sample this worker's counters inside the block; at its end, cancel questions that are being asked."""
        looking = asyncio.create_task(self._activity.run())
        try:
            yield
        finally:
            looking.cancel()
            await self._home.recent.close()

    def add_to(self, router: web.UrlDispatcher) -> None:
        """Add the paths to a server's router."""
        router.add_get("/", _to_console)
        router.add_get("/console", _to_console)
        router.add_get("/console/static/{name}", self._static)
        router.add_get("/console/login", self._login.show)
        router.add_post("/console/login", self._login.enter)
        router.add_post("/console/logout", self._login.leave)
        for path, handler in (
            (ROOT, self._home.show),
            (PAGE, self._orders.order),
            (f"{PAGE}/events/{{source}}", self._orders.event),
            ("/console/search", self._orders.search),
            ("/console/lists/{name}.csv", self._orders.list_csv),
            ("/console/lists/{name}", self._orders.list),
        ):
            router.add_get(route(path), self._admitting(handler))
        router.add_post(route(f"{PAGE}/gaps/{{name}}/ack"), self._admitting(self._gaps.set_aside))

    def caller(self, request: web.Request) -> Caller | None:
        """The caller of a browser's session; None: nobody who may ask."""
        return self._sessions.caller(shown_in(request.headers))

    def _admitting(self, handler: Handler) -> Callable[[web.Request], Awaitable[web.StreamResponse]]:
        async def admit(request: web.Request) -> web.StreamResponse:
            caller = self.caller(request)
            if caller is None:
                return _sent_to_login(request)
            return await handler(request, caller, Visitor(is_in=True, can_leave=self._sessions.are_needed))

        return admit

    async def _static(self, request: web.Request) -> web.StreamResponse:
        body = self._files.get(request.match_info["name"])
        if body is None:
            raise web.HTTPNotFound
        kind = KINDS[request.match_info["name"].rpartition(".")[2]]
        headers = {**HEADERS, "Cache-Control": _A_YEAR}
        return web.Response(body=body, content_type=kind, charset="utf-8", headers=headers)


async def _to_console(_request: web.Request) -> web.StreamResponse:
    return go(ROOT)


def _sent_to_login(request: web.Request) -> web.Response:
    if FRAGMENT in request.query:  # the script asks; on a 401 it loads the page again
        return web.Response(status=401, headers={**HEADERS, "WWW-Authenticate": "Cookie"})
    # A form's path has no page. The only form behind the login belongs to an order's page.
    wanted = request.rel_url.raw_path_qs if request.method != hdrs.METH_POST else order_path(order_id_in(request))
    return go(f"/console/login?next={quote(wanted, safe='')}" if wanted != ROOT else "/console/login")
