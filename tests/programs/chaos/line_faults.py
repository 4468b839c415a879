"""Faults of the lines between processes, with any number of brokers."""

import itertools
import random

from tests.programs.chaos.lines import brokers, cut, slow
from tests.programs.chaos.site import Site


def cut_worker_off(site: Site, rng: random.Random) -> None:
    """Cut a worker off every broker beyond the session timeout: the others take over from a worker that does not
    know."""
    cut(site, rng, itertools.product([site.any_worker(rng)], brokers(site)))


def cut_ingress_off(site: Site, rng: random.Random) -> None:
    """Cut an ingress off every broker: its senders are told so, or told nothing in time."""
    cut(site, rng, itertools.product([site.any_ingress(rng)], brokers(site)))


def slow_worker(site: Site, rng: random.Random) -> None:
    """Slow the line between a worker and one broker."""
    slow(site, rng, [(site.any_worker(rng), rng.choice(brokers(site)))])


def slow_ingress(site: Site, rng: random.Random) -> None:
    """Slow the line between an ingress and one broker."""
    slow(site, rng, [(site.any_ingress(rng), rng.choice(brokers(site)))])


def slow_everything(site: Site, rng: random.Random) -> None:
    """Slow the line between any two processes."""
    slow(site, rng, itertools.combinations([*site.workers, *site.ingresses, *brokers(site)], 2))
