"""What is the matter, in words, and a page that says it."""

from aiohttp import web

from processors.worker.console.pages import Pages, Visitor
from processors.worker.queries.answer import Answer


def message(
    pages: Pages, request: web.Request, visitor: Visitor, status: int, title: str, *lines: str
) -> web.StreamResponse:
    """The page, with a line each, and a way back."""
    values = {"title": title, "says": "", "polls": False, "lines": lines, "link": ("/console/", "To the first page")}
    return pages.whole(request, "message", visitor, status, values=values)


def trouble_of(answer: Answer) -> str:
    """Return why there is no answer: the problem document's title and detail."""
    said = answer.body
    detail = said.get("detail")
    text = f"{said['title']}: {detail}" if detail else str(said["title"])
    return f"{text}. Ask again in a moment." if answer.status == 503 else f"{text}."
