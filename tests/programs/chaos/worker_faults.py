"""Faults of workers."""

import random
import signal

from tests.integration.waiting import wait_until
from tests.programs.chaos.site import PATIENCE, Site, wake_up_late


def kill_worker(site: Site, rng: random.Random) -> None:
    """Kill a worker (SIGKILL); restart it at once."""
    name = site.any_worker(rng)
    site.kill_worker(name)
    site.start_worker(name)


def kill_all_workers(site: Site, rng: random.Random) -> None:
    """Kill all workers at the same moment."""
    for name in site.workers:
        site.kill_worker(name)
    for name in sorted(site.workers):
        site.start_worker(name)


def kill_at_a_crash_point(site: Site, rng: random.Random) -> None:
    """A worker dies between two lines of the engine, and is started again."""
    name = site.any_worker(rng)
    site.kill_worker(name)
    doomed = site.start_worker(name, test_fault=_worker_fault(site, rng, name, "KILL"))
    wait_until(f"{name} dies", lambda: not doomed.runs, seconds=PATIENCE)
    site.start_worker(name)


def freeze_at_a_crash_point(site: Site, rng: random.Random) -> None:
    """A worker stops between two lines of the engine, is given up by the group, and wakes up."""
    name = site.any_worker(rng)
    site.kill_worker(name)
    frozen = site.start_worker(name, test_fault=_worker_fault(site, rng, name, "STOP"))
    frozen.wait_frozen(PATIENCE)
    wake_up_late(site, frozen)


def freeze_worker(site: Site, rng: random.Random) -> None:
    """Freeze a worker beyond the session timeout: SIGSTOP, then SIGCONT."""
    worker = site.workers[site.any_worker(rng)]
    worker.signal(signal.SIGSTOP)
    wake_up_late(site, worker)


def _worker_fault(site: Site, rng: random.Random, name: str, sign: str) -> str:
    point = rng.choice(("before-commit", "after-commit", "fenced", "recovering"))
    if point == "recovering":
        site.wipe(name)  # else there may be nothing to read
    return f"{point}:{sign}:{rng.randint(1, 6) if point.endswith('commit') else 1}"
