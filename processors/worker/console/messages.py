"""A page that says what is the matter."""

from aiohttp import web

from processors.worker.console.pages import Pages, Visitor


def message(
    pages: Pages, request: web.Request, visitor: Visitor, status: int, title: str, *lines: str
) -> web.StreamResponse:
    """The page, with a line each, and a way back."""
    values = {"title": title, "says": "", "polls": False, "lines": lines, "link": ("/console/", "To the first page")}
    return pages.whole(request, "message", visitor, status, values=values)
