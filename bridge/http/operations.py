"""Pages for probes, Prometheus and people, without a key, on a port of their own if there is one."""

import time
from collections.abc import Callable, Iterable, Mapping
from email.utils import formatdate
from http import HTTPStatus
from typing import Any, Final

from aiohttp import web
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest

from bridge.http.answers import HttpHandler, problem
from bridge.http.bounds import OPS_CONNECTIONS
from bridge.http.connections import Connections
from bridge.http.server import AppRunner, Listener, as_problems, listen
from bridge.metrics.shared import HttpMetrics
from bridge.refusals import SettingsError

Check = Callable[[], str | None]
"""Checks one condition: None if it holds, else what is wrong. Called for each probe, so it must be cheap."""

METRICS_S: Final = 1.0
"""Time between two renderings of the metrics, each of which costs as much as ten deliveries."""

CLOSE_S: Final = 0.25


def operations_pages(
    registry: CollectorRegistry,
    openapi: Mapping[str, Any],
    *,
    ready: Mapping[str, Check],
    warnings: Mapping[str, Check] | None = None,
) -> dict[str, HttpHandler]:
    """GET handlers by path: `/livez`, `/readyz` (200 or 503; `?verbose` lists the checks), `/metrics`, `/openapi.json`.

    `warnings`: checks whose failures somebody should look at. `/readyz?verbose` lists them; they do not change the
    status.
    """

    async def livez(request: web.BaseRequest) -> web.Response:
        return _health(request, {}, {})  # any answer will do

    async def readyz(request: web.BaseRequest) -> web.Response:
        return _health(request, ready, warnings or {})

    async def document(_request: web.BaseRequest) -> web.Response:
        return web.json_response(openapi)

    return {"/livez": livez, "/readyz": readyz, "/metrics": MetricsPage(registry).answer, "/openapi.json": document}


class MetricsPage:
    """`/metrics`, rendered at most once a second; `Last-Modified` says when."""

    def __init__(self, registry: CollectorRegistry, clock: Callable[[], float] = time.monotonic) -> None:
        self._registry, self._clock = registry, clock
        self._rendered: tuple[float, bytes, str] | None = None

    async def answer(self, _request: web.BaseRequest) -> web.Response:
        """The page, rendered now or a moment ago."""
        now = self._clock()
        if self._rendered is None or now - self._rendered[0] >= METRICS_S:
            self._rendered = now, generate_latest(self._registry), formatdate(usegmt=True)
        _, body, modified = self._rendered
        return web.Response(body=body, headers={"Content-Type": CONTENT_TYPE_LATEST, "Last-Modified": modified})


async def serve_operations(
    pages: Mapping[str, HttpHandler], host: str, port: int, metrics: HttpMetrics, beside: tuple[str, int]
) -> Listener:
    """Answer `pages` on a port of their own. `beside`: the variable of the service's other port, and that port.

    SettingsError: the port cannot be had, or is the other one.
    """
    name, other = beside
    if port and port == other:
        raise SettingsError(f"BRIDGE_OPS_PORT is {port}, as {name} is: leave it unset to have one port for all.")
    app, connections = web.Application(middlewares=[as_problems]), Connections("ops", metrics, OPS_CONNECTIONS)
    add_pages(app, pages)
    runner = AppRunner(app, connections, shutdown_timeout=CLOSE_S)
    return await listen(runner, connections, host, port, settings="BRIDGE_OPS_PORT")


def add_pages(app: web.Application, pages: Mapping[str, HttpHandler]) -> None:
    """Route each page for GET and HEAD."""
    for path, handler in pages.items():
        app.router.add_get(path, handler)


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
