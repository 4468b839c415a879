"""A service with a memory limit, as its container has one."""

import http.client
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from deploy.local.service import WORKPLACE
from tests.integration.waiting import wait_until
from tests.programs.chaos.memory_limit import MemoryLimit

_ROOT: Final = Path(__file__).parents[3]


class Process:
    """A service under a memory limit. Settings come from the environment."""

    def __init__(self, command: str, port: int, mib: int) -> None:
        self.port, self.limit = port, MemoryLimit(command, mib)
        self.log = WORKPLACE / f"bodies-{command}.log"
        with self.log.open("wb") as log:
            self._process = subprocess.Popen(
                [*self.limit.wrapper, sys.executable, "-m", "commands", command], cwd=_ROOT, stdout=log, stderr=log
            )
        wait_until(f"the {command} is ready", self._is_ready, lambda: self.log.read_text()[-2000:])

    def _is_ready(self) -> bool:
        assert self._process.poll() is None, self.log.read_text()[-2000:]
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=10)
        try:
            connection.request("GET", "/readyz")
            return connection.getresponse().status == 200
        except OSError:
            return False
        finally:
            connection.close()

    @property
    def rss_mib(self) -> float:
        """MiB of the process and its children."""
        children = Path(f"/proc/{self._process.pid}/task/{self._process.pid}/children").read_text().split()
        return sum(map(_rss_mib, [self._process.pid, *map(int, children)]))

    def state(self) -> str:
        """How often it was killed for memory, and whether it has ended."""
        ended = self._process.poll()
        return f"{self.limit.kills(self.log)} kills" + ("" if ended is None else f", ended with {ended}")

    def end(self) -> None:
        """End it, and remove the limit."""
        self._process.terminate()
        self._process.wait(30)
        self.limit.close()


def _rss_mib(pid: int) -> float:
    try:
        lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    except FileNotFoundError:
        return 0.0
    return sum(int(line.split()[1]) / 1024 for line in lines if line.startswith("VmRSS"))


@contextmanager
def sampling(process: Process) -> Iterator[list[float]]:
    """Sample its resident memory (MiB) every 20 ms."""
    samples, stop = [process.rss_mib], threading.Event()

    def sample() -> None:
        while not stop.wait(0.02):
            samples.append(process.rss_mib)

    thread = threading.Thread(target=sample, daemon=True)
    thread.start()
    try:
        yield samples
    finally:
        stop.set()
        thread.join()
