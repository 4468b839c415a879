"""What the HTTP servers of ingress and worker share: problem documents, bearer keys, health and metrics, listening."""

import hmac
from collections.abc import Awaitable, Callable, Iterable, Mapping
from http import HTTPStatus

import orjson
from aiohttp import web
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest

from bridge.secret_files import SettingsError

Handler = Callable[[web.BaseRequest], Awaitable[web.StreamResponse]]
Check = Callable[[], str | None]
"""One thing that must be so: None if it is, else what is wrong. Called for each probe, so it must be cheap."""


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


def health_routes(
    registry: CollectorRegistry,
    *,
    live: Mapping[str, Check],
    ready: Mapping[str, Check],
    warnings: Mapping[str, Check] | None = None,
) -> dict[str, Handler]:
    """GET handlers by path: `/livez`, `/readyz` (200 or 503; `?verbose` lists the checks), `/metrics`.

    `warnings` are checks that somebody should look at: `/readyz?verbose` lists them, the status does not change.
    """

    async def livez(request: web.BaseRequest) -> web.Response:
        return _health(request, live, {})

    async def readyz(request: web.BaseRequest) -> web.Response:
        return _health(request, ready, warnings or {})

    async def metrics(_request: web.BaseRequest) -> web.Response:
        return web.Response(body=generate_latest(registry), headers={"Content-Type": CONTENT_TYPE_LATEST})

    return {"/livez": livez, "/readyz": readyz, "/metrics": metrics}


async def listen(runner: web.BaseRunner, host: str, port: int, *, settings: str) -> web.TCPSite:
    """Set the runner up and start to listen; SettingsError, which names `settings`, if the address cannot be had."""
    await runner.setup()
    site = web.TCPSite(runner, host, port, backlog=1024)
    try:
        await site.start()
    except OSError as error:
        await runner.cleanup()
        raise SettingsError(f"{settings}: cannot listen on {site.name}: {error.strerror}.") from error
    return site


def _health(request: web.BaseRequest, checks: Mapping[str, Check], warnings: Mapping[str, Check]) -> web.Response:
    results = {name: check() for name, check in checks.items()}
    wrong = [f"{name}: {why}" for name, why in results.items() if why]
    status = HTTPStatus.SERVICE_UNAVAILABLE if wrong else HTTPStatus.OK
    if "verbose" in request.query:
        told = {name: warning() for name, warning in warnings.items()}
        return web.Response(status=status, text="".join((*_lines(results, "-"), *_lines(told, "!"))))
    if wrong:
        return problem(status, "Not ready", "; ".join(wrong))
    return web.Response(text="ok\n")


def _lines(results: Mapping[str, str | None], mark: str) -> Iterable[str]:
    # The form of Kubernetes' own health endpoints.
    for name, why in results.items():
        yield f"[{mark}]{name}: {why}\n" if why else f"[+]{name} ok\n"
