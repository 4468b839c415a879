"""``make bench``: what one worker and one ingress do on this machine, with Kafka beside them.

``python -m tests.bench --keys 1000000 20000000`` measures what it costs to remember so many keys instead.
"""

import argparse
import os
import sys

from rich.console import Console
from rich.table import Table

from deploy.local.environment import BrokenEnvironment
from deploy.local.kafka import LocalKafka
from tests.bench import ingress, keys, worker
from tests.bench.deployment import deployed


def main() -> int:
    """Run benchmarks on one broker and print a table; exit code 2 if this machine lacks something."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench")
    parser.add_argument("--keys", type=int, nargs="+", metavar="N", help="numbers of keys that the worker remembers")
    counts = parser.parse_args().keys
    console = Console(highlight=False, width=None if sys.stdout.isatty() else 160)
    try:
        with LocalKafka(own=True) as kafka:
            console.print(f"[dim]Kafka: {kafka.rung}; {os.cpu_count()} cores, shared with it")
            servers = kafka.bootstrap_servers
            console.print(_keys(console, servers, counts) if counts else _services(console, servers))
    except BrokenEnvironment as error:
        sys.stderr.write(f"{error}\n")
        return 2
    return 0


def _services(console: Console, servers: str) -> Table:
    table = Table("benchmark", "per second", "µs of CPU each", "peak RSS, MB", "remarks", box=None)
    for name, measure in {**worker.BENCHMARKS, **ingress.BENCHMARKS}.items():
        with console.status(name), deployed(servers) as settings:
            result = measure(settings)
        table.add_row(name, f"{result.rate:,.0f}", f"{result.cpu_us:.1f}", f"{result.rss_mb:.0f}", result.remarks)
    return table


def _keys(console: Console, servers: str, counts: list[int]) -> Table:
    table = Table("keys", "dedupe, events/s", "µs a look-up: known, unknown", "peak RSS, MB", "disk, MB", box=None)
    for heading in ("s to ready: after SIGTERM, kill -9", "cold recovery, keys/s", "slowest answer then, s"):
        table.add_column(heading)
    for count in counts:
        with console.status(f"{count:,} keys"), deployed(servers) as settings:
            cost = keys.measure(settings, count)
        table.add_row(
            f"{cost.keys:,}",
            f"{cost.rate:,.0f}",
            "{:.1f}, {:.1f}".format(*cost.lookup_us),
            f"{cost.rss_mb:.0f}",
            f"{cost.disk_mb:,.0f}",
            "{:.1f}, {:.1f}".format(*cost.restart_s),
            f"{cost.recovered_per_s:,.0f}",
            f"{cost.answer_s:.2f}",
        )
    return table


if __name__ == "__main__":
    sys.exit(main())
