"""Whether one worker, with the shipped settings, gets through what once froze it or cost it too much memory.

`python -m tests.programs.bench.sizes`
"""

import argparse
import asyncio
import shutil
import signal
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from pathlib import Path

from rich.console import Console
from rich.table import Table

from bridge.settings import Settings
from commands.verify.audit import verify
from deploy.local.environment import BrokenEnvironment
from deploy.local.kafka import LocalKafka
from deploy.local.service import WORKPLACE
from tests.programs.bench.deployment import Metrics, deployed
from tests.programs.bench.large_orders import bodies
from tests.programs.bench.restarts import PATIENCE, Restarts
from tests.programs.bench.worker import order_bodies, preload
from tests.programs.chaos.memory_limit import MemoryLimit

_FEED_S = 60.0


def fed_in_a_minute(settings: Settings) -> list[str]:
    """64 partitions, 12,000 orders fed in a minute"""
    with _workplace() as directory, ThreadPoolExecutor(1) as feeder:
        worker = Restarts(settings, directory)
        with worker.running(signal.SIGTERM):
            fed = feeder.submit(preload, settings, _spread(list(order_bodies(settings, 12_000)), _FEED_S))
            _wait(settings, lambda metrics: fed.done() and metrics.sum("bridge_events_total") == fed.result())
            return _through(settings, worker)


def killed_and_wiped(settings: Settings) -> list[str]:
    """16,000 orders of 25 lines behind a backlog of 32,000 events; kill -9; lost disk"""
    with _workplace() as directory:
        worker = Restarts(settings, directory)
        events = bodies(settings.tenant, 16_000, 25, 1)
        count = preload(settings, (next(events) for _ in range(32_000)))
        with worker.running(signal.SIGKILL):
            _wait(settings, lambda metrics: metrics.sum("bridge_events_total") > count / 2)
            count += preload(settings, events)
        with worker.running(signal.SIGKILL):
            _wait(settings, lambda metrics: metrics.sum("bridge_consumer_lag_events") < count / 2)
        shutil.rmtree(worker.data)
        with worker.running(signal.SIGTERM):
            return _through(settings, worker)


def in_little_memory(settings: Settings) -> list[str]:
    """6,000 orders of 60 lines under 768 MiB"""
    preload(settings, bodies(settings.tenant, 6_000, 60, 1))
    with _workplace() as directory, closing(MemoryLimit("sizes", 768)) as limit:
        worker = Restarts(settings, directory, limit.wrapper)
        with worker.running(signal.SIGTERM):
            row = _through(settings, worker)
        assert not limit.kills(worker.log), "killed for memory"
        return row


CASES: dict[Callable[[Settings], list[str]], int] = {fed_in_a_minute: 64, killed_and_wiped: 8, in_little_memory: 8}
"""Cases, and the partitions of each."""


def _spread(events: list[bytes], seconds: float) -> Iterable[bytes]:
    """The events evenly over so many seconds."""
    began = time.monotonic()
    for number, each in enumerate(events):
        if (early := began + seconds * number / len(events) - time.monotonic()) > 0.01:
            time.sleep(early)
        yield each


def _wait(settings: Settings, until: Callable[[Metrics], bool]) -> None:
    deadline = time.monotonic() + PATIENCE
    while not until(Metrics(settings.worker_web_port)):
        assert time.monotonic() < deadline, "the worker does not get through"
        time.sleep(0.5)


def _through(settings: Settings, worker: Restarts) -> list[str]:
    """Seconds until nothing is left, peak memory, and what the ledger says then."""
    began = time.monotonic()
    _wait(settings, lambda metrics: metrics.sum("bridge_consumer_lag_events") == 0)
    seconds = time.monotonic() - began
    ledger = asyncio.run(verify(settings, PATIENCE, int(time.time() * 1000), lambda _read: None))
    return [f"{seconds:.0f}", f"{worker.peak_rss_mb():.0f}", "balances" if ledger.balanced else "does not balance"]


@contextmanager
def _workplace() -> Iterator[Path]:
    directory = Path(tempfile.mkdtemp(prefix="sizes-", dir=WORKPLACE))
    try:
        yield directory
    finally:
        shutil.rmtree(directory)


def main() -> int:
    """Print the table; exit code 1 if a ledger does not balance, 2 if this machine lacks something."""
    parser = argparse.ArgumentParser(prog="python -m tests.programs.bench.sizes", description=__doc__)
    names = [case.__name__ for case in CASES]
    parser.add_argument("--only", nargs="+", choices=names, default=names)
    only = parser.parse_args().only
    console = Console(highlight=False, width=None if sys.stdout.isatty() else 140)
    table = Table("case", "s to the end of the backlog", "peak RSS, MB", "ledger", box=None)
    WORKPLACE.mkdir(exist_ok=True)
    try:
        with LocalKafka() as kafka:
            for case, partitions in CASES.items():
                if case.__name__ in only:
                    with deployed(kafka.bootstrap_servers, partitions) as settings:
                        table.add_row(str(case.__doc__), *case(settings))
    except BrokenEnvironment as error:
        sys.stderr.write(f"{error}\n")
        return 2
    console.print(table)
    return int("does not balance" in table.columns[-1].cells)


if __name__ == "__main__":
    sys.exit(main())
