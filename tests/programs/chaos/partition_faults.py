"""Faults of the lines of one broker among several. The others can be reached."""

import itertools
import random

from tests.programs.chaos.lines import brokers, cut
from tests.programs.chaos.site import Site
from tests.programs.chaos.worker_faults import kill_worker


def cut_worker_off_one_broker(site: Site, rng: random.Random) -> None:
    """Cut a worker off one broker beyond the session timeout; it reaches the others."""
    cut(site, rng, [(site.any_worker(rng), rng.choice(brokers(site)))])


def cut_ingress_off_one_broker(site: Site, rng: random.Random) -> None:
    """Cut an ingress off one broker: it cannot write to the partitions led there."""
    cut(site, rng, [(site.any_ingress(rng), rng.choice(brokers(site)))])


def cut_brokers_apart(site: Site, rng: random.Random) -> None:
    """Cut two brokers apart, while everybody else reaches both."""
    one, other = rng.sample(brokers(site), 2)
    cut(site, rng, [(one, other)])


def kill_worker_while_brokers_are_cut_apart(site: Site, rng: random.Random) -> None:
    """Lanes change hands while transactions and offsets may be acknowledged late, or not at all."""
    one, other = rng.sample(brokers(site), 2)
    cut(site, rng, [(one, other)], lambda: kill_worker(site, rng))


def isolate_broker(site: Site, rng: random.Random) -> None:
    """Cut one broker off the others, while its clients still reach it: a leader that may not acknowledge."""
    lonely = rng.choice(brokers(site))
    cut(site, rng, itertools.product([lonely], [name for name in brokers(site) if name != lonely]))
