"""Keeps large answers of the worker's port within a budget until their callers have taken them, and no longer. A large
order's document has dozens of megabytes, and each of thousands of connections may take minutes for one."""

import weakref
from typing import Any, Final

from aiohttp import web
from aiohttp.hdrs import RETRY_AFTER

from bridge.http.answers import problem
from bridge.http.bounds import Budget
from bridge.log import get_logger
from processors.worker.queries.answer import RETRY_S
from processors.worker.queries.handlers import Admit

log = get_logger(__name__)

TOGETHER_BYTES: Final = 32 * 1024 * 1024
"""Of all answers that are not taken yet. One larger answer may be beside them: it may take hours, in which no other
would have room."""
SMALL_BYTES: Final = 16 * 1024
"""Nearly all answers are no larger, and do not count: 32 MiB if each of 2,048 connections has one."""


class CountedAnswer(web.Response):
    """`answer`, with `body` counted in `budget`. It drops its body once that is taken or cannot be taken any more:
    aiohttp keeps the last answer of each connection until the next one."""

    def __init__(self, answer: web.Response, body: bytes, budget: Budget) -> None:
        super().__init__(body=body, status=answer.status, reason=answer.reason, headers=answer.headers)
        self._give_back = weakref.finalize(self, budget.change, -len(body))  # also if nobody sends it

    async def write_eof(self, data: bytes = b"") -> None:
        """As in aiohttp, which waits until everything is taken."""
        try:
            await super().write_eof(data)
        finally:
            self.body = None
            self._give_back()


def counting_answers(admit: Admit) -> Any:
    """A middleware that turns a large answer without room into a 503. Callers that `admit` does not know take no room
    from others."""
    known, strangers = ((Budget(TOGETHER_BYTES), Budget(TOGETHER_BYTES)) for _ in range(2))

    @web.middleware
    async def count(request: web.Request, handler: Any) -> web.StreamResponse:
        answer: web.StreamResponse = await handler(request)
        body = answer.body if isinstance(answer, web.Response) else None
        if not isinstance(answer, web.Response) or not isinstance(body, bytes) or len(body) <= SMALL_BYTES:
            return answer
        budget = (strangers if admit(request) is None else known)[len(body) > TOGETHER_BYTES]
        if budget.change(len(body)) or budget.used == len(body):
            return CountedAnswer(answer, body, budget)
        budget.change(-len(body))
        log.warning("an answer has no room beside those that others are slow to take", bytes=len(body))
        why = "answers that other callers are slow to take leave no room for it"
        return problem(503, "The answer has no room", why, {RETRY_AFTER: str(RETRY_S)})

    return count
