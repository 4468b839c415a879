"""A turn at a steady rate: the time until a reader of committed records sees a request's cleaned record and its order's
state."""

import asyncio
import itertools
import time
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import aiohttp
import orjson
from confluent_kafka import Message

from deploy.local.broker import JavaBroker
from deploy.local.service import Service
from tests.integration.waiting import wait_until
from tests.programs.bench.peers.contenders import Contender
from tests.programs.bench.peers.drain import wait_until_members
from tests.programs.bench.peers.processes import running
from tests.programs.bench.peers.site import Site, sited
from tests.programs.bench.peers.watcher import Watcher
from tests.programs.bench.peers.workloads import TENANT

NAMES: Final = (
    "order.created",
    "order.opened",
    "order.shipped",
    "order.completed",
    "invoice.created",
    "fulfillment_request.assigned",
    "payment_account.amount_authorized",
    "payment_account.amount_captured",
)
_WARM_RATE: Final = 500
_CONNECTIONS: Final = 64


@dataclass(frozen=True, slots=True)
class Latency:
    """Milliseconds from when a request was due: no request waits for the one before."""

    events: int
    answer_p50_ms: float
    answer_p99_ms: float
    cleaned_p50_ms: float
    cleaned_p99_ms: float
    state_p50_ms: float
    state_p99_ms: float


def warm_broker(kafka: JavaBroker, contender: Contender, seconds: float) -> None:
    """Let the broker's JVM compile what a steady rate runs: after a minute it takes half a core less. Figures from
    before would tell of its compiler, not of the contenders."""
    latency(kafka, contender, _WARM_RATE, NAMES, 1.0, seconds)


def latency(
    kafka: JavaBroker, contender: Contender, rate: int, names: Sequence[str], seconds: float, warm_seconds: float
) -> Latency:
    """Send events, each of its own order, at this rate for so long. Before, the contender has `warm_seconds` of them:
    it may have a JVM of its own."""
    with sited(kafka.bootstrap_servers, contender.group) as site:
        ingress = Service("ingress", site.settings.ingress_port)
        try:
            ingress.wait_until_ready()
            with running(contender.commands(site.settings, True)) as processes, _Arrivals(site).reading() as arrivals:
                wait_until_members(site, contender, processes)
                url = f"{ingress.url}/webhooks/newstore"
                warm = asyncio.run(_send(url, rate, names, warm_seconds))
                wait_until("what warms up has arrived", lambda: arrivals.have(warm), arrivals.count)
                sent = asyncio.run(_send(url, rate, names, seconds))
                wait_until("all have arrived", lambda: arrivals.have(sent), arrivals.count)
        finally:
            ingress.stop()
    cleaned, states = arrivals.cleaned, arrivals.states
    return Latency(
        len(sent),
        *_percentiles([each.answered - each.due for each in sent]),
        *_percentiles([cleaned[each.order] - each.due for each in sent]),
        *_percentiles([states[each.order] - each.due for each in sent]),
    )


@dataclass(frozen=True, slots=True)
class _Sent:
    order: bytes
    due: float
    answered: float


async def _send(url: str, rate: int, names: Sequence[str], seconds: float) -> list[_Sent]:
    began = time.monotonic() + 0.1
    connector = aiohttp.TCPConnector(limit=_CONNECTIONS)
    async with aiohttp.ClientSession(connector=connector, headers={"Authorization": "Bearer a-key"}) as session:

        async def send(name: str, due: float) -> _Sent:
            order = str(uuid.uuid4())
            async with session.post(url, data=_body(name, order)) as answer:
                assert answer.status == 200, answer.status
            return _Sent(order.encode(), due, time.monotonic())

        async with asyncio.TaskGroup() as tasks:
            sending = []
            for number, name in zip(range(int(rate * seconds)), itertools.cycle(names), strict=False):
                due = began + number / rate
                if (early := due - time.monotonic()) > 0:
                    await asyncio.sleep(early)
                sending.append(tasks.create_task(send(name, due)))
        return [each.result() for each in sending]


def _body(name: str, order: str) -> bytes:
    items = [{"id": f"{order[:-2]}{line:02}", "product_id": "1200204150041-06", "quantity": 1} for line in range(3)]
    id_ = order if name.startswith("order.") else str(uuid.uuid4())
    payload = {"id": id_, "order_id": order, "currency": "EUR", "items": items, "note": "x" * 150}
    return orjson.dumps(
        {"tenant": TENANT, "name": name, "published_at": "2026-01-01T00:00:00.123Z", "payload": payload}
    )


def _percentiles(seconds: list[float]) -> tuple[float, float]:
    ordered = sorted(seconds)
    return ordered[len(ordered) // 2] * 1000, ordered[int(len(ordered) * 0.99)] * 1000


class _Arrivals(Watcher):
    """When each order's first cleaned record and first state were seen."""

    def __init__(self, site: Site) -> None:
        topics = site.settings.topics
        self.cleaned = dict[bytes, float]()
        self.states = dict[bytes, float]()
        self._into = {topics.orders: self.cleaned, topics.order_state: self.states}
        super().__init__(site, self._into, fetch_ms=100, most=100, wait=0.001)

    def have(self, sent: Sequence[_Sent]) -> bool:
        """Whether both records of all orders were seen."""
        return all(each.order in self.cleaned and each.order in self.states for each in sent)

    def count(self) -> str:
        """How many orders were seen."""
        return f"{len(self.cleaned)} cleaned, {len(self.states)} states"

    def take(self, message: Message) -> None:
        """See `Watcher`."""
        self._into[message.topic()].setdefault(message.key(), time.monotonic())
