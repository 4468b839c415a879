"""Erasing orders, over HTTP."""

from typing import Final

import orjson
from aiohttp import web

from bridge.http.openapi import route
from bridge.log import audit
from processors.orders.erasing import erasing
from processors.orders.gone import Gone, gone_key
from processors.orders.older_rows import NewerRowError
from processors.orders.order_rules import OrderRules
from processors.worker.changing.order_changes import OrderChanges
from processors.worker.queries.answer import Answer, problem
from processors.worker.queries.caller import Caller
from processors.worker.queries.handlers import Admit, posted
from processors.worker.queries.peers import FORWARDED
from schemas.topics import Topics

PATH: Final = "/orders/{order_id}/erase"


class Erasures:
    """Answers `POST /orders/{order_id}/erase`, which has no body."""

    def __init__(self, changes: OrderChanges, topics: Topics, rules: OrderRules, admit: Admit) -> None:
        self._changes, self._topics, self._rules, self._admit = changes, topics, rules, admit

    def add_to(self, router: web.UrlDispatcher) -> None:
        """Add the path to a server's router."""
        router.add_post(route(PATH), posted(self._admit, self._erase))

    async def _erase(self, request: web.Request, caller: Caller) -> Answer:
        return await self.erase(request.match_info["order_id"], caller, forwarded=FORWARDED in request.headers)

    async def erase(self, order_id: str, caller: Caller, *, forwarded: bool = False) -> Answer:
        """Erase an order. 200 with `{"order_id", "erased_at"}`: committed, whether there was such an order or not; 503:
        not known to be done. Doing it again changes nothing more. `forwarded` as in `Queries`."""

        def erased(outcome: Gone | NewerRowError) -> Answer:
            if isinstance(outcome, NewerRowError):
                return problem(503, "The order cannot be erased now", str(outcome))
            return Answer(200, orjson.dumps({"order_id": order_id, "erased_at": outcome.at}))

        change = erasing(order_id, self._topics, self._rules)
        answer = await self._changes.make(order_id, change, erased, ("/erase", b""), caller, forwarded=forwarded)
        if answer.status == 200:  # forwarded or not: anybody can claim to be a worker
            # Not the order's id: the log would keep that for longer than anything else.
            row = gone_key(order_id).decode()
            audit.info("an order was erased", by=caller.name, row=row, forwarded=forwarded)
        return answer
