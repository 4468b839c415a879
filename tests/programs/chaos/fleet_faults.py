"""What operators do to a number of processes, and what an orchestrator does not do."""

import random

from tests.programs.chaos.site import PATIENCE, Site


def rolling_upgrade(site: Site, rng: random.Random) -> None:
    """SIGTERM and a new process, one after the other."""
    for name in sorted(site.workers):
        site.workers[name].stop()
        site.start_worker(name).wait_ready(PATIENCE)
    for name in sorted(site.ingresses):
        site.ingresses[name].stop()
        site.start_ingress(name).wait_ready(PATIENCE)


def scale(site: Site, rng: random.Random) -> None:
    """To one worker, to three, to one, and back to what it was."""
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
    """One dies and is not started again; the others take over."""
    name = site.any_worker(rng)
    site.workers.pop(name).end()
    site.wait_for_lanes()
    site.start_worker(f"{name}-heir")
