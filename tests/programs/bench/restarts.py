"""Worker processes one after the other, on one data directory."""

import os
import signal
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from bridge.settings import Settings
from tests.integration.exactly_once.service import Service

PATIENCE = 900.0
_SETTLED_S = 3.0


class Restarts:
    """`directory`: holds their data and log. `wrapper`: a command that runs the rest of its arguments."""

    def __init__(self, settings: Settings, directory: Path, wrapper: Sequence[str] = ()) -> None:
        self._port, self._directory, self._wrapper = settings.worker_web_port, directory, wrapper
        self.rss_mb = 0.0
        """The largest resident set of any of these workers."""
        self.slowest_answer = 0.0
        """The most seconds that the last worker took to answer `/readyz` until it was ready."""

    @property
    def data(self) -> Path:
        """Where their tables are."""
        return self._directory / "data"

    @property
    def log(self) -> Path:
        """What they wrote."""
        return self._directory / "worker.log"

    @contextmanager
    def running(self, stop: signal.Signals) -> Iterator[float]:
        """Run a worker during the block; give the seconds until it was ready. `stop` ends it."""
        environment = {
            **os.environ,
            "BRIDGE_WORKER_DATA_DIR": str(self.data),
            "BRIDGE_WORKER_INSTANCE_ID": "bench",
        }
        started = time.monotonic()
        service = Service("worker", environment, self._port, self.log, self._wrapper)
        try:
            self._wait_until_ready(service)
            self._pid = service.pid
            yield time.monotonic() - started
            self.rss_mb = max(self.rss_mb, _peak_rss_mb(service.pid))
            service.signal(stop)
            service.wait()
        finally:
            service.end()

    def peak_rss_mb(self) -> float:
        """The largest resident set, so far, of the worker that runs."""
        return _peak_rss_mb(self._pid)

    def wait_until_settled(self) -> None:
        """Return once the worker has written nothing for a while: RocksDB goes on sorting what a recovery has read."""
        seen, since = -1, time.monotonic()
        while time.monotonic() - since < _SETTLED_S:
            if (written := _written(self._pid)) != seen:
                seen, since = written, time.monotonic()
            time.sleep(0.2)

    def _wait_until_ready(self, service: Service) -> None:
        deadline, self.slowest_answer = time.monotonic() + PATIENCE, 0.0
        while time.monotonic() < deadline:
            asked = time.monotonic()
            status = service.status("/readyz")
            if status is not None:
                self.slowest_answer = max(self.slowest_answer, time.monotonic() - asked)
            if status == 200:
                return
            time.sleep(0.02)
        raise AssertionError(f"not ready after {PATIENCE:g} s")


def _peak_rss_mb(pid: int) -> float:
    return _proc(pid, "status", "VmHWM") * 1024 / 1e6


def _written(pid: int) -> int:
    """Bytes that the process has written to disks so far."""
    return _proc(pid, "io", "write_bytes")


def _proc(pid: int, file: str, field: str) -> int:
    lines = Path(f"/proc/{pid}/{file}").read_text().splitlines()
    (line,) = (line for line in lines if line.startswith(f"{field}:"))
    return int(line.split()[1])
