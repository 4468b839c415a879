"""How much memory a worker takes at most, with every lane busy on large orders.

`python -m tests.programs.bench.memory --lines 100 --partitions 8 64`
"""

import argparse
import shutil
import signal
import sys
import tempfile
import time
from pathlib import Path

from rich.console import Console
from rich.table import Table

from bridge.settings import Settings
from deploy.local.environment import BrokenEnvironment
from deploy.local.kafka import LocalKafka
from deploy.local.service import WORKPLACE
from tests.programs.bench.deployment import Metrics, deployed
from tests.programs.bench.large_orders import bodies
from tests.programs.bench.restarts import Restarts
from tests.programs.bench.worker import preload, preload_orders

_PATIENCE_S = 1800.0


def measure(settings: Settings, orders: int, lines: int, backlogs: int) -> list[list[str]]:
    """A row of the table for each backlog; the same worker processes one after the other."""
    directory = Path(tempfile.mkdtemp(prefix="memory-", dir=WORKPLACE))
    worker, rows, count = Restarts(settings, directory), [], 0
    try:
        count += _backlog(settings, orders, lines, 1)
        with worker.running(signal.SIGTERM):
            for backlog in range(1, backlogs + 1):
                if backlog > 1:
                    count += _backlog(settings, orders, lines, backlog)
                rows.append([str(settings.partitions), str(backlog), *_drained(settings, worker, count)])
    finally:
        shutil.rmtree(directory)
    return rows


def _backlog(settings: Settings, orders: int, lines: int, seed: int) -> int:
    """A backlog for both agents, half of the orders each: dedupe alone is too fast to leave one. Returns the number of
    raw events."""
    preload_orders(settings, bodies(settings.tenant, orders // 2, lines, 2 * seed))
    return preload(settings, bodies(settings.tenant, orders // 2, lines, 2 * seed + 1))


def _drained(settings: Settings, worker: Restarts, count: int) -> list[str]:
    first = Metrics(settings.worker_web_port)
    deadline = time.monotonic() + _PATIENCE_S
    last = first
    while last.sum("bridge_events_total") < count or last.sum("bridge_consumer_lag_events"):
        assert time.monotonic() < deadline, "the worker does not get through"
        time.sleep(0.5)
        last = Metrics(settings.worker_web_port)
    time.sleep(3)
    after = Metrics(settings.worker_web_port)
    events = last.sum("bridge_events_total") - first.sum("bridge_events_total")
    cpu = (last.cpu_seconds - first.cpu_seconds) / events * 1e6 if events else 0.0
    units = last.sum("bridge_chunk_events_count") - first.sum("bridge_chunk_events_count")
    return [
        f"{events:,.0f}",
        f"{events / (last.at - first.at):,.0f}",
        f"{cpu:,.0f}",
        f"{units:,.0f}",
        f"{worker.peak_rss_mb():,.0f}",
        f"{after.rss_mb:,.0f}",
    ]


def main() -> int:
    """Print the table; exit code 2 if this machine lacks something."""
    parser = argparse.ArgumentParser(prog="python -m tests.programs.bench.memory", description=__doc__)
    parser.add_argument("--partitions", type=int, nargs="+", default=[8, 64])
    parser.add_argument("--orders", type=int, default=6000, help="in one backlog, seven events each; 6,000")
    parser.add_argument("--lines", type=int, default=100, help="of each order; 100")
    parser.add_argument("--backlogs", type=int, default=1, help="one after the other; 1")
    asked = parser.parse_args()
    console = Console(highlight=False, width=None if sys.stdout.isatty() else 140)
    columns = ("partitions", "backlog", "events", "per second", "µs of CPU each", "units", "peak RSS, MB", "RSS then")
    table = Table(*columns, box=None)
    WORKPLACE.mkdir(exist_ok=True)
    try:
        with LocalKafka() as kafka:
            for partitions in asked.partitions:
                with deployed(kafka.bootstrap_servers, partitions) as settings:
                    for row in measure(settings, asked.orders, asked.lines, asked.backlogs):
                        table.add_row(*row)
    except BrokenEnvironment as error:
        sys.stderr.write(f"{error}\n")
        return 2
    console.print(table)
    return 0


if __name__ == "__main__":
    sys.exit(main())
