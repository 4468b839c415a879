"""The edge and the webhook behind it, called with requests that no socket has seen."""

import asyncio
import copy
from typing import Any, cast

from aiohttp import web
from aiohttp.test_utils import make_mocked_request

from bridge import metrics
from bridge.intake import WEBHOOK, NewRecord
from bridge.settings import Settings
from bridge.tracing import NoSpans
from ingress.edge import Edge
from ingress.webhook import Webhook
from ingress.writer import Writer
from tests.unit.ingress.fakes import Content

BODY = b'{"tenant":"acme","name":"order.created","published_at":"2024-01-01T00:00:00Z","payload":{"id":"7"}}'
KEY = {"Authorization": "Bearer right"}
SETTINGS = Settings(tenant="acme", ingress_api_keys="old,right", ingress_max_body_bytes=200, ingress_max_in_flight=1)


class Kafka:
    """The writer: keeps records, and raises for those of the topics in `refused`."""

    def __init__(self, **refused: Exception) -> None:
        self.refused = {f"newstore.{name}.v1": error for name, error in refused.items()}
        self.records: list[NewRecord] = []
        self.open = asyncio.Event()
        self.open.set()

    async def append(self, record: NewRecord) -> None:
        await self.open.wait()
        if record.topic in self.refused:
            raise copy.copy(self.refused[record.topic])
        self.records.append(record)


def edge_with(kafka: Kafka, settings: Settings = SETTINGS) -> tuple[Edge, Webhook]:
    async def page(_request: web.BaseRequest) -> web.Response:
        return web.Response(text="page")

    webhook = Webhook(settings, cast("Writer", kafka), NoSpans())
    return Edge(webhook, {"/livez": page}), webhook


def request(
    *pieces: bytes, headers: dict[str, str] = KEY, method: str = "POST", path: str = WEBHOOK
) -> web.BaseRequest:
    return make_mocked_request(method, path, headers, payload=cast("Any", Content(*pieces)))


async def call(edge: Edge, incoming: web.BaseRequest) -> web.StreamResponse:
    return await edge(incoming)


def counted(status: int) -> float:
    return metrics.ingress.registry.get_sample_value("bridge_ingress_requests_total", {"status": str(status)}) or 0.0


def refused() -> dict[str, float]:
    """Deliveries that were not taken, by cause."""
    (family,) = metrics.ingress_refused_total.collect()
    return {sample.labels["cause"]: sample.value for sample in family.samples}
