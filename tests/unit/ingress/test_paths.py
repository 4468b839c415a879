"""One rule for paths on every port: an escaped letter is that letter (RFC 3986, 6.2.2.2); all else is as written."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import cast

import pytest
from aiohttp import web

from bridge import metrics
from bridge.http.answers import HttpHandler
from bridge.http.connections import Connections
from bridge.http.operations import operations_pages, serve_operations
from bridge.http.server import Listener, Server, listen
from bridge.refusals import SettingsError
from bridge.settings import Settings
from bridge.tracing import NoSpans
from ingress.edge import Edge
from ingress.main import _no_http
from ingress.webhook import Webhook
from ingress.writer import Writer

SAME = ["/metrics", "/%6detrics", "/metric%73?x=1", "/metrics?", "http://bridge/metrics", "http://bridge/%6Detrics"]
OTHER = [
    "//metrics",
    "/metrics/",
    "/./metrics",
    "/x/../metrics",
    "/METRICS",
    "/metrics%2F",
    "/%2Fmetrics",
    "/%256detrics",
    "/metrics;x",
    "/metrics%00",
    "http://bridge//metrics",
]


def pages() -> dict[str, HttpHandler]:
    return operations_pages(metrics.ingress.registry, {}, ready={})


@asynccontextmanager
async def webhook_port(served: dict[str, HttpHandler]) -> AsyncIterator[Listener]:
    connections = Connections("test", metrics.ingress_http, 100)
    webhook = Webhook(Settings(tenant="acme", ingress_api_keys="right"), cast("Writer", None), NoSpans())
    runner = web.ServerRunner(Server(Edge(webhook, served), _no_http, connections))
    listener = await listen(runner, connections, "127.0.0.1", 0, settings="none")
    yield listener
    await listener.close(0.0)


@asynccontextmanager
async def operations_port() -> AsyncIterator[Listener]:
    listener = await serve_operations(pages(), "127.0.0.1", 0, metrics.ingress_http, ("BRIDGE_INGRESS_PORT", 0))
    yield listener
    await listener.close(0.0)


async def test_the_port_of_the_service_itself_is_refused_by_its_name() -> None:
    """The refusal once said that somebody else had the port."""
    with pytest.raises(SettingsError, match="BRIDGE_OPS_PORT is 8080, as BRIDGE_INGRESS_PORT is: leave it unset"):
        await serve_operations(pages(), "127.0.0.1", 8080, metrics.ingress_http, ("BRIDGE_INGRESS_PORT", 8080))


async def status(port: int, target: str) -> int:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(f"GET {target} HTTP/1.1\r\nHost: bridge\r\nConnection: close\r\n\r\n".encode())
    answer = await reader.read()
    writer.close()
    await writer.wait_closed()
    return int(answer.split()[1])


@pytest.mark.parametrize("target", SAME)
async def test_other_ways_to_write_a_path_lead_to_the_same_page(target: str) -> None:
    async with webhook_port(pages()) as alone, operations_port() as operations:
        assert (await status(alone.port, target), await status(operations.port, target)) == (200, 200)


@pytest.mark.parametrize("target", OTHER)
async def test_other_paths_are_other_paths(target: str) -> None:
    async with webhook_port(pages()) as alone, operations_port() as operations:
        assert (await status(alone.port, target), await status(operations.port, target)) == (404, 404)


@pytest.mark.parametrize("target", [*SAME, *OTHER, "/livez", "/readyz?verbose", "/openapi.json"])
async def test_with_a_port_of_their_own_the_webhooks_has_no_pages(target: str) -> None:
    async with webhook_port({}) as webhook:
        assert await status(webhook.port, target) == 404
