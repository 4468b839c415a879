"""Refuses requests by foreign host names where no keys are set.

Any site can let its own name point to an address in its visitor's network (DNS rebinding). For the browser, the service
there then belongs to the site, whose page may read the answers. The `Host` of such a request is the site's name. So
without keys, only names are answered that nobody outside can have.
"""

from collections.abc import Collection
from contextlib import suppress
from ipaddress import ip_address
from typing import Any, Final
from urllib.parse import urlsplit

from aiohttp import web
from aiohttp.hdrs import HOST

from bridge.http.answers import problem
from bridge.http.bearer_keys import BearerKeys

_MISDIRECTED: Final = 421
_INNER: Final = ("localhost", "local", "internal", "svc", "test", "home.arpa")
"""Domains that no registry gives away; `svc` and `cluster.local` are those of Kubernetes."""


def is_inner(host: str, own: Collection[str] = ()) -> bool:
    """Whether a `Host` header, with or without a port, is an address, a name of the inner network, or one of `own`. An
    empty one is inner, too: every browser sends a `Host`."""
    with suppress(ValueError):
        name = (urlsplit(f"//{host}").hostname or "").removesuffix(".")
        return "." not in name or name in own or _is_address(name) or name.endswith(tuple(f".{of}" for of in _INNER))
    return False


def _is_address(name: str) -> bool:
    with suppress(ValueError):
        return bool(ip_address(name))
    return False


def refuse_other_names(keys: BearerKeys, url: str, paths: Collection[str]) -> Any:
    """A middleware: without keys, it refuses requests by names other than that of `url` and those of the inner network
    with 421. Anybody may read `paths`."""
    own = {urlsplit(url).hostname or ""}

    @web.middleware
    async def check(request: web.Request, handler: Any) -> web.StreamResponse:
        host = request.headers.get(HOST, "")
        if keys.in_force is not None or request.path in paths or is_inner(host, own):
            answer: web.StreamResponse = await handler(request)
            return answer
        return problem(
            _MISDIRECTED,
            "Misdirected Request",
            "Without API keys only addresses and names of the own network are answered, as any site could have its own"
            " name lead here: set BRIDGE_WORKER_API_KEYS.",
        )

    return check
