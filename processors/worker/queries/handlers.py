"""What the HTTP API's handlers share: whom they let in, and how answers become responses."""

import re
from collections.abc import Awaitable, Callable, Sequence
from typing import Final

from aiohttp import web
from aiohttp.hdrs import CACHE_CONTROL, ETAG, IF_NONE_MATCH, RETRY_AFTER, WWW_AUTHENTICATE
from aiohttp.typedefs import Handler

from bridge.http.answers import problem as refusal
from processors.worker.console.guard import is_foreign
from processors.worker.queries.answer import Answer, problem
from processors.worker.queries.caller import Caller
from processors.worker.queries.choosing import BadQuestionError

Admit = Callable[[web.Request], Caller | None]
"""Returns who sends a request; None: nobody who may ask."""
Ask = Callable[[web.Request, Caller], Awaitable[Answer]]
"""Answers a request. BadQuestionError: there is no such question."""

_TAG: Final = re.compile(r'(?:W/)?("[^"]*")')
"""An entity tag. The mark of a weak one does not count (RFC 9110, weak comparison)."""


def asking(admit: Admit, ask: Ask) -> Handler:
    """Return the handler of a path: what `ask` answers, or 401 if `admit` does not let the caller in."""

    async def handle(request: web.Request) -> web.StreamResponse:
        caller = admit(request)
        if caller is None:
            return refusal(401, "Unauthorized", headers={WWW_AUTHENTICATE: "Bearer"})
        try:
            answer = await ask(request, caller)
        except BadQuestionError as error:
            answer = problem(400, "Bad Request", str(error))
        return respond(answer, request.headers.getall(IF_NONE_MATCH, ()))

    return handle


def posted(admit: Admit, ask: Ask) -> Handler:
    """Return the handler of a POST: as `asking`, but 403 if a page of another site posts."""

    async def ask_unless_foreign(request: web.Request, caller: Caller) -> Answer:
        if is_foreign(request.headers):
            return problem(403, "Forbidden", "a page of another site posts this")
        return await ask(request, caller)

    return asking(admit, ask_unless_foreign)


def respond(answer: Answer, known: Sequence[str] = ()) -> web.Response:
    """The answer over HTTP; `known` are the lines of the caller's `If-None-Match`."""
    headers = {CACHE_CONTROL: "private, no-cache"}  # only the caller keeps it, and asks each time whether it holds
    if answer.etag is not None:
        headers[ETAG] = answer.etag
        if is_known(answer.etag, known):
            return web.Response(status=304, headers=headers)
    if answer.retry_after is not None:
        headers[RETRY_AFTER] = str(answer.retry_after)
    kind = "application/json" if answer.status == 200 else "application/problem+json"
    return web.Response(status=answer.status, body=answer.content, content_type=kind, headers=headers)


def is_known(etag: str, known: Sequence[str]) -> bool:
    """Whether the caller, whose `If-None-Match` has these lines, already has the document of this ETag."""
    said = ",".join(known)
    return said.strip() == "*" or etag.removeprefix("W/") in _TAG.findall(said)
