"""The first page: this worker's numbers, and the oldest entries of each list."""

import asyncio
from collections.abc import Mapping, Sequence
from datetime import timedelta
from functools import partial
from typing import Any, Final, NamedTuple

from aiohttp import web

from processors.worker.console.asked import OrderQueries
from processors.worker.console.home.activity import Activity
from processors.worker.console.home.lists import BLIND, LISTS, BlindReturn, Line, OrderList, blind_of, lines_of
from processors.worker.console.home.numbers import numbers, orders_by_status
from processors.worker.console.home.recent import Recent
from processors.worker.console.pages import Pages, Visitor, trouble_of
from processors.worker.queries.answer import Answer, now
from processors.worker.queries.caller import Caller

SHOWN: Final = 5
"""Entries of each list on the first page."""


class Entry(NamedTuple):
    """A list with its oldest entries; `trouble` says why they are not known. If not `whole`, the list may have more."""

    list: OrderList
    lines: Sequence[Line | BlindReturn]
    trouble: str
    whole: bool = True


class Home:
    """Handler of the first page. `topics`: source topics, with their names on the page."""

    def __init__(
        self, queries: OrderQueries, pages: Pages, activity: Activity, sla: timedelta, topics: Mapping[str, str]
    ) -> None:
        self._queries, self._pages, self._activity = queries, pages, activity
        self._sla, self._topics = sla, topics
        self.recent = Recent()

    async def show(self, request: web.Request, caller: Caller, visitor: Visitor) -> web.StreamResponse:
        """The page."""
        answers = await asyncio.gather(
            *(self.recent.get(each.name, partial(ask, self._queries, each, caller, limit=SHOWN)) for each in LISTS)
        )
        values: dict[str, Any] = {
            "numbers": list(numbers(self._activity, self._sla, self._topics)),
            "statuses": orders_by_status(),
            "entries": [entry_of(each, answer) for each, answer in zip(LISTS, answers, strict=True)],
        }
        says = {"title": "Home", "says": "Numbers are this worker's; lists are of all workers.", "as_of": now()}
        return self._pages.whole(request, "home", visitor, values={**says, "polls": True, **values})


async def ask(queries: OrderQueries, of: OrderList, caller: Caller, *, limit: int, after: str | None = None) -> Answer:
    """The answer to the question of a list."""
    if of.name == BLIND:
        return await queries.blind_returns(caller, after=after, limit=limit)
    return await queries.search(of.by, of.value, caller, after=after, limit=limit)


def entry_of(of: OrderList, answer: Answer) -> Entry:
    """Return what to show of an answer."""
    if answer.status != 200:
        return Entry(of, [], trouble_of(answer))
    lines = blind_of(answer.body) if of.name == BLIND else lines_of(answer.body)
    return Entry(of, lines, "", whole=answer.body["next"] is None)
