"""What happens to the lines between processes, whatever the number of brokers."""

import itertools
import random

from tests.programs.chaos.lines import brokers, cut, slow
from tests.programs.chaos.site import Site


def cut_worker_off(site: Site, rng: random.Random) -> None:
    """Beyond the session timeout, off every broker: the others take over from a worker that does not know."""
    cut(site, rng, itertools.product([site.any_worker(rng)], brokers(site)))


def cut_ingress_off(site: Site, rng: random.Random) -> None:
    """Off every broker, too: whoever sends to it is told so, or not told anything in time."""
    cut(site, rng, itertools.product([site.any_ingress(rng)], brokers(site)))


def slow_worker(site: Site, rng: random.Random) -> None:
    """A worker and one broker."""
    slow(site, rng, [(site.any_worker(rng), rng.choice(brokers(site)))])


def slow_ingress(site: Site, rng: random.Random) -> None:
    """An ingress and one broker."""
    slow(site, rng, [(site.any_ingress(rng), rng.choice(brokers(site)))])


def slow_everything(site: Site, rng: random.Random) -> None:
    """Any two."""
    slow(site, rng, itertools.combinations([*site.workers, *site.ingresses, *brokers(site)], 2))
