"""Pages of one order, of a raw event, of a list, and of what a search finds."""

import asyncio
from collections.abc import Sequence
from datetime import timedelta
from typing import Any, Final, NamedTuple
from urllib.parse import quote, urlencode

from aiohttp import web
from aiohttp.hdrs import CONTENT_DISPOSITION
from pydantic import ValidationError

from processors.worker.console.asked import OrderQueries
from processors.worker.console.guard import HEADERS
from processors.worker.console.home.lists import BLIND, BY_NAME, BlindReturn, OrderList, blind_of
from processors.worker.console.home.page import ask, entry_of
from processors.worker.console.list_csv import MOST_ROWS, as_csv
from processors.worker.console.order.page import PARTS, Entries, order_page, own_entries
from processors.worker.console.order_paths import order_id_in, order_path
from processors.worker.console.pages import RELEASE, Pages, Visitor, etag_of, go
from processors.worker.queries.answer import Answer, now
from processors.worker.queries.caller import Caller
from processors.worker.queries.queries import MOST
from schemas.order_state import OrderState

FACTS: Final = 60
"""Facts on a page: nobody reads a figure of more."""
LINES: Final = 50
_MOST_CHARACTERS: Final = 200
_BLIND_BY: Final = ("return_id", "external_id")


class Blind(NamedTuple):
    """Returns of no order; `more`: the API's URLs for those that have no room on the page."""

    lines: Sequence[BlindReturn]
    more: Sequence[str]


_NONE: Final = Blind((), ())


