"""What operators do to several processes, and what an orchestrator may fail to do."""

import random

from tests.programs.chaos.site import PATIENCE, Site


def rolling_upgrade(site: Site, rng: random.Random) -> None:
    """Restart all services with SIGTERM, one after the other."""
    for name in sorted(site.workers):
        site.workers[name].stop()
        site.start_worker(name).wait_ready(PATIENCE)
    for name in sorted(site.ingresses):
        site.ingresses[name].stop()
        site.start_ingress(name).wait_ready(PATIENCE)


def scale(site: Site, rng: random.Random) -> None:
    """Change the number of workers to one, to three, to one, and back."""
    others = sorted(site.workers)[1:]
    more = ("worker-8", "worker-9")
    for name in others:
        site.workers.pop(name).stop()
    site.wait_for_lanes()
    for name in more:
        site.start_worker(name)
    site.wait_for_lanes()
    for name in more:
        site.workers.pop(name).stop()
    site.wait_for_lanes()
    for name in others:
        site.start_worker(name)


def lose_worker(site: Site, rng: random.Random) -> None:
    """A worker dies and is not started again; the others take over. Then a new one comes."""
    name = site.any_worker(rng)
    site.workers.pop(name).end()
    site.wait_for_lanes()
    site.start_worker(f"{name}-heir")
