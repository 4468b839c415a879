"""`python -m tests.programs.bench.tls`: what TLS to the brokers costs, against plaintext in the same run.

One broker has a listener of each kind. Plaintext and TLS (SCRAM, certificates checked) take turns, so that other work
on the machine affects both much the same.
"""

import argparse
import os
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from statistics import mean
from typing import Final

from rich.console import Console
from rich.table import Table

from bridge.kafka.acls import Part
from bridge.settings import Settings
from tests.integration.secured.broker import SecuredBroker
from tests.integration.secured.users import Users
from tests.programs.bench.deployment import Metrics, Result, deployed
from tests.programs.bench.ingress import requests
from tests.programs.bench.worker import drain, side_bodies

AIM: Final = 0.6
"""The least share of plaintext's throughput."""


def main() -> int:
    """Print both and their ratio; exit code 1 if TLS reaches less than the aim."""
    parser = argparse.ArgumentParser(prog="python -m tests.programs.bench.tls", description=__doc__)
    parser.add_argument("--rounds", type=int, default=2, help="of each kind; 2")
    parser.add_argument("--events", type=int, default=100_000, help="that the worker goes through; 100,000")
    asked = parser.parse_args()
    found: dict[tuple[str, str], list[Result]] = {}
    with tempfile.TemporaryDirectory(prefix="bench-tls-") as directory:
        broker = SecuredBroker(Path(directory), audited=False)
        broker.start()
        try:
            for _ in range(asked.rounds):
                for kind in ("plaintext", "TLS"):
                    for service, result in _measured(broker, kind, asked.events):
                        found.setdefault((service, kind), []).append(result)
        finally:
            broker.stop()
    return _told(found)


def _measured(broker: SecuredBroker, kind: str, events: int) -> Iterator[tuple[str, Result]]:
    with _deployed(broker, kind, Part.INGRESS) as settings:
        yield "ingress", requests(settings)

    def done(seen: Metrics, count: int) -> bool:
        return seen.sum("bridge_events_total") >= count

    with _deployed(broker, kind, Part.WORKER) as settings:
        yield "worker, dedupe", drain(settings, side_bodies(settings, events), done)


@contextmanager
def _deployed(broker: SecuredBroker, kind: str, part: Part) -> Iterator[Settings]:
    """A deployment whose service of this part connects by TLS with its own ACLs, or in plaintext as administrator."""
    with deployed(broker.bootstrap_servers) as settings:
        if kind == "plaintext":
            yield settings
            return
        users = Users(broker, settings)
        users.add_all()
        with _changed(users.scram(part)):
            yield settings


@contextmanager
def _changed(variables: Mapping[str, str]) -> Iterator[None]:
    before = dict(os.environ)
    os.environ.update(variables)
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(before)


def _told(found: Mapping[tuple[str, str], list[Result]]) -> int:
    table = Table(
        "service", "plaintext, a second", "TLS, a second", "TLS / plaintext", "µs of CPU, plaintext", "TLS", box=None
    )
    enough = True
    for service in dict.fromkeys(service for service, _ in found):
        plain, tls = found[service, "plaintext"], found[service, "TLS"]
        ratio = mean(each.rate for each in tls) / mean(each.rate for each in plain)
        enough = enough and ratio >= AIM
        table.add_row(service, _rates(plain), _rates(tls), f"{ratio:.0%}", _costs(plain), _costs(tls))
    Console(highlight=False, width=None if sys.stdout.isatty() else 140).print(table)
    return 0 if enough else 1


def _rates(results: list[Result]) -> str:
    return ", ".join(f"{each.rate:,.0f}" for each in results)


def _costs(results: list[Result]) -> str:
    return ", ".join(f"{each.cpu_us:.1f}" for each in results)


if __name__ == "__main__":
    sys.exit(main())
