"""One run: a site under load, its faults one after the other, and what the checker finds afterwards."""

import random
import shutil
import tempfile
import time
from collections import Counter
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from tests.chaos.cluster import cluster
from tests.chaos.faults import FAULTS
from tests.chaos.plan import Run
from tests.chaos.sender import Sender
from tests.chaos.simulated import deliveries
from tests.chaos.site import PATIENCE, Site
from tests.chaos.stalls import Watcher
from tests.integration.exactly_once.deliveries import TENANT
from tests.integration.exactly_once.deployment import PARTITIONS, Deployment
from tests.integration.waiting import wait_until

_INGRESSES = ("ingress-1", "ingress-2")


@dataclass(frozen=True, slots=True)
class Result:
    """``violations``: everything the checker found; ``longest_stall``: see ``Watcher``; ``took``: seconds.

    ``deliveries`` were answered 200, ``events`` of them were events seen for the first time.
    """

    deliveries: int
    events: int
    violations: list[str]
    longest_stall: float
    took: float
    answers: Counter[str]


def attack(run: Run, deliveries_wanted: int, logs: Path) -> Result:
    """Carry out the run, with at least so many accepted deliveries, and check it. AssertionError: it did not recover.

    ``logs``: a directory that has what the services wrote, afterwards.
    """
    started = time.monotonic()
    with (
        tempfile.TemporaryDirectory(prefix="bridge-chaos-") as scratch,
        cluster(run.brokers, Path(scratch), relayed=run.relayed) as brokers,
        closing(
            Deployment(brokers.bootstrap_servers, f"chaos-{run.seed}", Path(scratch), TENANT, brokers.replication)
        ) as deployment,
    ):
        site = Site(brokers, deployment, Path(scratch), static=run.static)
        try:
            sender, watcher = _under_fire(site, run, deliveries_wanted)
            violations = deployment.counter_examples(sender.sent, sender.meanings)
        finally:
            _keep(Path(scratch), logs)
        return Result(
            deliveries=sender.sent.total(),
            events=len({meaning.event for body, meaning in sender.meanings.items() if meaning and sender.sent[body]}),
            violations=violations,
            longest_stall=watcher.longest,
            took=time.monotonic() - started,
            answers=sender.answers,
        )


def _keep(scratch: Path, logs: Path) -> None:
    shutil.rmtree(logs, ignore_errors=True)
    logs.mkdir(parents=True)
    for log in (*scratch.glob("*.log"), *scratch.glob("broker-*/broker.log")):
        shutil.copy(log, logs / (f"{log.parent.name}.log" if log.name == "broker.log" else log.name))


def _under_fire(site: Site, run: Run, deliveries_wanted: int) -> tuple[Sender, Watcher]:
    rng = random.Random(run.seed)
    ports = [site.start_ingress(name).port for name in _INGRESSES]
    for number in range(run.workers):
        site.start_worker(f"worker-{number}")
    site.wait_well()
    sender = Sender(deliveries(run.seed), ports)
    watcher = Watcher(site.cluster.bootstrap_servers, site.deployment.names, PARTITIONS)
    with watcher.watching():
        with sender.flowing():
            for name in run.faults:
                time.sleep(rng.uniform(0.5, 2))  # faults find the site at work, not always at its beginning
                FAULTS[name](site, rng)
                site.wait_well()
            wait_until("enough is sent", lambda: sender.sent.total() >= deliveries_wanted, seconds=10 * PATIENCE)
        site.deployment.wait_settled(2 * PATIENCE)
    return sender, watcher
