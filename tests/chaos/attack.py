"""One run: a site under load, its faults one after the other, and what the checker finds afterwards."""

import random
import shutil
import tempfile
import time
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from processors.engine.errors import StandstillError
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
_SILENT = 0.5


@dataclass(frozen=True, slots=True)
class Result:
    """What a run amounts to.

    ``deliveries`` were answered 200; ``events`` tell how many different ones that were, ``conflicts`` how many payloads
    contradicted one of them, ``malformed`` how many bodies were no event. ``violations``: everything the checker found.
    ``stalls``: by fault, and for the time before the first, the longest stall that ended before the next one;
    ``longest_delay``: see ``Watcher``; both in seconds, as ``took``.
    """

    deliveries: int
    events: int
    conflicts: int
    malformed: int
    violations: list[str]
    stalls: dict[str, float]
    longest_delay: float
    took: float


def attack(run: Run, deliveries_wanted: int, logs: Path) -> Result:
    """Carry out the run, with at least so many accepted deliveries, and check it. AssertionError: it did not recover.

    ``logs``: a directory that has what the services wrote, afterwards, and in ``diary.log`` what was done to them.
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
            sender, watcher, stalls = _under_fire(site, run, deliveries_wanted)
            found = deployment.counter_examples(sender.sent, sender.meanings, sender.traces)
            violations = [*found, *_standstills(Path(scratch))]
            site.diary.note(f"checked: {len(violations)} violations")
        finally:
            _keep(Path(scratch), logs)
        return Result(
            deliveries=sender.sent.total(),
            **_kinds(sender),
            violations=violations,
            stalls=stalls,
            longest_delay=watcher.longest_delay,
            took=time.monotonic() - started,
        )


def _kinds(sender: Sender) -> dict[str, int]:
    told = [meaning for body, meaning in sender.meanings.items() if sender.sent[body]]
    payloads = {(meaning.event, meaning.payload) for meaning in told if meaning is not None}
    events = {event for event, _ in payloads}
    return {"events": len(events), "conflicts": len(payloads) - len(events), "malformed": told.count(None)}


def _keep(scratch: Path, logs: Path) -> None:
    shutil.rmtree(logs, ignore_errors=True)
    logs.mkdir(parents=True)
    for log in (*scratch.glob("*.log"), *scratch.glob("broker-*/broker.log")):
        shutil.copy(log, logs / (f"{log.parent.name}.log" if log.name == "broker.log" else log.name))


def _under_fire(site: Site, run: Run, deliveries_wanted: int) -> tuple[Sender, Watcher, dict[str, float]]:
    rng = random.Random(run.seed)
    ports = [site.start_ingress(name).port for name in _INGRESSES]
    for number in range(run.workers):
        site.start_worker(f"worker-{number}")
    site.wait_well()
    site.diary.note(f"{run}: all are ready")
    sender = Sender(deliveries(run.seed), ports)
    watcher = Watcher(site.cluster.bootstrap_servers, site.deployment.names, PARTITIONS)
    stalls, before = dict[str, float](), "start"
    with watcher.watching():
        with sender.flowing():
            for name in run.faults:
                time.sleep(rng.uniform(0.5, 2))  # faults find the site at work, not always at its beginning
                stalls[before] = watcher.take_longest_stall()
                _inflict(site, sender, name, rng)
                before = name
            wait_until("enough is sent", lambda: sender.sent.total() >= deliveries_wanted, seconds=10 * PATIENCE)
        site.diary.note(f"{sender.sent.total()} deliveries are accepted: {dict(sender.answers)}")
        site.deployment.wait_settled(2 * PATIENCE)
    stalls[before] = watcher.take_longest_stall()
    site.diary.note("all are processed")
    return sender, watcher, stalls


def _inflict(site: Site, sender: Sender, name: str, rng: random.Random) -> None:
    """Every other time nothing new comes behind it, that would carry along what got stuck."""
    site.diary.note(f"{name} begins")
    FAULTS[name](site, rng)
    site.diary.note(f"{name} is over")
    if rng.random() < _SILENT:
        with sender.silent():
            site.wait_well()
            site.deployment.wait_settled(2 * PATIENCE)
            site.diary.note("all is processed, in silence")
    site.wait_well()
    site.diary.note("all are ready")


def _standstills(scratch: Path) -> list[str]:
    """A lane that had to be opened anew to go on has lost nothing, but stood for a minute without a reason."""
    logs = sorted(scratch.glob("*.log"))
    return [f"{log.stem}: a lane stood still" for log in logs if StandstillError.__name__ in log.read_text()]
