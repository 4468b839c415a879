"""A leader that does not know that it no longer leads, and workers that ask it."""

import contextlib
import itertools
import random
import time
from collections.abc import Callable

from confluent_kafka import KafkaException
from confluent_kafka.admin import AdminClient

from tests.integration.waiting import wait_until
from tests.programs.chaos.cluster import Node
from tests.programs.chaos.lines import network_of
from tests.programs.chaos.site import PATIENCE, Site
from tests.programs.checker.names import RAW

_TAKE_OVERS = 3
_BETWEEN_LOOKS = 0.5  # seconds
_UNKNOWN = 300
"""Records, at least, processed after the cut: the lonely broker knows nothing of them."""
_OPENING_S = 30.0
"""Seconds to wait for a worker that asks the lonely broker: it need not get anywhere."""


def take_over_through_a_stale_leader(site: Site, rng: random.Random) -> None:
    """One broker is cut off the others, which go on without it. Workers without state begin with what it tells.

    What was processed meanwhile, of which that broker knows nothing, is sent again. The broker is not the group's
    coordinator: then nobody would get a lane through it.
    """
    lonely, others = _lonely(site, rng)
    network_of(site).cut(itertools.product([lonely.name], [node.name for node in others]))
    _wait_until_replaced(lonely, others[0])
    well = {"kafka_bootstrap_servers": ",".join(node.bootstrap_servers for node in others)}
    _start_all_anew(site, well)
    for number in range(_TAKE_OVERS):
        with site.sender.remembering() as unknown_there:
            _wait_for_progress(site)
        _wait_for_progress(site)  # by now the remembered ones are processed, too
        name = site.any_worker(rng)
        site.kill_worker(name)
        if not number or rng.random() < 0.7:
            site.wipe(name)
        taker = site.start_worker(name, kafka_bootstrap_servers=lonely.bootstrap_servers)
        site.sender.repeat(unknown_there)
        _patiently(f"{name} has lanes", taker.lanes)
        site.stand(site.session_seconds)
        site.kill_worker(name)
        site.start_worker(name, **well)  # with what it has by now
    network_of(site).heal()


def _lonely(site: Site, rng: random.Random) -> tuple[Node, list[Node]]:
    coordinator = site.cluster.group_coordinator(site.deployment.names.group)
    lonely = rng.choice([node for node in site.cluster.nodes.values() if node is not coordinator])
    return lonely, [node for node in site.cluster.nodes.values() if node is not lonely]


def _start_all_anew(site: Site, settings: dict[str, str]) -> None:
    """Restart all services: they know the new leaders at once, and there is something to forget."""
    for name in site.workers:
        site.kill_worker(name)
    for name in site.ingresses:
        site.ingresses[name].end()
    services = [site.start_worker(name, **settings) for name in sorted(site.workers)]
    services += [site.start_ingress(name, **settings) for name in sorted(site.ingresses)]
    wait_until("they are ready", lambda: all(each.status("/readyz") == 200 for each in services), seconds=PATIENCE)


def _wait_for_progress(site: Site) -> None:
    before = sum(site.deployment.committed(RAW).values())
    _patiently("some are processed", lambda: sum(site.deployment.committed(RAW).values()) > before + _UNKNOWN)


def _patiently(what: str, condition: Callable[[], object]) -> None:
    with contextlib.suppress(AssertionError):  # with a stale broker nobody promises it
        wait_until(what, condition, seconds=_OPENING_S)


def _wait_until_replaced(lonely: Node, other: Node) -> None:
    """Return once the others have leaders of their own for everything. The lonely broker may say otherwise for ever."""

    def is_replaced() -> bool:
        time.sleep(_BETWEEN_LOOKS)  # a new client each time: one that has heard of the lonely broker may ask that one
        admin = AdminClient({"bootstrap.servers": other.bootstrap_servers, "log_level": 0})
        try:
            topics = admin.list_topics(timeout=10).topics.values()
        except KafkaException:
            return False
        return all(
            partition.leader not in {lonely.number, -1} for topic in topics for partition in topic.partitions.values()
        )

    wait_until("the others have leaders of their own", is_replaced, seconds=PATIENCE)
