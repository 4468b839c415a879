"""``make bench``: what one worker and one ingress do on this machine, with Kafka beside them."""

import os
import sys

from rich.console import Console
from rich.table import Table

from deploy.local.environment import BrokenEnvironment
from deploy.local.kafka import LocalKafka
from tests.bench import ingress, worker
from tests.bench.deployment import deployed


def main() -> int:
    """Run every benchmark on one broker and print a table; exit code 2 if this machine lacks something."""
    console = Console(highlight=False, width=None if sys.stdout.isatty() else 140)
    table = Table("benchmark", "per second", "µs of CPU each", "peak RSS, MB", "remarks", box=None)
    try:
        with LocalKafka() as kafka:
            console.print(f"[dim]Kafka: {kafka.rung}; {os.cpu_count()} cores, shared with it")
            for name, measure in {**worker.BENCHMARKS, **ingress.BENCHMARKS}.items():
                with console.status(name), deployed(kafka.bootstrap_servers) as settings:
                    result = measure(settings)
                table.add_row(
                    name, f"{result.rate:,.0f}", f"{result.cpu_us:.1f}", f"{result.rss_mb:.0f}", result.remarks
                )
    except BrokenEnvironment as error:
        sys.stderr.write(f"{error}\n")
        return 2
    console.print(table)
    return 0


if __name__ == "__main__":
    sys.exit(main())
