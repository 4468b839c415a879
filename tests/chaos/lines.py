"""The lines between processes, hit for longer than a session lasts and mended again."""

import random
import time
from collections.abc import Callable, Iterable

from tests.chaos.network import Network
from tests.chaos.site import SESSION_SECONDS, Site

_SLOW = 0.2  # seconds, each way


def cut(
    site: Site, rng: random.Random, pairs: Iterable[tuple[str, str]], meanwhile: Callable[[], None] = lambda: None
) -> None:
    """Nothing passes between the two of each pair; ``meanwhile`` happens at the beginning of it."""
    _network(site).cut(pairs)
    meanwhile()
    time.sleep(_seconds(rng))
    _network(site).heal()


def slow(site: Site, rng: random.Random, pairs: Iterable[tuple[str, str]]) -> None:
    """Each way takes a fifth of a second longer."""
    _network(site).slow(pairs, _SLOW)
    time.sleep(_seconds(rng))
    _network(site).heal()


def brokers(site: Site) -> list[str]:
    """Names of all of them."""
    return [node.name for node in site.cluster.nodes.values()]


def _seconds(rng: random.Random) -> float:
    return rng.uniform(1.2, 2.0) * SESSION_SECONDS


def _network(site: Site) -> Network:
    assert site.cluster.network is not None, "the cluster was started without a relay"
    return site.cluster.network
