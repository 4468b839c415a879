"""Paths of an order's pages, for any order id: makes them for links and redirects, and reads the id from them."""

import re
from collections.abc import Mapping
from typing import Final
from urllib.parse import quote, urlencode

from aiohttp import web

PAGE: Final = "/console/orders/{order_id}"
"""Route of an order's page; the order's other pages are below it."""

_DOTS: Final = re.compile(r"~*\.\.?")
"""Parts that a browser takes for a step up, even escaped (`.`, `..`), and what is written instead."""


def order_path(order_id: str, places: Mapping[str, str | int] = {}) -> str:
    """Return the path of an order's page. `places`: which piece of each list is shown, and behind which fact the
    timeline begins; empty: the first one.

    An id that is `.` or `..`, behind any number of `~`, gets one more `~`: so each id has a path of its own.
    """
    part = f"~{order_id}" if _DOTS.fullmatch(order_id) else order_id
    query = urlencode({name: place for name, place in places.items() if place != ""})
    return f"{PAGE.format(order_id=quote(part, safe=''))}{'?' if query else ''}{query}"


def order_id_in(request: web.Request) -> str:
    """Return the id of the order whose page is asked for."""
    part = request.match_info["order_id"]
    return part.removeprefix("~") if _DOTS.fullmatch(part) else part
