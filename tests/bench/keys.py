"""What it costs to remember many keys: look-ups, throughput, memory, disk, warm restart and cold recovery."""

import os
import random
import shutil
import signal
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from bridge.settings import Settings
from deploy.local.service import WORKPLACE
from processors.engine.store import TablePartition
from tests.bench import remembered
from tests.bench.deployment import Metrics, Result, between
from tests.bench.worker import preload
from tests.integration.exactly_once.service import Service

_EVENTS = 400_000
"""Half of them with keys that are known, anywhere among all keys; half with fresh ones."""
_LOOKUPS, _AT_ONCE = 20_000, 2_000
_PATIENCE = 900.0
_SETTLED_SECONDS = 3.0


class _Worker:
    """Worker processes one after the other, on one data directory."""

    def __init__(self, settings: Settings, directory: Path) -> None:
        self._port, self._directory = settings.worker_web_port, directory
        self.rss_mb = 0.0
        """The largest resident set of any of them."""
        self.slowest_answer = 0.0
        """Seconds that the last one took at most to answer ``/readyz`` until it was ready."""

    @contextmanager
    def running(self, stop: signal.Signals) -> Iterator[float]:
        """A worker runs meanwhile; how many seconds it took to be ready. Ended by ``stop``."""
        environment = {
            **os.environ,
            "BRIDGE_WORKER_DATA_DIR": str(self._directory / "data"),
            "BRIDGE_WORKER_INSTANCE_ID": "bench",
        }
        started = time.monotonic()
        service = Service("worker", environment, self._port, self._directory / "worker.log")
        try:
            self._wait_until_ready(service)
            self._pid = service.pid
            yield time.monotonic() - started
            self.rss_mb = max(self.rss_mb, _peak_rss_mb(service.pid))
            service.signal(stop)
            service.wait()
        finally:
            service.end()

    def wait_until_settled(self) -> None:
        """Return once it has written nothing for a while: RocksDB goes on sorting what a recovery has read."""
        seen, since = -1, time.monotonic()
        while time.monotonic() - since < _SETTLED_SECONDS:
            if (written := _written(self._pid)) != seen:
                seen, since = written, time.monotonic()
            time.sleep(0.2)

    def _wait_until_ready(self, service: Service) -> None:
        deadline, self.slowest_answer = time.monotonic() + _PATIENCE, 0.0
        while time.monotonic() < deadline:
            asked = time.monotonic()
            status = service.status("/readyz")
            if status is not None:
                self.slowest_answer = max(self.slowest_answer, time.monotonic() - asked)
            if status == 200:
                return
            time.sleep(0.02)
        raise AssertionError(f"not ready after {_PATIENCE:g} s")


def remember(settings: Settings, keys: int) -> Result:
    """Throughput of dedupe at ``keys`` known keys; the remarks say what else they cost."""
    rng = random.Random(7)
    again = rng.sample(range(keys), _EVENTS // 2)
    remembered.remember(settings, keys, again)
    WORKPLACE.mkdir(exist_ok=True)
    directory = Path(tempfile.mkdtemp(prefix="keys-", dir=WORKPLACE))
    worker = _Worker(settings, directory)
    try:
        with worker.running(signal.SIGTERM):
            recovery = Metrics(settings.worker_web_port)
            worker.wait_until_settled()
        slowest = worker.slowest_answer
        numbers = [*again, *range(keys, keys + _EVENTS - len(again))]
        rng.shuffle(numbers)
        preload(settings, (remembered.body(settings, number) for number in numbers))
        with worker.running(signal.SIGKILL) as after_term:
            first, last = _drained(settings)
        with worker.running(signal.SIGTERM) as after_kill:
            pass
        known, unknown = _lookup_us(settings, directory / "data" / "seen", keys, again)
        disk_mb = sum(path.stat().st_size for path in (directory / "data").rglob("*") if path.is_file()) / 1e6
    finally:
        shutil.rmtree(directory)
    recovered = recovery.sum("bridge_recovery_records_total")
    recovered_per_s = recovered / recovery.sum("bridge_recovery_seconds")
    return between(
        first,
        last,
        rss_mb=worker.rss_mb,
        remarks=f"µs a look-up: {known:.1f} known, {unknown:.1f} unknown; {disk_mb:,.0f} MB on disk; seconds to ready: "
        f"{after_term:.1f} after SIGTERM, {after_kill:.1f} after kill -9; cold recovery {recovered_per_s:,.0f} keys/s, "
        f"{recovery.cpu_seconds / recovered * 1e6:.1f} µs of CPU each, slowest answer meanwhile {slowest:.2f} s",
    )


def _drained(settings: Settings) -> tuple[Metrics, Metrics]:
    """The metrics with the first committed events, and with all."""
    samples = [Metrics(settings.worker_web_port)]
    deadline = time.monotonic() + _PATIENCE
    while samples[-1].sum("bridge_events_total") < _EVENTS:
        assert time.monotonic() < deadline, "the worker does not get through"
        time.sleep(0.2)  # each look costs the worker some milliseconds
        samples.append(Metrics(settings.worker_web_port))
    duplicates = samples[-1].sum("bridge_events_total", 'outcome="duplicate"')
    assert duplicates == _EVENTS // 2, f"{duplicates} duplicates instead of {_EVENTS // 2}"
    return next(sample for sample in samples if sample.sum("bridge_events_total")), samples[-1]


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
    """The best of several times, each with keys of its own: other work has the cores now and then."""
    seconds = []
    for start in range(0, len(keys), _AT_ONCE):
        started = time.perf_counter()
        table.get_many(keys[start : start + _AT_ONCE])
        seconds.append(time.perf_counter() - started)
    return min(seconds) / _AT_ONCE * 1e6


def _peak_rss_mb(pid: int) -> float:
    return _proc(pid, "status", "VmHWM") * 1024 / 1e6


def _written(pid: int) -> int:
    """Bytes that the process has written to disks so far."""
    return _proc(pid, "io", "write_bytes")


def _proc(pid: int, file: str, field: str) -> int:
    lines = Path(f"/proc/{pid}/{file}").read_text().splitlines()
    (line,) = (line for line in lines if line.startswith(f"{field}:"))
    return int(line.split()[1])
