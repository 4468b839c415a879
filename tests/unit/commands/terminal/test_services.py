"""Asking a service how it is, in the very form in which the bridge's services say it."""

import socket
from collections.abc import Mapping

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer, unused_port
from prometheus_client import CollectorRegistry, Gauge

from bridge import metrics
from bridge.http.operations import Check, add_pages, operations_pages
from bridge.settings import Settings
from commands.terminal import services
from commands.terminal.services import Service, look_at, operations_url, session


def pages(ready: Mapping[str, Check], warnings: Mapping[str, Check]) -> web.Application:
    """A service with these checks, and a metric."""
    registry, app = CollectorRegistry(), web.Application()
    lag = Gauge("bridge_lag", "Offsets", ["topic"], registry=registry)
    lag.labels('a"b').set(3)
    lag.labels("c").set(4)
    add_pages(app, operations_pages(registry, {}, ready=ready, warnings=warnings))
    return app


async def asked(app: web.Application) -> Service:
    async with TestServer(app) as server, session() as asking:
        return await look_at(asking, "worker", str(server.make_url("")).rstrip("/"))


async def test_what_makes_it_unready_and_what_it_warns_of() -> None:
    found = await asked(pages({"kafka": lambda: None, "lanes": lambda: "a/1 halted: b"}, {"keys": lambda: "short"}))
    assert (found.silence, found.ready) == (None, False)
    assert (found.problems, found.warnings) == ({"lanes": "a/1 halted: b"}, {"keys": "short"})
    assert found.clock_ahead_s is not None
    assert abs(found.clock_ahead_s) < 60
    assert found.heard_at is not None


async def test_its_metrics_by_label() -> None:
    found = await asked(pages({"kafka": lambda: None}, {}))
    assert found.ready
    assert found.sum("bridge_lag") == 7
    assert found.sum("bridge_lag", topic='a"b') == 3
    assert found.sum("bridge_lag", topic="d") is None
    assert found.sum("bridge_other") is None


async def test_something_else_that_listens_there_is_no_service() -> None:
    assert "not like a service" in ((await asked(web.Application())).silence or "")


@pytest.mark.parametrize(
    ("told", "silence"), [("worker", None), ("ingress", "another service of the bridge answers there")]
)
async def test_the_other_service_is_not_taken_for_the_one_that_is_asked(told: str, silence: str | None) -> None:
    """BRIDGE_OPS_PORT is one port: on one host both URLs led to the same service, and the dead one seemed ready."""
    app = web.Application()
    registry = {"worker": metrics.worker, "ingress": metrics.ingress}[told].registry
    add_pages(app, operations_pages(registry, {}, ready={"kafka": lambda: None}))
    found = await asked(app)
    assert (found.silence, found.ready) == (silence, silence is None)


async def test_an_answer_without_end_is_not_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(services, "MOST_BYTES", 10)
    assert "more than 10 bytes" in ((await asked(pages({"kafka": lambda: "x" * 1000}, {}))).silence or "")


async def test_nobody_there() -> None:
    async with session() as asking:
        found = await look_at(asking, "worker", f"http://127.0.0.1:{unused_port()}")
    assert found.silence == "Connection refused"
    assert not found.hangs
    assert found.heard_at is None


async def test_one_that_takes_the_connection_and_says_nothing_hangs(monkeypatch: pytest.MonkeyPatch) -> None:
    """A frozen process does so: nothing else distinguishes it from one that is not there."""
    monkeypatch.setattr(services, "PATIENCE_S", 0.1)
    with socket.create_server(("127.0.0.1", 0)) as listening:
        async with session() as asking:
            found = await look_at(asking, "worker", f"http://127.0.0.1:{listening.getsockname()[1]}")
    assert found.hangs
    assert "takes connections" in (found.silence or "")


def test_operations_may_have_a_port_of_their_own() -> None:
    url = "http://worker-0:6066/"
    assert operations_url(Settings(tenant="acme"), url) == "http://worker-0:6066"
    assert operations_url(Settings(tenant="acme", ops_port=9090), url) == "http://worker-0:9090"


@pytest.mark.parametrize("url", ["worker-0", "worker-0:6066", "//", "http://", "http://[", "http://w:x"])
async def test_what_is_no_url_is_told_as_a_service_that_is_silent(url: str) -> None:
    async with session() as asking:
        found = await look_at(asking, "worker", operations_url(Settings(tenant="acme", ops_port=9090), url))
    assert found.silence
