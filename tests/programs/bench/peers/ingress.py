"""A turn of a webhook handler under load from wrk: ours with all its checks and metrics, or a bare one."""

import sys
import urllib.request
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from bridge.settings import Settings
from deploy.local.broker import JavaBroker
from tests.integration.waiting import wait_until
from tests.programs.bench import bare, wrk
from tests.programs.bench.peers.processes import Processes, cpu_seconds, running
from tests.programs.bench.peers.site import sited

_WARM_S: Final = 1.0
_BARE: Final = str(Path(bare.__file__))

OURS: Final = "ours"
HANDLERS: Final = {OURS: "", "bare handler, uvloop": "uvloop", "bare handler, asyncio": "asyncio"}
"""Handlers, and the event loop of those that are bare: aiohttp, aiokafka and nothing else."""


@dataclass(frozen=True, slots=True)
class Answered:
    """`cpu_us` and `broker_us`: for each request. `unstored`: answers of 200 without a record in raw. It is too low by
    the requests that were stored after wrk had gone: at most one for each connection, each time."""

    per_second: float
    cpu_us: float
    broker_us: float
    p50_ms: float
    p99_ms: float
    rss_mb: float
    unstored: int


def answer(kafka: JavaBroker, handler: str, size: int, connections: int, seconds: float) -> Answered:
    """Send events of this size (bytes) from so many connections for so long, after a second to warm up."""
    body = wrk.event_of(size)
    with (
        sited(kafka.bootstrap_servers, lambda _: "nobody") as site,
        running([_command(handler, site.settings)]) as processes,
    ):
        port, topic = site.settings.ingress_port, site.settings.topics.raw
        wait_until("it is ready", lambda: _is_ready(port, processes))
        warm = wrk.post(port, body, connections, _WARM_S)
        cpu, broker = processes.cpu_seconds(), cpu_seconds(kafka.pid)
        load = wrk.post(port, body, connections, seconds)
        cpu, broker = processes.cpu_seconds() - cpu, cpu_seconds(kafka.pid) - broker
        rss_mb = processes.rss_mb()
        stored = sum(site.ends([topic]).values())
    return Answered(
        per_second=load.requests / load.seconds,
        cpu_us=cpu / load.requests * 1e6,
        broker_us=broker / load.requests * 1e6,
        p50_ms=load.p50_ms,
        p99_ms=load.p99_ms,
        rss_mb=rss_mb,
        unstored=max(warm.requests + load.requests - stored, 0),
    )


def _command(handler: str, settings: Settings) -> list[str]:
    if handler == OURS:
        return [sys.executable, "-m", "commands", "ingress"]
    servers = ",".join(settings.kafka_bootstrap_servers)
    return [sys.executable, _BARE, HANDLERS[handler], str(settings.ingress_port), servers, settings.topics.raw]


def _is_ready(port: int, processes: Processes) -> bool:
    processes.check()
    with suppress(OSError), urllib.request.urlopen(f"http://127.0.0.1:{port}/readyz", timeout=5):
        return True
    return False
