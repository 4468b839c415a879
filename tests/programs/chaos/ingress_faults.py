"""What happens to ingress processes."""

import random
import signal

from tests.integration.waiting import wait_until
from tests.programs.chaos.site import PATIENCE, Site, wake_up_late


def kill_ingress(site: Site, rng: random.Random) -> None:
    """kill -9, and a new process at once."""
    name = site.any_ingress(rng)
    site.ingresses[name].end()
    site.start_ingress(name)


def kill_ingress_at_a_crash_point(site: Site, rng: random.Random) -> None:
    """An ingress dies with deliveries that Kafka does not have yet, or of which nobody was told that it has."""
    name = site.any_ingress(rng)
    site.ingresses[name].end()
    doomed = site.start_ingress(name, test_fault=_ingress_fault(rng, "KILL"))
    wait_until(f"{name} dies", lambda: not doomed.runs, seconds=PATIENCE)
    site.start_ingress(name)


def freeze_ingress(site: Site, rng: random.Random) -> None:
    """The same to an ingress."""
    ingress = site.ingresses[site.any_ingress(rng)]
    ingress.signal(signal.SIGSTOP)
    wake_up_late(site, ingress)


def freeze_ingress_at_a_crash_point(site: Site, rng: random.Random) -> None:
    """The same, but it only stops, and goes on with them when their sender has given up."""
    name = site.any_ingress(rng)
    site.ingresses[name].end()
    frozen = site.start_ingress(name, test_fault=_ingress_fault(rng, "STOP"))
    frozen.wait_frozen(PATIENCE)
    wake_up_late(site, frozen)


def _ingress_fault(rng: random.Random, sign: str) -> str:
    return f"{rng.choice(('received', 'stored'))}:{sign}:{rng.randint(1, 500)}"