class Orders:
    """Handlers of these pages. `sla`: the longest that NewStore says an event is under way."""

    def __init__(self, queries: OrderQueries, pages: Pages, sla: timedelta) -> None:
        self._queries, self._pages, self._sla = queries, pages, sla

    async def order(self, request: web.Request, caller: Caller, visitor: Visitor) -> web.StreamResponse:
        """The page of one order."""
        order_id = order_id_in(request)
        answer = await self._queries.order(order_id, caller)
        if answer.status != 200:
            return self._pages.trouble(request, visitor, answer, f"Order {order_id}")
        after = request.query.get("after")
        told = await self._queries.timeline(order_id, caller, after=after, limit=FACTS)
        if after is not None and told.status == 400:  # not a cursor of this timeline: show its first page
            after, told = None, await self._queries.timeline(order_id, caller, limit=FACTS)
        asked = (request.query.get(name, "") for name in PARTS)
        etag = etag_of(RELEASE, answer.etag or "", told.etag or "", after or "", *asked)
        if (known := self._pages.known(request, etag)) is not None:
            return known
        try:
            state = OrderState.model_validate(answer.body)
        except ValidationError as error:
            where = ".".join(map(str, error.errors()[0]["loc"]))
            lines = f"This version cannot show the order: {where}.", "`bridge order -o json` prints its document."
            return self._pages.message(request, visitor, 501, f"Order {order_id}", *lines)
        parts = {name: _piece(request.query.get(name)) for name in PARTS}
        page = order_page(state, _entries(state, told, after), self._sla, parts)
        says = {"title": f"Order {page.title}", "as_of": answer.as_of or now(), "polls": True}
        return self._pages.whole(request, "order", visitor, values={**says, "page": page}, etag=etag)

    async def event(self, request: web.Request, caller: Caller, visitor: Visitor) -> web.StreamResponse:
        """The raw body of one fact."""
        order_id, source = order_id_in(request), request.match_info["source"]
        answer = await self._queries.event(order_id, source, caller)
        if answer.status != 200:
            return self._pages.trouble(request, visitor, answer, f"Raw {source}")
        said = answer.body
        body = said["body"]
        name = body.get("name") if isinstance(body, dict) else None
        values: dict[str, Any] = {"order_id": order_id, "source": source, "event": str(name or "An event")}
        values |= {name: said[name] for name in ("masked", "body", "text")}
        says = {"title": f"Raw {source}", "says": f"order {order_id}"}
        return self._pages.whole(request, "event", visitor, values=values | says)

    async def search(self, request: web.Request, caller: Caller, visitor: Visitor) -> web.StreamResponse:
        """Orders and returns with an id; if only one order has it, a redirect to the order's page."""
        typed, after = request.query.get("q", ""), request.query.get("after")
        if not typed.strip() or len(typed.strip()) > _MOST_CHARACTERS:
            return self._pages.message(request, visitor, 400, "Search", "Ask for an id of at most 200 characters.")
        for asked in dict.fromkeys((typed, typed.strip())):  # blanks may be the id's, or were copied along
            answer, blind = await self._look(asked, after, caller)
            if after is not None or not _is_nothing(answer, blind):
                break
        is_all = answer.status == 200 and after is None and answer.body["next"] is None
        if is_all and len(answer.body["orders"]) == 1:
            return go(order_path(answer.body["orders"][0]["order_id"]))
        found = OrderList(
            "search", f"Search: {asked}", "q", asked, "Orders with this id.", f"Nothing has the id {asked}."
        )
        return self._list(request, visitor, found, answer, f"/console/search?q={quote(asked, safe='')}&after=", blind)

    async def _look(self, asked: str, after: str | None, caller: Caller) -> tuple[Answer, Blind]:
        """Orders with an id; without any the returns of no order, or why these are not known."""
        answer = await self._queries.search("q", asked, caller, after=after, limit=LINES)
        if after is not None or not _is_nothing(answer, _NONE):
            return answer, _NONE
        blind = await self._blind(asked, caller)
        return (blind, _NONE) if isinstance(blind, Answer) else (answer, blind)

    async def _blind(self, asked: str, caller: Caller) -> Blind | Answer:
        """Returns of no order with an id, or why they are not known."""
        asks = (self._queries.blind_returns(caller, by=by, value=asked, limit=LINES) for by in _BLIND_BY)
        found = await asyncio.gather(*asks)
        away = [each for each in found if each.status != 200]
        if away:
            return away[0]
        more = [by for by, each in zip(_BLIND_BY, found, strict=True) if each.body["next"] is not None]
        urls = [f"/blind-returns?{urlencode({by: asked})}" for by in more]
        return Blind([line for each in found for line in blind_of(each.body)], urls)

    async def list(self, request: web.Request, caller: Caller, visitor: Visitor) -> web.StreamResponse:
        """One of the lists."""
        chosen = BY_NAME.get(request.match_info["name"])
        if chosen is None:
            raise web.HTTPNotFound
        answer = await ask(self._queries, chosen, caller, limit=LINES, after=request.query.get("after"))
        return self._list(request, visitor, chosen, answer, f"/console/lists/{chosen.name}?after=")

    async def list_csv(self, request: web.Request, caller: Caller, visitor: Visitor) -> web.StreamResponse:
        """One of the lists of orders as CSV, whole; 413 if it has more than `MOST_ROWS`."""
        chosen = BY_NAME.get(request.match_info["name"])
        if chosen is None or chosen.name == BLIND:
            raise web.HTTPNotFound
        pages, written, after = list[str](), set[str](), None  # text takes a tenth of the orders' memory
        while True:
            answer = await ask(self._queries, chosen, caller, limit=MOST, after=after)
            if answer.status != 200:
                return self._pages.trouble(request, visitor, answer, chosen.title)
            # An order that left the list and came back meanwhile is also on a later page.
            new = [each for each in answer.body["orders"] if each["order_id"] not in written]
            written |= {each["order_id"] for each in new}
            if len(written) > MOST_ROWS:
                text = f"The list has more than {MOST_ROWS:,} orders: GET /orders has it page by page."
                return self._pages.message(request, visitor, 413, chosen.title, text)
            pages.append(as_csv(new, is_first=not pages))
            if (after := answer.body["next"]) is None:
                break
        headers = {**HEADERS, CONTENT_DISPOSITION: f'attachment; filename="{chosen.name}.csv"'}
        return web.Response(text="".join(pages), headers=headers, content_type="text/csv", charset="utf-8")

    def _list(
        self,
        request: web.Request,
        visitor: Visitor,
        of: OrderList,
        answer: Answer,
        url: str,
        blind: Blind = _NONE,
    ) -> web.StreamResponse:
        entry = entry_of(of, answer)
        cursor = answer.body.get("next") if answer.status == 200 else None
        values: dict[str, Any] = {
            "list": of,
            "lines": entry.lines,
            "blind_lines": blind.lines,
            "more_blind": blind.more,
            "trouble": entry.trouble,
            "next": f"{url}{quote(cursor, safe='')}" if cursor else "",
            "here": of.name,
            "csv": f"/console/lists/{of.name}.csv" if of.name in BY_NAME and of.name != BLIND else "",
            "asked": of.value if of.by == "q" else "",
        }
        says = {"title": of.title, "as_of": answer.as_of or now(), "polls": of.by != "q"}
        return self._pages.whole(
            request, "list", visitor, answer.status, values=values | says, retry_after=answer.retry_after
        )


def _is_nothing(answer: Answer, blind: Blind) -> bool:
    is_last = answer.status == 200 and answer.body["next"] is None
    return is_last and not answer.body["orders"] and not blind.lines


def _entries(state: OrderState, told: Answer, after: str | None) -> Entries:
    """Return the page of the timeline behind a cursor; the document's own entries if it cannot be had."""
    if told.status != 200:
        return own_entries(state)
    before = told.body.get("before", 0)  # an older worker does not send it
    return Entries(told.body["entries"], before, told.body["count"], told.body["next"], after)


def _piece(text: str | None) -> int:
    return int(text) if text is not None and text.isascii() and text.isdigit() and len(text) < 10 else 1
