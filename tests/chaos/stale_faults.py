"""A leader that does not know that it is none any more, and workers that ask it."""

import itertools
import random

from confluent_kafka import KafkaException
from confluent_kafka.admin import AdminClient

from tests.chaos.cluster import Node
from tests.chaos.lines import network_of
from tests.chaos.site import PATIENCE, Site
from tests.integration.waiting import wait_until

_TAKE_OVERS = 3


def take_over_through_a_stale_leader(site: Site, rng: random.Random) -> None:
    """One broker is cut off the others, which go on without it; workers without state begin with what it tells.

    The first one knows no other address. What was processed meanwhile, of which that broker knows nothing, comes again.
    """
    nodes = site.cluster.nodes
    lonely = nodes[rng.choice(sorted(nodes))]
    others = [node for node in nodes.values() if node is not lonely]
    network_of(site).cut(itertools.product([lonely.name], [node.name for node in others]))
    _wait_until_replaced(lonely, others[0])
    for number in range(_TAKE_OVERS):
        with site.sender.remembering() as unknown_there:
            site.stand(rng.uniform(0.5, 1.0) * site.session_seconds)
        name = site.any_worker(rng)
        site.kill_worker(name)
        if not number or rng.random() < 0.7:
            site.wipe(name)
        alone = {"kafka_bootstrap_servers": lonely.bootstrap_servers} if not number or rng.random() < 0.5 else {}
        site.start_worker(name, **alone)
        site.sender.repeat(unknown_there)
        site.stand(rng.uniform(1.2, 2.0) * site.session_seconds)
    network_of(site).heal()


def _wait_until_replaced(lonely: Node, other: Node) -> None:
    """Return once the others have leaders of their own for everything; the lonely one may say otherwise for ever."""
    admin = AdminClient({"bootstrap.servers": other.bootstrap_servers, "log_level": 0})

    def is_replaced() -> bool:
        try:
            topics = admin.list_topics(timeout=10).topics.values()
        except KafkaException:
            return False
        return all(
            partition.leader not in {lonely.number, -1} for topic in topics for partition in topic.partitions.values()
        )

    wait_until("the others have leaders of their own", is_replaced, seconds=PATIENCE)
