"""Faults of one service's wall clock: it jumps, and jumps back."""

import random

from tests.programs.chaos.clock import Clock
from tests.programs.chaos.site import PATIENCE, Site


def jump_clock_of_worker(site: Site, rng: random.Random) -> None:
    """A worker's clock jumps by up to two hours, forth or back."""
    name = site.any_worker(rng)
    clock = _clock(site, name)
    site.kill_worker(name)
    site.start_worker(name, test_clock=str(clock.path)).wait_ready(PATIENCE)
    _jump(site, clock, rng.choice((-7200, -60, 60, 7200)))


def jump_clock_of_ingress(site: Site, rng: random.Random) -> None:
    """The clock by which an ingress stamps records jumps forth by up to two hours. Kafka accepts one."""
    name = site.any_ingress(rng)
    clock = _clock(site, name)
    site.ingresses[name].end()
    site.start_ingress(name, test_clock=str(clock.path)).wait_ready(PATIENCE)
    _jump(site, clock, rng.choice((60, 1800, 7200)))


def _clock(site: Site, name: str) -> Clock:
    return Clock(site.directory / f"{name}.clock")


def _jump(site: Site, clock: Clock, seconds: float) -> None:
    site.diary.note(f"{clock.path.stem}: the clock jumps by {seconds} s")
    clock.set_ahead(seconds)
    site.stand(site.beyond_the_session)
    clock.set_ahead(0)
