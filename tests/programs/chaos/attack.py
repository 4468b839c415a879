"""One run: a site under load, its faults one after the other, then the checker."""

import contextlib
import random
import shutil
import tempfile
import time
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from processors.engine.errors import StandstillError
from tests.integration.exactly_once.deliveries import TENANT
from tests.integration.exactly_once.deployment import Deployment
from tests.integration.exactly_once.process import Start, start_bare
from tests.integration.waiting import wait_until
from tests.programs.chaos.cluster import Cluster, cluster
from tests.programs.chaos.faults import FAULTS
from tests.programs.chaos.health import Health
from tests.programs.chaos.marks import MarksReader
from tests.programs.chaos.plan import Run
from tests.programs.chaos.preloaded import forgotten, preload
from tests.programs.chaos.sender import Sender
from tests.programs.chaos.simulated import deliveries
from tests.programs.chaos.site import PATIENCE, Site
from tests.programs.chaos.stalls import Watcher
from tests.programs.checker.losses import Shortfall

_INGRESSES = ("ingress-1", "ingress-2")
_SILENT = 0.5


@dataclass(frozen=True, slots=True)
class Result:
    """What came of a run.

    `deliveries` were answered 200. Of these, `events` are the different events, `conflicts` the payloads that
    contradicted one of them, `malformed` the bodies that were no event. `violations`: all that was found wrong.
    `stalls`: by fault, and for the time before the first one, the longest stall that ended before the next fault.
    `longest_delay`: see `Watcher`. These and `took` are in seconds. `most_mib`: the most that a worker took, if it was
    limited. `lost_by_kafka`: acknowledged records of raw. `halted`: lanes that would not go on after that.
    """

    deliveries: int
    events: int
    conflicts: int
    malformed: int
    violations: list[str]
    stalls: dict[str, float]
    longest_delay: float
    took: float
    most_mib: float | None = None
    lost_by_kafka: int = 0
    halted: int = 0


def attack(
    run: Run, deliveries_wanted: int, logs: Path, per_second: int | None = None, start: Start = start_bare
) -> Result:
    """Carry out the run, with at least so many accepted deliveries (fewer of large orders), and check it.

    `logs`: a directory that afterwards has what the services wrote, and in `diary.log` what was done to them.
    `per_second`: about how many deliveries are sent; None: as many as are accepted. `start`: how services are started.
    AssertionError: the site did not recover.
    """
    started = time.monotonic()
    with (
        tempfile.TemporaryDirectory(prefix="bridge-chaos-") as scratch,
        cluster(run.brokers, Path(scratch), relayed=run.relayed) as brokers,
        closing(_site(run, brokers, Path(scratch), start)) as site,
    ):
        try:
            fought = _fought(site, run, run.size.deliveries(deliveries_wanted), per_second)
            shortfall = site.shortfall()
            violations = [*_found(site, run, fought.sender, shortfall), *fought.unhealthy]
            site.diary.note(f"checked: {len(violations)} violations")
        finally:
            _keep(Path(scratch), logs)
        return Result(
            deliveries=fought.sender.sent.total(),
            **_kinds(fought.sender),
            violations=violations,
            stalls=fought.stalls,
            longest_delay=fought.longest_delay,
            took=time.monotonic() - started,
            most_mib=max((limit.most_mib or 0 for limit in site.limits.values()), default=None),
            lost_by_kafka=len(shortfall.lost),
            halted=len(shortfall.halted),
        )


def _site(run: Run, brokers: Cluster, scratch: Path, start: Start) -> Site:
    deployment = Deployment(
        brokers.bootstrap_servers, f"chaos-{run.seed}", scratch, TENANT, brokers.replication, run.size.settings(), start
    )
    return Site(brokers, deployment, scratch, run.size, static=run.static)


def _found(site: Site, run: Run, sender: Sender, shortfall: Shortfall) -> Iterator[str]:
    """All that is wrong once everything is processed."""
    yield from site.deployment.counter_examples(sender.sent, sender.meanings, sender.traces, shortfall)
    yield from site.killed_for_memory()
    if not site.held_any:  # else a lane may have had every reason to stand still
        yield from _standstills(site.directory)
    if run.size.preloaded and not shortfall.halted:
        site.wait_well()
        yield from forgotten(site.workers, run.size.preloaded)


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


@dataclass(frozen=True, slots=True)
class _Fought:
    """What is known of a run once its services have done all their work. `unhealthy`: what `Health` found."""

    sender: Sender
    stalls: dict[str, float]
    longest_delay: float
    unhealthy: list[str]


def _fought(site: Site, run: Run, deliveries_wanted: int, per_second: int | None) -> _Fought:
    try:
        return _under_fire(site, run, deliveries_wanted, per_second)
    except AssertionError as error:
        if killed := site.killed_for_memory():  # that is why it did not recover
            raise AssertionError("; ".join(killed)) from error
        raise


def _under_fire(site: Site, run: Run, deliveries_wanted: int, per_second: int | None) -> _Fought:
    rng, names = random.Random(run.seed), site.deployment.names
    sender = _started(site, run)
    watcher = Watcher(site.cluster.bootstrap_servers, names, run.size.partitions)
    stalls, before = dict[str, float](), "start"
    with (
        watcher.watching(),
        closing(MarksReader(site.cluster.bootstrap_servers, names, run.size.partitions)) as marks,
        Health(site.workers, site.ingresses, marks, site.diary).watching() as unhealthy,
    ):
        with sender.flowing(), sender.trickling(per_second) if per_second else contextlib.nullcontext():
            for name in run.faults:
                time.sleep(rng.uniform(0.5, 2))  # hits the site at work, not always at its beginning
                stalls[before] = watcher.take_longest_stall()
                site.held = name == run.held
                _inflict(site, sender, name, rng)
                before = name
            wait_until("enough is sent", lambda: sender.sent.total() >= deliveries_wanted, seconds=5 * PATIENCE)
        site.diary.note(f"{sender.sent.total()} deliveries are accepted: {dict(sender.answers)}")
        site.wait_settled()
    stalls[before] = watcher.take_longest_stall()
    site.diary.note("all are processed")
    return _Fought(sender, stalls, watcher.longest_delay, unhealthy)


def _started(site: Site, run: Run) -> Sender:
    """Start all services; return the sender once they are ready."""
    if run.size.preloaded:
        preload(site.deployment.settings, run.size.preloaded)
        site.diary.note(f"{run.size.preloaded} orders and keys are known")
    ports = [site.start_ingress(name).port for name in _INGRESSES]
    for number in range(run.workers):
        site.start_worker(f"worker-{number}")
    site.wait_well()
    site.diary.note(f"{run}: all are ready")
    site.sender = Sender(deliveries(run.seed, run.size.lines), ports)
    return site.sender


def _inflict(site: Site, sender: Sender, name: str, rng: random.Random) -> None:
    """Half the time nothing is sent after the fault: new deliveries would carry along what got stuck."""
    site.diary.note(f"{name} begins{', and is held' if site.held else ''}")
    FAULTS[name](site, rng)
    site.diary.note(f"{name} is over")
    if rng.random() < _SILENT:
        with sender.silent():
            site.wait_well()
            site.wait_settled()
            site.diary.note("all is processed, in silence")
    site.wait_well()
    site.diary.note("all are ready")


def _standstills(scratch: Path) -> list[str]:
    """The lanes that went on only when they were opened anew. They lost nothing, but stood for a minute without a
    reason."""
    logs = sorted(scratch.glob("*.log"))
    return [f"{log.stem}: a lane stood still" for log in logs if StandstillError.__name__ in log.read_text()]
