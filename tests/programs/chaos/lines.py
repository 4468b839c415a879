"""Hits lines between processes for longer than a session lasts, and mends them again."""

import random
from collections.abc import Callable, Iterable

from tests.programs.chaos.network import Network
from tests.programs.chaos.site import Site

_SLOW = 0.2  # seconds, each way


def cut(
    site: Site, rng: random.Random, pairs: Iterable[tuple[str, str]], meanwhile: Callable[[], None] = lambda: None
) -> None:
    """Let nothing pass between the two of each pair. `meanwhile` happens at the beginning."""
    network_of(site).cut(pairs)
    meanwhile()
    site.stand(_seconds(site, rng))
    network_of(site).heal()


def slow(site: Site, rng: random.Random, pairs: Iterable[tuple[str, str]]) -> None:
    """Let each way take a fifth of a second longer."""
    network_of(site).slow(pairs, _SLOW)
    site.stand(_seconds(site, rng))
    network_of(site).heal()


def brokers(site: Site) -> list[str]:
    """The names of all brokers."""
    return [node.name for node in site.cluster.nodes.values()]


def _seconds(site: Site, rng: random.Random) -> float:
    return rng.uniform(1.2, 2.0) * site.session_seconds


def network_of(site: Site) -> Network:
    """The relay's network."""
    assert site.cluster.network is not None, "the cluster was started without a relay"
    return site.cluster.network
