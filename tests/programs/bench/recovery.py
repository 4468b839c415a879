"""How long the cleaned topics stand still after the worst that can happen to a worker or the broker.

`python -m tests.programs.bench.recovery`
"""

import sys
import tempfile
import time
from contextlib import closing
from pathlib import Path

from rich.console import Console
from rich.table import Table

from deploy.local.environment import BrokenEnvironment
from deploy.local.kafka import LocalKafka
from tests.integration.exactly_once.deployment import PARTITIONS, Deployment, wait_for_lanes
from tests.integration.exactly_once.service import Service
from tests.programs.chaos.stalls import Watcher

_TIMES = 3
_DEFAULTS = {"session_timeout": "10s", "transaction_timeout": "10s", "chunk_records": "5000"}
"""The product's defaults without an instance id; the tests' deployment has other values."""


class Site:
    """Two workers, static members of their group, under a load of 100 deliveries a second; a consumer watches."""

    def __init__(self, kafka: LocalKafka, deployment: Deployment, watcher: Watcher) -> None:
        self.kafka, self.deployment, self.watcher = kafka, deployment, watcher
        self.workers = [self.start(name) for name in ("worker-0", "worker-1")]
        self.wait_well()

    def start(self, name: str) -> Service:
        """Start a worker, in place of one with the same name."""
        return self.deployment.worker(name, worker_instance_id=name, **_DEFAULTS)

    def seconds_to_flow(self) -> float:
        """Wait until the group has committed more of every raw partition; return the seconds."""
        began = time.monotonic()
        self.deployment.wait_for_progress()
        return time.monotonic() - began

    def wait_well(self) -> None:
        """Return once both workers have lanes and have done what was held up."""
        wait_for_lanes(*self.workers)
        self.seconds_to_flow()


def worker_restarted(site: Site) -> float:
    """kill -9 of a worker: from its restart until all partitions flow (at most 5)."""
    site.workers[1].end()
    site.workers[1] = site.start("worker-1")
    return site.seconds_to_flow()


def broker_back(site: Site) -> float:
    """kill -9 of the broker: from its first answer until all partitions flow (at most 10)."""
    site.kafka.kill()
    site.kafka.start()
    return site.seconds_to_flow()


def worker_gone(site: Site) -> float:
    """kill -9 of a worker that is not restarted: longest stall of a read_committed reader (at most 25)."""
    site.watcher.take_longest_stall()
    site.workers[1].end()
    wait_for_lanes(site.workers[0])
    site.seconds_to_flow()
    time.sleep(1)  # the reader sees what was committed; a stall counts where it ends
    stall = site.watcher.take_longest_stall()
    site.workers[1] = site.start("worker-1")
    return stall


def main() -> int:
    """Inflict every fault several times and print the seconds. Exit code 2: this machine lacks something."""
    table = Table("seconds", *(str(number) for number in range(1, _TIMES + 1)), box=None)
    try:
        with (
            tempfile.TemporaryDirectory() as directory,
            LocalKafka(own=True) as kafka,
            closing(Deployment(kafka.bootstrap_servers, "recovery", Path(directory))) as deployment,
        ):
            watcher = Watcher(kafka.bootstrap_servers, deployment.names, PARTITIONS)
            with watcher.watching(), deployment.load.flowing(per_second=100):
                site = Site(kafka, deployment, watcher)
                for fault in (worker_restarted, broker_back, worker_gone):
                    seconds = []
                    for _ in range(_TIMES):
                        seconds.append(f"{fault(site):.1f}")
                        site.wait_well()
                    table.add_row(fault.__doc__, *seconds)
            deployment.check()
    except BrokenEnvironment as error:
        sys.stderr.write(f"{error}\n")
        return 2
    Console(highlight=False, width=None if sys.stdout.isatty() else 140).print(table)
    return 0


if __name__ == "__main__":
    sys.exit(main())
