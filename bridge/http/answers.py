"""What every port answers alike: problem documents, and which bearer key opens."""

import hmac
from collections.abc import Awaitable, Callable, Mapping

import orjson
from aiohttp import web

HttpHandler = Callable[[web.BaseRequest], Awaitable[web.StreamResponse]]


def problem(
    status: int, title: str, detail: str | None = None, headers: Mapping[str, str] | None = None
) -> web.Response:
    """An RFC 9457 problem document: `{"type", "title", "status", "detail"?}`."""
    document = {"type": "about:blank", "title": title, "status": status}
    if detail:
        document["detail"] = detail
    return web.Response(
        status=status, body=orjson.dumps(document), content_type="application/problem+json", headers=headers
    )


def place_of(header: str | None, keys: tuple[bytes, ...] | None) -> int | None:
    """Which of the bearer keys an `Authorization` header carries, counted from 1; 0 where no key is asked for, None
    if it carries none.

    Every key is compared, in constant time, so the time taken tells nothing about any of them.
    """
    if keys is None:
        return 0
    if header is None or header[:7].lower() != "bearer ":
        return None
    # aiohttp decodes headers as UTF-8 with surrogate escapes; this gives the bytes of the wire again.
    given = header[7:].strip().encode("utf-8", "surrogateescape")
    equal = [hmac.compare_digest(given, key) for key in keys]
    return equal.index(True) + 1 if any(equal) else None
