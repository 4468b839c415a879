"""What a rolling deployment costs: three workers with full tables are away for a while, one after the other.

`python -m tests.programs.bench.rolling --keys 5000000 --orders 100000`
"""

import argparse
import signal
import sys
import tempfile
import time
from contextlib import closing
from pathlib import Path
from typing import NamedTuple

from rich.console import Console
from rich.table import Table

from deploy.local.environment import BrokenEnvironment
from deploy.local.kafka import LocalKafka
from tests.integration.exactly_once.deployment import PARTITIONS, Deployment, wait_for_lanes
from tests.integration.exactly_once.service import Service
from tests.integration.waiting import wait_until
from tests.programs.bench.remembered import remember
from tests.programs.bench.restarts import PATIENCE
from tests.programs.bench.worker import order_bodies, preload
from tests.programs.chaos.stalls import Watcher

_DEFAULTS = {"session_timeout": "", "transaction_timeout": "", "chunk_records": ""}
"""The product's defaults; the tests' deployment has other values."""
_NAMES = ("worker-0", "worker-1", "worker-2")
_READ = "bridge_recovery_records_total"


class Restart(NamedTuple):
    """One worker's restart. Times in seconds. `read`: changelog records. `stall`: a read_committed reader's longest."""

    stopped: float
    ready: float
    read: int
    taken_over: int
    stall: float


class Site:
    """Three workers, static members of their group, and a consumer that watches."""

    def __init__(self, deployment: Deployment, watcher: Watcher) -> None:
        self._deployment, self._watcher = deployment, watcher
        self._workers = {name: self._start(name) for name in _NAMES}
        wait_for_lanes(*self._workers.values(), seconds=PATIENCE)
        deployment.wait_settled(PATIENCE)

    @property
    def read(self) -> int:
        """Changelog records that the workers have read."""
        return sum(int(worker.metric(_READ)) for worker in self._workers.values())

    def restart(self, name: str, away: float) -> Restart:
        """Send SIGTERM to a worker, and start it again with its data `away` seconds after its end."""
        others = [worker for each, worker in self._workers.items() if each != name]
        theirs = [worker.lanes() for worker in others]
        self._watcher.take_longest_stall()
        began = time.monotonic()
        self._workers[name].signal(signal.SIGTERM)
        assert self._workers[name].wait() == 0
        ended = time.monotonic()
        wait_until("it was away for long enough", lambda: time.monotonic() > ended + away, seconds=2 * away + 1)
        taken_over = len(set().union(*(worker.lanes() for worker in others)) - set().union(*theirs))
        started = time.monotonic()
        self._workers[name] = self._start(name)
        wait_for_lanes(*self._workers.values(), seconds=PATIENCE)
        ready = time.monotonic()
        self._deployment.wait_for_progress()
        read = int(self._workers[name].metric(_READ))
        time.sleep(1)  # the reader sees what was committed; a stall counts where it ends
        return Restart(ended - began, ready - started, read, taken_over, self._watcher.take_longest_stall())

    def _start(self, name: str) -> Service:
        return self._deployment.worker(name, worker_instance_id=name, **_DEFAULTS)


def rolling(deployment: Deployment, keys: int, orders: int, away: float, servers: str) -> tuple[int, list[Restart]]:
    """How many changelog records make the tables, and each worker's restart under 100 deliveries a second."""
    remember(deployment.settings, keys, ())
    preload(deployment.settings, order_bodies(deployment.settings, orders))
    watcher = Watcher(servers, deployment.names, PARTITIONS)
    with watcher.watching():
        site = Site(deployment, watcher)
        read = site.read
        with deployment.load.flowing(per_second=100):
            deployment.wait_for_progress()
            return read, [site.restart(name, away) for name in _NAMES]


def main() -> int:
    """Print a table. Exit code 1: a partition changed hands; 2: this machine lacks something."""
    parser = argparse.ArgumentParser(prog="python -m tests.programs.bench.rolling", description=__doc__)
    parser.add_argument("--keys", type=int, default=5_000_000, help="that the workers remember; 5,000,000")
    parser.add_argument("--orders", type=int, default=100_000, help="that they know; 100,000")
    parser.add_argument("--away", type=float, default=20.0, help="seconds between a worker's end and its start; 20")
    asked = parser.parse_args()
    try:
        with (
            tempfile.TemporaryDirectory() as directory,
            LocalKafka(own=True) as kafka,
            closing(Deployment(kafka.bootstrap_servers, "rolling", Path(directory))) as deployment,
        ):
            read, restarts = rolling(deployment, asked.keys, asked.orders, asked.away, kafka.bootstrap_servers)
    except BrokenEnvironment as error:
        sys.stderr.write(f"{error}\n")
        return 2
    _show(read, restarts, asked.away)
    return int(any(each.taken_over for each in restarts))


def _show(read: int, restarts: list[Restart], away: float) -> None:
    console = Console(highlight=False, width=None if sys.stdout.isatty() else 140)
    console.print(f"read when all were cold: {read:,} changelog records; each worker was away for {away:g} s")
    table = Table("worker", "stopped, s", "ready, s", "records read", "lanes taken over", "longest stall, s", box=None)
    for name, each in zip(_NAMES, restarts, strict=True):
        row = (f"{each.stopped:.1f}", f"{each.ready:.1f}", f"{each.read:,}", str(each.taken_over), f"{each.stall:.1f}")
        table.add_row(name, *row)
    console.print(table)


if __name__ == "__main__":
    sys.exit(main())
