"""Setting gaps of orders aside, over HTTP."""

from collections.abc import Mapping
from typing import Any, Final
from urllib.parse import quote

import orjson
from aiohttp import web

from bridge.http.openapi import route
from bridge.log import audit
from processors.orders.acknowledging import NoSuchGapError, NotSetAside, acknowledging
from processors.orders.older_rows import NewerRowError
from processors.orders.order_rules import OrderRules
from processors.orders.too_large import OrderTooLargeError
from processors.worker.bodies import Bodies
from processors.worker.changing.order_changes import NOT_NOW, OrderChanges
from processors.worker.queries.answer import Answer, now, problem
from processors.worker.queries.caller import Caller
from processors.worker.queries.handlers import Admit, posted
from processors.worker.queries.owners import AwayError
from processors.worker.queries.peers import FORWARDED
from schemas.text import without_zero
from schemas.topics import Topics

PATH: Final = "/orders/{order_id}/gaps/{name}/ack"
MOST_REASON: Final = 500
"""Characters of a reason."""
MOST_BODY_BYTES: Final = 16 * 1024
"""Of a body with a reason: a character may take twelve bytes, escaped in JSON."""
_TOLD: Final = ("order_id", "incomplete", "missing", "stalled", "acknowledged")


class BadReasonError(ValueError):
    """The request's body has no reason that can be kept."""


class Acknowledgements:
    """Answers `POST /orders/{order_id}/gaps/{name}/ack` with `{"reason"}`."""

    def __init__(self, changes: OrderChanges, topics: Topics, rules: OrderRules, bodies: Bodies, admit: Admit) -> None:
        self._changes, self._topics, self._rules, self._bodies, self._admit = changes, topics, rules, bodies, admit

    def add_to(self, router: web.UrlDispatcher) -> None:
        """Add the path to a server's router."""
        router.add_post(route(PATH), posted(self._admit, self._acknowledge))

    async def _acknowledge(self, request: web.Request, caller: Caller) -> Answer:
        try:
            async with self._bodies.read(request, MOST_BODY_BYTES) as body:
                reason = read_reason(body)
        except BadReasonError as error:
            return problem(400, "Bad Request", str(error))
        except AwayError as away:
            return away.answer(NOT_NOW)
        order_id, name = request.match_info["order_id"], request.match_info["name"]
        return await self.acknowledge(order_id, name, reason, caller, forwarded=FORWARDED in request.headers)

    async def acknowledge(
        self, order_id: str, name: str, reason: str, caller: Caller, *, forwarded: bool = False
    ) -> Answer:
        """Set a gap aside. 200: done, with what the order still waits for (`acknowledged`); 400: the order has no room
        for the reason; 404: it has no such gap; 503: not known to be done. Doing it again changes nothing more.
        `forwarded` as in `Queries`."""
        said = (name, reason, now())
        answer = await self._changes.make(
            order_id,
            acknowledging(order_id, said, self._topics, self._rules),
            acknowledged,
            (f"/gaps/{quote(name, safe='')}/ack", orjson.dumps({"reason": reason})),
            caller,
            forwarded=forwarded,
        )
        if answer.status == 200:  # forwarded or not: anybody can claim to be a worker
            made = {"order_id": order_id, "gap": name, "forwarded": forwarded}
            audit.info("a gap was set aside", by=caller.name, **made)
        return answer


def acknowledged(outcome: bytes | NotSetAside) -> Answer:
    """Return the answer: `{"order_id", "incomplete", "missing", "stalled", "acknowledged"}` of the order's state, or
    the problem."""
    if isinstance(outcome, NoSuchGapError):
        return problem(404, "No such gap", str(outcome))
    if isinstance(outcome, NewerRowError):
        return problem(503, NOT_NOW, str(outcome))
    if isinstance(outcome, OrderTooLargeError):
        return problem(400, "The order has no room for a reason", str(outcome))
    state: Mapping[str, Any] = orjson.loads(outcome)
    return Answer(200, orjson.dumps({name: state[name] for name in _TOLD}))


def reason_of(text: str) -> str | None:
    """Return a reason as it is kept, without U+0000 and surrounding blanks; None: nothing is left, or more than
    `MOST_REASON` characters."""
    reason = without_zero(text).strip()
    return reason if 0 < len(reason) <= MOST_REASON else None


def read_reason(body: bytes) -> str:
    """Return the reason in the body of a request. BadReasonError: there is none that can be kept."""
    try:
        said = orjson.loads(body)
    except ValueError:
        said = None
    text = said.get("reason") if isinstance(said, dict) and len(said) == 1 else None
    reason = reason_of(text) if isinstance(text, str) else None
    if reason is None:
        raise BadReasonError(f'the body is `{{"reason": "…"}}`, of 1 to {MOST_REASON} characters')
    return reason
