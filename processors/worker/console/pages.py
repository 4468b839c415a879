"""Renders pages as HTML, from templates with their own values and those that all pages share."""

from collections.abc import Mapping
from hashlib import blake2b
from typing import Any, Final, NamedTuple

from aiohttp import web
from aiohttp.hdrs import ETAG, IF_NONE_MATCH, RETRY_AFTER

from processors.worker.console.forms import FormError
from processors.worker.console.guard import HEADERS
from processors.worker.console.home.lists import LISTS
from processors.worker.console.rendering import TEMPLATES, environment
from processors.worker.queries.answer import Answer
from processors.worker.queries.handlers import is_known

RELEASE: Final = blake2b(b"".join(path.read_bytes() for path in sorted(TEMPLATES.iterdir())), digest_size=8).hexdigest()
"""Digest of the templates: another release's page of the same order is a new one."""
FRAGMENT: Final = "fragment"
"""Parameter that asks for a page's inner part alone."""


class Visitor(NamedTuple):
    """Whether the page's visitor is logged in, and whether they can log out."""

    is_in: bool
    can_leave: bool


class Pages:
    """Renders templates; the process has one."""

    def __init__(self) -> None:
        self._templates = environment()

    @staticmethod
    def known(request: web.Request, etag: str) -> web.Response | None:
        """A 304, if the request asks for an inner part that the browser already has with this ETag; else None."""
        if FRAGMENT in request.query and is_known(etag, request.headers.getall(IF_NONE_MATCH, ())):
            return web.Response(status=304, headers={**HEADERS, ETAG: etag})
        return None

    def whole(
        self,
        request: web.Request,
        name: str,
        visitor: Visitor,
        status: int = 200,
        *,
        values: Mapping[str, Any],
        etag: str | None = None,
        retry_after: int | None = None,
    ) -> web.StreamResponse:
        """A page, or its inner part if the request asks for that. The inner part has an ETag, and is not sent again to
        a browser that has it. `etag`: the ETag, where it is known without rendering. `retry_after`: seconds after which
        to ask again."""
        unsaid = {"says": "", "polls": False, "here": "", "asked": "", "as_of": ""}
        shared = {"caller": visitor, "lists": LISTS, **unsaid, **values}
        inner = self._templates.get_template(f"{name}_main.html").render(shared)
        etag = etag or etag_of(inner)
        headers = {**HEADERS} if retry_after is None else {**HEADERS, RETRY_AFTER: str(retry_after)}
        if FRAGMENT in request.query:
            return self.known(request, etag) or _html(inner, status, {**headers, ETAG: etag})
        page = self._templates.get_template("page.html").render(
            {**shared, "inner": inner, "etag": etag, "fragment": _fragment_of(request)}
        )
        return _html(page, status, headers)

    def message(
        self,
        request: web.Request,
        visitor: Visitor,
        status: int,
        title: str,
        *lines: str,
        retry_after: int | None = None,
    ) -> web.StreamResponse:
        """A page with these lines as its message, and a way back."""
        values = {"title": title, "lines": lines}
        return self.whole(request, "message", visitor, status, values=values, retry_after=retry_after)

    def trouble(self, request: web.Request, visitor: Visitor, answer: Answer, title: str) -> web.StreamResponse:
        """A page that says why there is no answer to show."""
        after = answer.retry_after
        return self.message(request, visitor, answer.status, title, trouble_of(answer), retry_after=after)

    def refused(self, request: web.Request, visitor: Visitor, refusal: FormError) -> web.StreamResponse:
        """A page that says why a form was refused."""
        after = refusal.retry_after
        return self.message(request, visitor, refusal.status, "Refused", str(refusal), retry_after=after)


def etag_of(*parts: str) -> str:
    """Return an ETag for what is made of these parts."""
    return f'"{blake2b(chr(0).join(parts).encode("utf-8", "replace"), digest_size=16).hexdigest()}"'


def go(path: str) -> web.Response:
    """Tell the browser to get another page."""
    return web.Response(status=303, headers={**HEADERS, "Location": path})


def _html(text: str, status: int, headers: Mapping[str, str]) -> web.Response:
    body = text.encode("utf-8", "replace")
    return web.Response(status=status, body=body, headers=headers, content_type="text/html", charset="utf-8")


def _fragment_of(request: web.Request) -> str:
    query = request.rel_url.raw_query_string
    return f"{request.rel_url.raw_path}?{query}&{FRAGMENT}" if query else f"{request.rel_url.raw_path}?{FRAGMENT}"


def trouble_of(answer: Answer) -> str:
    """Return why there is no answer: the problem document's title and detail."""
    said = answer.body
    detail = said.get("detail")
    text = f"{said['title']}: {detail}" if detail else str(said["title"])
    return f"{text}. Ask again in a moment." if answer.status == 503 else f"{text}."
