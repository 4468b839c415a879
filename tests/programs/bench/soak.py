"""Ingress and worker under a steady load from the simulator for minutes or hours, and how their memory grows.

`python -m tests.programs.bench.soak --minutes 30 --rate 2000`
"""

import argparse
import json
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from statistics import mean

from rich.console import Console
from rich.table import Table

from bridge.settings import Settings
from deploy.local.environment import BrokenEnvironment
from deploy.local.kafka import LocalKafka
from deploy.local.service import Service
from tests.programs.bench.deployment import PATIENCE, Metrics, deployed

_EVERY_S = 5.0
_SHARE = 10
"""Memory at a moment is the mean of a tenth of all samples: single ones jump."""


def soak(settings: Settings, minutes: float, rate: float, console: Console) -> None:
    """Print how the memory of both services grows over a run, then whether the ledger balances, which also takes
    minutes."""
    ports = {"ingress": settings.ingress_port, "worker": settings.worker_web_port}
    services = [Service(name, port) for name, port in ports.items()]
    try:
        for service in services:
            service.wait_until_ready()
        load = _load(minutes, rate)
        samples: dict[str, list[float]] = {name: [] for name in ports}
        while load.poll() is None:
            for name, port in ports.items():
                samples[name].append(Metrics(port).rss_mb)
            time.sleep(_EVERY_S)
        sent = json.loads(load.communicate()[0])
        assert load.returncode == 0, sent
        received = Metrics(settings.ingress_port).sum("bridge_ingress_events_total")
        console.print(_growth(samples))
        console.print(f"{received:,.0f} deliveries, {received / (minutes * 60):,.0f} a second of {rate:,.0f}")
        ledger = _bridge("verify", "--wait", f"{PATIENCE}s", "-o", "json")
        console.print(f"the ledger {'balances' if ledger.wait() == 0 else 'DOES NOT BALANCE'}")
    finally:
        for service in services:
            service.stop()


def _growth(samples: Mapping[str, Sequence[float]]) -> Table:
    table = Table("service", "MB after a third", "MB at the end", "growth", box=None)
    for name, megabytes in samples.items():
        share = max(len(megabytes) // _SHARE, 1)
        third = len(megabytes) // 3
        early, late = mean(megabytes[third : third + share]), mean(megabytes[-share:])
        table.add_row(name, f"{early:.1f}", f"{late:.1f}", f"{(late / early - 1) * 100:+.1f} %")
    return table


def _load(minutes: float, rate: float) -> "subprocess.Popen[bytes]":
    return _bridge(
        "simulate", "--duration", f"{minutes:g}min", "--rate", f"{rate:g}", "--duplicates", "0.2", "--seed", "7",
        "--concurrency", "64", "-o", "json",
    )  # fmt: skip


def _bridge(*arguments: str) -> "subprocess.Popen[bytes]":
    return subprocess.Popen(
        [sys.executable, "-m", "commands", *arguments], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
    )


def main() -> int:
    """Print the table; exit code 2 if this machine lacks something."""
    parser = argparse.ArgumentParser(prog="python -m tests.programs.bench.soak", description=__doc__)
    parser.add_argument("--minutes", type=float, default=30)
    parser.add_argument("--rate", type=float, default=2000, help="deliveries a second, a fifth of them repeated")
    asked = parser.parse_args()
    console = Console(highlight=False, width=None if sys.stdout.isatty() else 140)
    try:
        with LocalKafka() as kafka, deployed(kafka.bootstrap_servers) as settings:
            soak(settings, asked.minutes, asked.rate, console)
    except BrokenEnvironment as error:
        sys.stderr.write(f"{error}\n")
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
