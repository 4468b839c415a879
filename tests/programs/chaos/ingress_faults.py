"""Faults of ingress processes."""

import random
import signal

from tests.integration.waiting import wait_until
from tests.programs.chaos.site import PATIENCE, Site, wake_up_late


def kill_ingress(site: Site, rng: random.Random) -> None:
    """Kill an ingress (SIGKILL); restart it at once."""
    name = site.any_ingress(rng)
    site.ingresses[name].end()
    site.start_ingress(name)


def kill_ingress_at_a_crash_point(site: Site, rng: random.Random) -> None:
    """An ingress dies with deliveries that Kafka does not have yet, or that it has and nobody was told so."""
    name = site.any_ingress(rng)
    site.ingresses[name].end()
    doomed = site.start_ingress(name, test_fault=_ingress_fault(rng, "KILL"))
    wait_until(f"{name} dies", lambda: not doomed.runs, seconds=PATIENCE)
    site.start_ingress(name)


def freeze_ingress(site: Site, rng: random.Random) -> None:
    """Freeze an ingress for longer than a session: SIGSTOP, then SIGCONT."""
    ingress = site.ingresses[site.any_ingress(rng)]
    ingress.signal(signal.SIGSTOP)
    wake_up_late(site, ingress)


def freeze_ingress_at_a_crash_point(site: Site, rng: random.Random) -> None:
    """An ingress stops with such deliveries, and goes on with them when their sender has given up."""
    name = site.any_ingress(rng)
    site.ingresses[name].end()
    frozen = site.start_ingress(name, test_fault=_ingress_fault(rng, "STOP"))
    frozen.wait_frozen(PATIENCE)
    wake_up_late(site, frozen)


def _ingress_fault(rng: random.Random, sign: str) -> str:
    return f"{rng.choice(('received', 'stored'))}:{sign}:{rng.randint(1, 500)}"
