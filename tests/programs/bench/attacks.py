"""How an ingress and a worker under a memory limit treat honest callers during each attack, and how much memory they
have a minute later: `python -m tests.programs.bench.attacks`."""

import argparse
import contextlib
import json
import os
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from rich.console import Console
from rich.table import Table

from bridge.settings import Settings
from deploy.local.kafka import LocalKafka
from tests.integration.waiting import wait_until
from tests.programs.bench.attackers import ATTACKS
from tests.programs.bench.deployment import Metrics, deployed
from tests.programs.chaos.memory_limit import MemoryLimit

_START_S = 60.0


class Limited:
    """A service that runs under the limit."""

    def __init__(self, service: str, port: int, limit: MemoryLimit, directory: Path) -> None:
        self.port, self._limit, self._log = port, limit, directory / f"{service}.log"
        with self._log.open("wb") as log:
            command = [*limit.wrapper, sys.executable, "-m", "commands", service]
            self._process = subprocess.Popen(command, stdout=log, stderr=log, cwd=directory)

    def wait_until_ready(self) -> None:
        """Return once `/readyz` answers 200."""
        wait_until("it is ready", self._is_ready, lambda: self._log.read_text()[-2000:], seconds=_START_S)

    def refused(self) -> str:
        """What the service has refused, by cause."""
        with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/metrics", timeout=30) as answer:
            lines = answer.read().decode().splitlines()
        counts = [
            line.split('cause="')[1].split('"} ') for line in lines if line.startswith("bridge_http_refused_total")
        ]
        return ", ".join(f"{cause} {float(count):,.0f}" for cause, count in counts if float(count))

    @property
    def rss_mib(self) -> float:
        """Resident set, in MiB."""
        return Metrics(self.port).rss_mb * 1e6 / (1 << 20)

    @property
    def fate(self) -> str:
        """Whether it lives, was killed, or ended."""
        if self._process.poll() is None:
            return "killed" if self._limit.kills(self._log) else "lives"
        return f"ended with {self._process.returncode}"

    def end(self) -> None:
        """Send SIGTERM, and wait for its end."""
        self._process.terminate()
        try:
            self._process.wait(30)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()

    def _is_ready(self) -> bool:
        with contextlib.suppress(OSError), urllib.request.urlopen(f"http://127.0.0.1:{self.port}/readyz", timeout=5):
            return True
        return False


@contextmanager
def _attacking(name: str, port: int) -> Iterator[None]:
    process = subprocess.Popen([sys.executable, "-m", "tests.programs.bench.attackers", name, str(port)])
    try:
        yield
    finally:
        process.kill()
        process.wait()


def _honest(port: int, seconds: float, service: str) -> dict[str, object]:
    command = [sys.executable, "-m", "tests.programs.bench.honest", str(port), str(seconds), service]
    told: dict[str, object] = json.loads(subprocess.run(command, capture_output=True, text=True, check=True).stdout)
    return told


def _run(name: str, settings: Settings, asked: argparse.Namespace) -> list[str]:
    attack = ATTACKS[name]
    port = settings.ingress_port if attack.service == "ingress" else settings.worker_web_port
    with tempfile.TemporaryDirectory() as scratch:
        limit = MemoryLimit(f"attacked-{attack.service}", asked.mib)
        service = Limited(attack.service, port, limit, Path(scratch))
        try:
            service.wait_until_ready()
            _honest(port, 3, attack.service)
            before = service.rss_mib
            with _attacking(name, port):
                told = _honest(port, asked.seconds, attack.service)
            refused, after = "", 0.0
            if service.fate == "lives":
                refused = service.refused()
                time.sleep(asked.rest)
                after = service.rss_mib
            most = limit.most_mib
        finally:
            fate = service.fate
            service.end()
            limit.close()
    waits = " / ".join(f"{told[key]:.0f}" for key in ("p50", "p99", "most"))
    memory = f"{before:.0f} / {most or 0:.0f} / {after:.0f}"
    return [name, fate, waits, f"{told['failed'] or '-'} of {told['calls']}", memory, refused]


def main() -> int:
    """Run the attacks, each on services of its own, and print a table."""
    parser = argparse.ArgumentParser(prog="python -m tests.programs.bench.attacks", description=__doc__)
    parser.add_argument("only", nargs="*", help="names of attacks, or their beginnings; default: all")
    parser.add_argument("--mib", type=int, default=768, help="memory limit; 768")
    parser.add_argument("--seconds", type=float, default=20, help="of each attack; 20")
    parser.add_argument("--rest", type=float, default=60, help="seconds after it, before memory is looked at again; 60")
    asked = parser.parse_args()
    names = [name for name in ATTACKS if not asked.only or name.startswith(tuple(asked.only))]
    table = Table("attack", "service", "honest p50 / p99 / most, ms", "failed", "MiB before / most / later", "refused")
    console = Console(highlight=False, width=None if sys.stdout.isatty() else 200)
    with LocalKafka() as kafka:
        console.print(
            f"[dim]Kafka: {kafka.rung}; {os.cpu_count()} cores, shared with it and with both kinds of callers"
        )
        for name in names:
            with console.status(name), deployed(kafka.bootstrap_servers) as settings:
                table.add_row(*_run(name, settings, asked))
    console.print(table)
    return 0


if __name__ == "__main__":
    sys.exit(main())
