"""Headers that restrict what a browser does with the console's answers; tells which posts come from its own pages."""

from collections.abc import Mapping
from typing import Final
from urllib.parse import urlsplit

from aiohttp import hdrs
from multidict import MultiMapping

CSP: Final = "; ".join(
    (
        "default-src 'none'",
        "style-src 'self'",
        "script-src 'self'",
        "img-src 'self'",
        "connect-src 'self'",
        "form-action 'self'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
    )
)

HEADERS: Final[Mapping[str, str]] = {
    "Content-Security-Policy": CSP,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",  # `no-referrer` would make the Origin of the login's form `null`
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    hdrs.CACHE_CONTROL: "no-store",
}

_SITE: Final = "Sec-Fetch-Site"


def is_own(headers: MultiMapping[str]) -> bool:
    """Whether a post comes from one of this console's pages. Browsers say so, by `Sec-Fetch-Site` over https and always
    by `Origin`, and no page can make them lie. A post with neither is not accepted as own."""
    if _SITE in headers:
        return headers[_SITE] == "same-origin"
    origin = headers.get(hdrs.ORIGIN, "")
    try:
        return origin.startswith(("http://", "https://")) and urlsplit(origin).netloc == headers.get(hdrs.HOST)
    except ValueError:  # such as `http://[`
        return False


def is_foreign(headers: MultiMapping[str]) -> bool:
    """Whether a browser posts for a page of another site. Where no key is needed, nothing else prevents that."""
    return (_SITE in headers or hdrs.ORIGIN in headers) and not is_own(headers)


def came_by_https(headers: MultiMapping[str], scheme: str) -> bool:
    """Whether the browser came by https, as the connection or `X-Forwarded-Proto` says. Anybody may send that header: a
    liar only gets a cookie that their own browser does not send over http."""
    return scheme == "https" or headers.get("X-Forwarded-Proto", "").split(",")[0].strip().lower() == "https"


def own_path(path: str) -> str:
    """Return where to go after the login: the path if it is one of the console, else the first page."""
    is_plain = path.startswith("/console/") and "\\" not in path and "//" not in path and path.isprintable()
    return path if is_plain else "/console/"
