"""Routes of the HTTP API for queries."""

from collections.abc import Collection
from typing import Final, cast

from aiohttp import web

from bridge.http.openapi import route
from processors.worker.queries.answer import Answer
from processors.worker.queries.caller import Caller
from processors.worker.queries.choosing import BLIND_BY_ID, PARAMETERS, BadQuestionError
from processors.worker.queries.deliveries import Deliveries
from processors.worker.queries.gap_page import GAP_LISTS
from processors.worker.queries.handlers import Admit, asking
from processors.worker.queries.peers import FORWARDED
from processors.worker.queries.queries import LIMIT, MOST, Queries
from processors.worker.queries.timeline import ORDERS, TimelineOrder

_PAGE: Final = ("limit", "after")


class Routes:
    """Paths of the API, which ask `queries` or `deliveries`."""

    def __init__(self, queries: Queries, deliveries: Deliveries, admit: Admit) -> None:
        self._queries, self._deliveries, self._admit = queries, deliveries, admit

    def add_to(self, router: web.UrlDispatcher) -> None:
        """Add them to a server's router."""
        for path, ask in (
            ("/orders", self._search),
            ("/orders/{order_id}", self._order),
            ("/orders/{order_id}/timeline", self._timeline),
            ("/orders/{order_id}/events/{source}", self._event),
            ("/blind-returns", self._blind_returns),
            ("/gaps", self._gaps),
            ("/seen", self._seen),
        ):
            router.add_get(route(path), asking(self._admit, ask))

    async def _order(self, request: web.Request, caller: Caller) -> Answer:
        _require_known(request, ())
        return await self._queries.order(_order_id(request), caller, forwarded=_is_forwarded(request))

    async def _timeline(self, request: web.Request, caller: Caller) -> Answer:
        asked = _parameters(request, ("order", *_PAGE))
        if (order := asked.get("order", ORDERS[0])) not in ORDERS:
            raise BadQuestionError(f"`order` is one of {', '.join(ORDERS)}")
        return await self._queries.timeline(
            _order_id(request),
            caller,
            order=cast("TimelineOrder", order),
            after=asked.get("after"),
            limit=_limit(asked, MOST),
            forwarded=_is_forwarded(request),
        )

    async def _event(self, request: web.Request, caller: Caller) -> Answer:
        _require_known(request, ())
        source = request.match_info["source"]
        return await self._queries.event(_order_id(request), source, caller, forwarded=_is_forwarded(request))

    async def _search(self, request: web.Request, caller: Caller) -> Answer:
        asked = _parameters(request, (*PARAMETERS, *_PAGE))
        by, value = _only(asked, PARAMETERS)
        return await self._queries.search(by, value, caller, after=asked.get("after"), limit=_limit(asked))

    async def _blind_returns(self, request: web.Request, caller: Caller) -> Answer:
        asked = _parameters(request, (*BLIND_BY_ID, *_PAGE))
        by, value = _only(asked, BLIND_BY_ID)
        return await self._queries.blind_returns(
            caller, by=by, value=value, after=asked.get("after"), limit=_limit(asked)
        )

    async def _gaps(self, request: web.Request, caller: Caller) -> Answer:
        asked = _parameters(request, ("only", *_PAGE))
        only = asked.get("only", "")
        if "only" in asked and only not in GAP_LISTS:
            raise BadQuestionError(f"`only` is one of {', '.join(GAP_LISTS)}")
        return await self._queries.gaps(caller, only=only, after=asked.get("after"), limit=_limit(asked))

    async def _seen(self, request: web.Request, caller: Caller) -> Answer:
        _require_known(request, ("id",))
        ids = request.query.getall("id", [])
        return await self._deliveries.seen(ids, caller, forwarded=_is_forwarded(request))


def _order_id(request: web.Request) -> str:
    return request.match_info["order_id"]


def _is_forwarded(request: web.Request) -> bool:
    return FORWARDED in request.headers


def _parameters(request: web.Request, known: Collection[str]) -> dict[str, str]:
    """The parameters in the query string. BadQuestionError: one is not known, or is given more than once."""
    _require_known(request, known)
    for name in request.query:
        if len(request.query.getall(name)) > 1:
            raise BadQuestionError(f"`{name}` is given more than once")
    return dict(request.query)


def _require_known(request: web.Request, known: Collection[str]) -> None:
    """BadQuestionError: the query string has a parameter that is not known."""
    for name in request.query:
        if name not in known:
            there_are = f": there are {', '.join(known)}" if known else ""
            raise BadQuestionError(f"there is no parameter `{name}`{there_are}")


def _only(asked: dict[str, str], of: Collection[str]) -> tuple[str, str]:
    """The one of these parameters that is given, and its value; both empty without any. BadQuestionError: several
    are."""
    given = [name for name in of if name in asked]
    if len(given) > 1:
        raise BadQuestionError(f"{' and '.join(given)}: ask by one of them")
    return (given[0], asked[given[0]]) if given else ("", "")


def _limit(asked: dict[str, str], default: int = LIMIT) -> int:
    text = asked.get("limit", str(default))
    if not (text.isascii() and text.isdigit() and len(text) < 10 and 1 <= int(text) <= MOST):
        raise BadQuestionError(f"`limit` is a number from 1 to {MOST}")
    return int(text)
