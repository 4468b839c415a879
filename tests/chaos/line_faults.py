"""What happens to the lines between processes. Only where the relay has them."""

import itertools
import random
import time
from collections.abc import Iterable

from tests.chaos.network import Network
from tests.chaos.site import SESSION_SECONDS, Site

_Pairs = list[tuple[str, str]]


def cut_worker_off_one_broker(site: Site, rng: random.Random) -> None:
    """Beyond the session timeout; it reaches the others."""
    _cut(site, rng, [(site.any_worker(rng), rng.choice(_brokers(site)))])


def cut_worker_off(site: Site, rng: random.Random) -> None:
    """Beyond the session timeout, off every broker: the others take over from a worker that does not know."""
    _cut(site, rng, _each([site.any_worker(rng)], _brokers(site)))


def cut_ingress_off_one_broker(site: Site, rng: random.Random) -> None:
    """It cannot write to the partitions led there."""
    _cut(site, rng, [(site.any_ingress(rng), rng.choice(_brokers(site)))])


def cut_brokers_apart(site: Site, rng: random.Random) -> None:
    """Two of them, while everybody else reaches both."""
    one, other = rng.sample(_brokers(site), 2)
    _cut(site, rng, [(one, other)])


def isolate_broker(site: Site, rng: random.Random) -> None:
    """One is cut off the other brokers, and its clients still reach it: a leader that may not acknowledge."""
    lonely = rng.choice(_brokers(site))
    _cut(site, rng, _each([lonely], [name for name in _brokers(site) if name != lonely]))


def slow_everything(site: Site, rng: random.Random) -> None:
    """Each way takes a fifth of a second longer."""
    everybody = [*site.workers, *site.ingresses, *_brokers(site)]
    _network(site).slow(itertools.combinations(everybody, 2), 0.2)
    time.sleep(_seconds(rng))
    _network(site).heal()


def _cut(site: Site, rng: random.Random, pairs: Iterable[tuple[str, str]]) -> None:
    _network(site).cut(pairs)
    time.sleep(_seconds(rng))
    _network(site).heal()


def _seconds(rng: random.Random) -> float:
    return rng.uniform(1.2, 2.0) * SESSION_SECONDS


def _each(one: Iterable[str], other: Iterable[str]) -> _Pairs:
    return list(itertools.product(one, other))


def _brokers(site: Site) -> list[str]:
    return [node.name for node in site.cluster.nodes.values()]


def _network(site: Site) -> Network:
    assert site.cluster.network is not None, "one broker is reached without a relay"
    return site.cluster.network
