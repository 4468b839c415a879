"""A leader elected among those that lack records, as an operator may allow."""

import itertools
import random
from collections.abc import Mapping, Sequence
from contextlib import closing

from confluent_kafka import KafkaException
from confluent_kafka.admin import AlterConfigOpType, ConfigEntry, ConfigResource, PartitionMetadata, ResourceType

from tests.integration.waiting import wait_until
from tests.programs.chaos.cluster import Node
from tests.programs.chaos.lines import network_of
from tests.programs.chaos.site import PATIENCE, Site
from tests.programs.chaos.telling import lost_by
from tests.programs.chaos.unseen import longest, lose_and_grow, stopped
from tests.programs.checker.clients import Clients
from tests.programs.checker.names import RAW

_ALONE = {"min.insync.replicas": "1"}
_UNCLEAN = {"unclean.leader.election.enable": "true"}
_AS_IT_WAS = {"unclean.leader.election.enable": "false", "min.insync.replicas": "2"}
_GROWN = 30
"""Records of one partition that only the leader has, at least."""


def elect_unclean_leader(site: Site, rng: random.Random) -> None:
    """Replicas of raw fall behind a leader, which acknowledges all the same and dies; one of them follows.

    Raw's settings allow it meanwhile: a single replica in sync, and, once it is noted what there is to lose, unclean
    elections: where the machine is crowded, a leader may be given up before it is killed. Workers may have processed
    what is lost, as far as they can without the leader's other partitions, which lack replicas; then they are stopped.
    """
    site.losing = True
    topic = site.deployment.names.topic(RAW)
    with closing(Clients(site.cluster.bootstrap_servers)) as clients:
        leader = _leader_of(site, clients, longest(site, RAW))
        others = [node.name for node in site.cluster.nodes.values() if node is not leader]
        _set(clients, topic, _ALONE)
        network_of(site).cut_data(itertools.product([leader.name], others))
        led = wait_until("nobody else is in sync", lambda: _led_alone(site, clients, leader), seconds=PATIENCE)
        before = site.deployment.ends(RAW)
        wait_until("only the leader has them", lambda: _have_grown(site, led, before), seconds=PATIENCE)
        with stopped(site):
            lose_and_grow(site, led, lambda: _elected(site, clients, led, leader))


def _leader_of(site: Site, clients: Clients, partition: int) -> Node:
    topic = site.deployment.names.topic(RAW)
    number = wait_until("it has a leader", lambda: max(0, _leader(clients, topic, partition)), seconds=PATIENCE)
    return site.cluster.nodes[number]


def _led_alone(site: Site, clients: Clients, leader: Node) -> list[int]:
    """Partitions that it leads, once nobody else is in sync in any of them: others may have been elected meanwhile."""
    topic = site.deployment.names.topic(RAW)
    known = {partition: _known(clients, topic, partition) for partition in range(site.size.partitions)}
    led = {
        partition: each.isrs for partition, each in known.items() if each is not None and each.leader == leader.number
    }
    return list(led) if all(isrs == [leader.number] for isrs in led.values()) else []


def _have_grown(site: Site, led: Sequence[int], before: Mapping[int, int]) -> bool:
    """Into some partitions hardly anything comes."""
    ends = site.deployment.ends(RAW)
    return max(ends[partition] - before[partition] for partition in led) > _GROWN


def _elected(site: Site, clients: Clients, led: Sequence[int], leader: Node) -> None:
    topic, known = site.deployment.names.topic(RAW), {leader.number, -1}
    with lost_by(site, RAW, led):
        _set(clients, topic, _UNCLEAN)
        leader.kill()
        wait_until(
            "others lead", lambda: known.isdisjoint(_leader(clients, topic, each) for each in led), seconds=PATIENCE
        )
        network_of(site).heal()
    _set(clients, topic, _AS_IT_WAS)
    site.cluster.start(leader)


def _leader(clients: Clients, topic: str, partition: int) -> int:
    known = _known(clients, topic, partition)
    return -1 if known is None else int(known.leader)


def _known(clients: Clients, topic: str, partition: int) -> PartitionMetadata | None:
    """None: nobody could be asked just now, or who was asked does not know it yet."""
    try:
        return clients.admin.list_topics(topic, timeout=10).topics[topic].partitions.get(partition)
    except KafkaException:
        clients.renew()
        return None


def _set(clients: Clients, topic: str, values: Mapping[str, str]) -> None:
    """Once there is a controller; what has been set may be set again."""
    entries = [ConfigEntry(key, value, incremental_operation=AlterConfigOpType.SET) for key, value in values.items()]
    resource = ConfigResource(ResourceType.TOPIC, topic, incremental_configs=entries)

    def ask() -> None:
        (done,) = clients.admin.incremental_alter_configs([resource], request_timeout=10).values()
        done.result(30)

    clients.answer(ask)
