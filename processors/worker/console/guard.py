"""What every answer of the console tells a browser not to do, and which posts come from its own pages."""

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
    """Whether a post comes from one of this console's pages. Browsers say so, and no page can make them lie: by
    `Sec-Fetch-Site` over https, by `Origin` always. A request with neither is refused."""
    if _SITE in headers:
        return headers[_SITE] == "same-origin"
    origin = headers.get(hdrs.ORIGIN, "")
    try:
        return origin.startswith(("http://", "https://")) and urlsplit(origin).netloc == headers.get(hdrs.HOST)
    except ValueError:  # as of `http://[`
        return False


def is_foreign(headers: MultiMapping[str]) -> bool:
    """Whether a browser posts for a page of another site. Where no key is asked for, nothing else keeps one from it."""
    return (_SITE in headers or hdrs.ORIGIN in headers) and not is_own(headers)


def came_by_https(headers: MultiMapping[str], scheme: str) -> bool:
    """Whether the browser came by https, as the connection or a proxy says. A proxy's word is taken whoever gives it:
    who lies gets a cookie that their own browser does not send over http, and nobody else does."""
    return scheme == "https" or headers.get("X-Forwarded-Proto", "").split(",")[0].strip().lower() == "https"


def own_path(path: str) -> str:
    """Return where to go after the login: a path of the console, whatever was asked for."""
    is_plain = path.startswith("/console/") and "\\" not in path and "//" not in path and path.isprintable()
    return path if is_plain else "/console/"
