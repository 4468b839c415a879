"""What one worker, one ingress, queries and a backfill do on this machine: `python -m tests.programs.bench`."""

import argparse
import os
import sys
from collections.abc import Callable, Mapping
from functools import partial

from rich.console import Console
from rich.table import Table

from bridge.settings import Settings
from deploy.local.environment import BrokenEnvironment
from deploy.local.kafka import LocalKafka
from tests.programs.bench import backfill, ingress, keys, queries, worker
from tests.programs.bench.deployment import Result, deployed


def main() -> int:
    """Run the benchmarks on one broker and print a table; exit code 2 if this machine lacks what one needs."""
    parser = argparse.ArgumentParser(prog="python -m tests.programs.bench", description=__doc__)
    parser.add_argument("only", nargs="*", help="names of benchmarks, or their beginnings; default: all")
    parser.add_argument(
        "--keys", type=int, nargs="+", default=[1_000_000], help="that the worker remembers; 1,000,000; several: each"
    )
    parser.add_argument("--lines", type=int, default=100_000, help="of the export file to backfill; 100,000")
    asked = parser.parse_args()
    benchmarks: dict[str, Callable[[Settings], Result]] = {
        **worker.BENCHMARKS,
        **ingress.BENCHMARKS,
        **queries.BENCHMARKS,
        **{f"keys, {count:,}": partial(keys.remember, keys=count) for count in asked.keys},
        "backfill": partial(backfill.backfill, lines=asked.lines),
    }
    chosen = {name: each for name, each in benchmarks.items() if not asked.only or name.startswith(tuple(asked.only))}
    console = Console(highlight=False, width=None if sys.stdout.isatty() else 140)
    try:
        with LocalKafka() as kafka:
            console.print(f"[dim]Kafka: {kafka.rung}; {os.cpu_count()} cores, shared with it")
            lacking = _measured(chosen, kafka.bootstrap_servers, console)
    except BrokenEnvironment as error:
        lacking = [error]
    sys.stderr.writelines(f"{error}\n" for error in lacking)
    return 2 if lacking else 0


def _measured(
    benchmarks: Mapping[str, Callable[[Settings], Result]], bootstrap_servers: str, console: Console
) -> list[BrokenEnvironment]:
    """Print a table of what could be measured; return why the rest could not."""
    table = Table("benchmark", "per second", "µs of CPU each", "peak RSS, MB", "remarks", box=None)
    lacking = []
    for name, measure in benchmarks.items():
        try:
            with console.status(name), deployed(bootstrap_servers) as settings:
                result = measure(settings)
        except BrokenEnvironment as error:
            lacking.append(error)
            continue
        table.add_row(name, f"{result.rate:,.0f}", f"{result.cpu_us:.1f}", f"{result.rss_mb:.0f}", result.remarks)
    console.print(table)
    return lacking


if __name__ == "__main__":
    sys.exit(main())
