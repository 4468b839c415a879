"""The pages for probes, Prometheus and people."""

import json
from typing import Any

from aiohttp import web
from aiohttp.test_utils import make_mocked_request
from prometheus_client import CollectorRegistry, Counter

from bridge.http.answers import HttpHandler
from bridge.http.operations import METRICS_S, MetricsPage, operations_pages


def pages(**checks: Any) -> dict[str, HttpHandler]:
    return operations_pages(CollectorRegistry(), {}, **checks)


async def get(routes: dict[str, HttpHandler], path: str) -> tuple[int, str]:
    response = await routes[path.partition("?")[0]](make_mocked_request("GET", path))
    assert isinstance(response, web.Response)
    return response.status, bytes(response.body).decode()  # type: ignore[arg-type]  # bytes, for all pages here


async def test_readiness_is_200_only_if_every_check_says_so() -> None:
    state: dict[str, str | None] = {"kafka": None}
    routes = pages(ready={"kafka": lambda: state["kafka"], "topics": lambda: None})
    assert await get(routes, "/readyz") == (200, "ok\n")
    state["kafka"] = "unreachable"
    status, body = await get(routes, "/readyz")
    assert status == 503
    assert json.loads(body)["detail"] == "kafka: unreachable"


async def test_verbose_lists_every_check() -> None:
    routes = pages(ready={"kafka": lambda: "unreachable", "topics": lambda: None})
    assert await get(routes, "/readyz?verbose") == (503, "[-]kafka: unreachable\n[+]topics ok\n")


async def test_a_warning_is_listed_and_makes_nothing_unready() -> None:
    routes = pages(ready={"kafka": lambda: None}, warnings={"tenant": lambda: "another one"})
    assert await get(routes, "/readyz") == (200, "ok\n")
    assert await get(routes, "/readyz?verbose") == (200, "[+]kafka ok\n[!]tenant: another one\n")


async def test_whoever_answers_is_alive() -> None:
    routes = pages(ready={"lanes": lambda: "stuck"})
    assert await get(routes, "/livez") == (200, "ok\n")
    assert (await get(routes, "/readyz"))[0] == 503


class Clock:
    """A clock that the test sets."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


async def test_metrics_are_rendered_once_a_second_however_many_ask() -> None:
    registry, clock = CollectorRegistry(), Clock()
    counter = Counter("asked", "by the test", registry=registry)
    routes: dict[str, HttpHandler] = {"/metrics": MetricsPage(registry, clock).answer}
    assert "asked_total 0.0" in (await get(routes, "/metrics"))[1]
    counter.inc()
    clock.now += METRICS_S * 0.9
    assert "asked_total 0.0" in (await get(routes, "/metrics"))[1]
    clock.now += METRICS_S * 0.2
    assert "asked_total 1.0" in (await get(routes, "/metrics"))[1]
