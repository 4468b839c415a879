"""Where the console has the pages of an order, whatever its id is: links and redirects are made here, and read again by
those who answer there."""

import re
from collections.abc import Mapping
from typing import Final
from urllib.parse import quote, urlencode

from aiohttp import web

PAGE: Final = "/console/orders/{order_id}"
"""An order's page, as the router takes it; its other pages are below."""

_DOTS: Final = re.compile(r"~*\.\.?")
"""What a browser takes for a step up, however it is escaped, and what is written in its place."""


def order_path(order_id: str, places: Mapping[str, str | int] = {}) -> str:
    """Return the path of an order's page. `places`: by list which piece of it is shown, and behind which fact the
    timeline begins; empty is the first one.

    Of an id that is `.` or `..` it has a `~` in front of that, and of one that looks like this already one more: so
    each id has a path of its own.
    """
    part = f"~{order_id}" if _DOTS.fullmatch(order_id) else order_id
    query = urlencode({name: place for name, place in places.items() if place != ""})
    return f"{PAGE.format(order_id=quote(part, safe=''))}{'?' if query else ''}{query}"


def order_id_in(request: web.Request) -> str:
    """Return the id of the order one of whose pages is asked for."""
    part = request.match_info["order_id"]
    return part.removeprefix("~") if _DOTS.fullmatch(part) else part
