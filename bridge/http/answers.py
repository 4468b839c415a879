"""What every port answers alike: problem documents, and whether a bearer key opens."""

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


def authorized(header: str | None, keys: tuple[bytes, ...] | None) -> bool:
    """Whether an `Authorization` header carries one of the bearer keys; None = no key is asked for.

    Every key is compared, in constant time, so the time taken tells nothing about any of them.
    """
    if keys is None:
        return True
    if header is None or header[:7].lower() != "bearer ":
        return False
    # aiohttp decodes headers as UTF-8 with surrogate escapes; this gives the bytes of the wire again.
    given = header[7:].strip().encode("utf-8", "surrogateescape")
    return any([hmac.compare_digest(given, key) for key in keys])  # noqa: C419 - a generator would stop early
