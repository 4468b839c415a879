"""What it costs to remember many keys: look-ups, throughput, memory, disk, warm restart and cold recovery."""

import os
import random
import shutil
import signal
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from bridge.settings import Settings
from deploy.local.service import WORKPLACE
from processors.engine.store import TablePartition
from tests.bench import remembered
from tests.bench.deployment import Metrics
from tests.bench.worker import preload
from tests.integration.exactly_once.service import Service

_EVENTS = 300_000
"""Half of them with keys that are known, anywhere among all keys; half with fresh ones."""
_LOOKUPS = 5_000
_PATIENCE = 900.0


@dataclass(frozen=True, slots=True)
class Cost:
    """At one number of keys. ``lookup_us``: of a known and an unknown key; ``answer_s``: the slowest answer of
    ``/livez`` during the recovery."""

    keys: int
    recovered_per_s: float
    answer_s: float
    rate: float
    lookup_us: tuple[float, float]
    rss_mb: float
    disk_mb: float
    restart_s: tuple[float, float]


class _Worker:
    """Worker processes one after the other, on one data directory."""

    def __init__(self, settings: Settings, directory: Path) -> None:
        self._port, self._directory = settings.worker_web_port, directory
        self.rss_mb = 0.0

    @contextmanager
    def running(self, stop: signal.Signals) -> Iterator[tuple[Service, float]]:
        """A worker, and how long it took to be ready; ended by ``stop``."""
        environment = {
            **os.environ,
            "BRIDGE_WORKER_DATA_DIR": str(self._directory / "data"),
            "BRIDGE_WORKER_INSTANCE_ID": "bench",
        }
        started = time.monotonic()
        service = Service("worker", environment, self._port, self._directory / "worker.log")
        try:
            self.slowest = self._wait_until_ready(service)
            yield service, time.monotonic() - started
            self.rss_mb = max(self.rss_mb, _peak_rss_mb(service.pid))
            service.signal(stop)
            service.wait()
        finally:
            service.end()

    def _wait_until_ready(self, service: Service) -> float:
        """The slowest answer from the first one on."""
        deadline, slowest = time.monotonic() + _PATIENCE, 0.0
        while time.monotonic() < deadline:
            asked = time.monotonic()
            status = service.status("/readyz")
            if status is not None:
                slowest = max(slowest, time.monotonic() - asked)
            if status == 200:
                return slowest
            time.sleep(0.02)
        raise AssertionError(f"not ready after {_PATIENCE:g} s")


def measure(settings: Settings, keys: int) -> Cost:
    """All costs at ``keys`` known keys, on a deployment of its own."""
    rng = random.Random(7)
    again = rng.sample(range(keys), _EVENTS // 2)
    remembered.remember(settings, keys, again)
    WORKPLACE.mkdir(exist_ok=True)
    directory = Path(tempfile.mkdtemp(prefix="keys-", dir=WORKPLACE))
    worker = _Worker(settings, directory)
    try:
        with worker.running(signal.SIGTERM):
            cold, answer_s = Metrics(settings.worker_web_port), worker.slowest
        numbers = [*again, *range(keys, keys + _EVENTS - len(again))]
        rng.shuffle(numbers)
        preload(settings, (remembered.body(settings, number) for number in numbers))
        with worker.running(signal.SIGKILL) as (_, after_term_s):
            rate = _drained(settings)
        with worker.running(signal.SIGTERM) as (_, after_kill_s):
            pass
        return Cost(
            keys=keys,
            recovered_per_s=cold.sum("bridge_recovery_records_total") / cold.sum("bridge_recovery_seconds"),
            answer_s=answer_s,
            rate=rate,
            lookup_us=_lookup_us(settings, directory / "data" / "seen", keys, again),
            rss_mb=worker.rss_mb,
            disk_mb=sum(path.stat().st_size for path in (directory / "data").rglob("*") if path.is_file()) / 1e6,
            restart_s=(after_term_s, after_kill_s),
        )
    finally:
        shutil.rmtree(directory)


def _drained(settings: Settings) -> float:
    """Events a second from the first committed chunk to the last."""
    samples = [Metrics(settings.worker_web_port)]
    deadline = time.monotonic() + _PATIENCE
    while samples[-1].sum("bridge_events_total") < _EVENTS:
        assert time.monotonic() < deadline, "the worker does not get through"
        time.sleep(0.5)
        samples.append(Metrics(settings.worker_web_port))
    first = next(sample for sample in samples if sample.sum("bridge_events_total"))
    last = samples[-1]
    duplicates = sum(
        last.sum(f'bridge_events_total{{event="{name}",outcome="duplicate"}}') for name in remembered.NAMES
    )
    assert duplicates == _EVENTS // 2, f"{duplicates} duplicates instead of {_EVENTS // 2}"
    return (last.sum("bridge_events_total") - first.sum("bridge_events_total")) / (last.at - first.at)


def _lookup_us(settings: Settings, tables: Path, keys: int, again: list[int]) -> tuple[float, float]:
    """µs for each of many known and unknown keys, in the partition that has the most."""
    fullest = max(tables.iterdir(), key=lambda path: sum(file.stat().st_size for file in path.iterdir()))
    here = [number for number in again if remembered.partition(settings, number) == int(fullest.name)][:_LOOKUPS]
    table = TablePartition(fullest)
    try:
        known = _timed(table, [remembered.row_key(number) for number in here])
        unknown = _timed(table, [remembered.row_key(number + 10 * keys) for number in here])
    finally:
        table.close()
    return known, unknown


def _timed(table: TablePartition, keys: list[bytes]) -> float:
    started = time.perf_counter()
    table.get_many(keys)
    return (time.perf_counter() - started) / len(keys) * 1e6


def _peak_rss_mb(pid: int) -> float:
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    (line,) = (line for line in lines if line.startswith("VmHWM:"))
    return int(line.split()[1]) * 1024 / 1e6
