"""Topics and settings of one benchmark, and what its service's metrics say."""

import asyncio
import os
import time
import urllib.request
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import ClassVar

from bridge.settings import Settings
from deploy.local.ports import free_ports
from tests.deployment import set_up

PATIENCE = 300.0


@dataclass(frozen=True, slots=True)
class Result:
    """`rate`: per second. `cpu_us`: µs of the service's CPU for each. `rss_mb`: its largest resident set."""

    rate: float
    cpu_us: float
    rss_mb: float
    remarks: str = ""


@contextmanager
def deployed(bootstrap_servers: str, partitions: int = 8) -> Iterator[Settings]:
    """A deployment under a prefix of its own. Its settings are in the environment meanwhile."""
    ingress_port, worker_port = free_ports(2)
    environment = {
        "BRIDGE_TENANT": "bench",
        "BRIDGE_KAFKA_BOOTSTRAP_SERVERS": bootstrap_servers,
        "BRIDGE_TOPIC_PREFIX": f"bench-{uuid.uuid4().hex[:8]}",
        "BRIDGE_PARTITIONS": str(partitions),
        "BRIDGE_INGRESS_PORT": str(ingress_port),
        "BRIDGE_INGRESS_API_KEYS": "a-key",
        "BRIDGE_WORKER_WEB_PORT": str(worker_port),
        "BRIDGE_WORKER_ALLOW_ANONYMOUS": "true",
    }
    before = dict(os.environ)
    os.environ.update(environment)
    try:
        settings = Settings()
        asyncio.run(set_up(settings))
        yield settings
    finally:
        os.environ.clear()
        os.environ.update(before)


class Metrics:
    """The metrics of a service at one moment."""

    _seen: ClassVar[dict[int, str]] = {}

    def __init__(self, port: int) -> None:
        while not self._are_new(port):  # they are rendered once a second, and nobody else asks
            time.sleep(0.01)
        self.at = time.monotonic()

    def _are_new(self, port: int) -> bool:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics", timeout=10) as answer:
            self._lines, rendered = answer.read().decode().splitlines(), answer.headers["Last-Modified"]
        seen, self._seen[port] = self._seen.get(port), rendered
        return bool(rendered != seen)

    def sum(self, name: str, label: str = "") -> float:
        """Sum all series whose line starts with `name` and contains `label`."""
        return sum(float(line.rpartition(" ")[2]) for line in self._lines if line.startswith(name) and label in line)

    @property
    def cpu_seconds(self) -> float:
        """CPU time of the process so far."""
        return self.sum("process_cpu_seconds_total")

    @property
    def rss_mb(self) -> float:
        """Resident set of the process."""
        return self.sum("process_resident_memory_bytes") / 1e6


def between(first: Metrics, last: Metrics, *, rss_mb: float, remarks: str) -> Result:
    """What a worker did with raw records between two moments."""
    events = last.sum("bridge_events_total") - first.sum("bridge_events_total")
    return Result(
        rate=events / (last.at - first.at),
        cpu_us=(last.cpu_seconds - first.cpu_seconds) / events * 1e6,
        rss_mb=rss_mb,
        remarks=remarks,
    )
