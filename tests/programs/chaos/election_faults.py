"""A leader elected among replicas that lack records, as an operator may allow."""

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
_NOBODY = -1
"""The leader of a partition that has none."""
_GROWN = 30
"""How many records of one partition only the leader has, at least."""


def elect_unclean_leader(site: Site, rng: random.Random) -> None:
    """Replicas of raw fall behind a leader, which acknowledges all the same and dies. One of them becomes the leader.

    For that time raw's settings allow a single replica in sync. They allow unclean elections only once it is noted what
    there is to lose: on a crowded machine, a leader may be given up before it is killed. Workers may process what gets
    lost, as far as they can without the leader's other partitions, which lack replicas. Then they are stopped.
    """
    site.losing = True
    topic = site.deployment.names.topic(RAW)
    with closing(Clients(site.cluster.bootstrap_servers)) as clients:
        busiest = longest(site, RAW)
        leader = _leader_of(site, clients, busiest)
        others = [node.name for node in site.cluster.nodes.values() if node is not leader]
        _set(clients, topic, _ALONE)
        network_of(site).cut_data(itertools.product([leader.name], others))
        led = wait_until(
            "nobody else is in sync",
            lambda: _led_alone(clients, topic, leader, busiest),
            lambda: _in_sync(clients, topic, leader),
            PATIENCE,
        )
        before = site.deployment.ends(RAW)
        wait_until("only the leader has them", lambda: _have_grown(site, led, before), seconds=PATIENCE)
        with stopped(site):
            lose_and_grow(site, led, lambda: _elected(site, clients, led, leader))


def _leader_of(site: Site, clients: Clients, partition: int) -> Node:
    topic = site.deployment.names.topic(RAW)

    def ask() -> Node | None:
        known = _partitions(clients, topic).get(partition)
        return known and site.cluster.nodes.get(known.leader)

    return wait_until("it has a leader", ask, seconds=PATIENCE)


def _led_alone(clients: Clients, topic: str, leader: Node, busiest: int) -> list[int]:
    """The partitions that the leader leads, once no other replica of the busiest one is in sync, or another leader of
    that one was elected meanwhile. Without new records no replica falls behind."""
    led = _in_sync(clients, topic, leader)
    return list(led) if led.get(busiest, [leader.number]) == [leader.number] else []


def _in_sync(clients: Clients, topic: str, leader: Node) -> dict[int, list[int]]:
    """The replicas in sync of each partition that the leader leads."""
    known = _partitions(clients, topic)
    return {number: each.isrs for number, each in known.items() if each.leader == leader.number}


def _have_grown(site: Site, led: Sequence[int], before: Mapping[int, int]) -> bool:
    """Any partition will do: into some hardly anything comes."""
    ends = site.deployment.ends(RAW)
    return max(ends[partition] - before[partition] for partition in led) > _GROWN


def _elected(site: Site, clients: Clients, led: Sequence[int], leader: Node) -> None:
    topic = site.deployment.names.topic(RAW)
    with lost_by(site, RAW, led):
        _set(clients, topic, _UNCLEAN)
        leader.kill()
        wait_until("others lead", lambda: _are_led_by_others(clients, topic, led, leader), seconds=PATIENCE)
        network_of(site).heal()
    _set(clients, topic, _AS_IT_WAS)
    site.cluster.start(leader)


def _are_led_by_others(clients: Clients, topic: str, partitions: Sequence[int], leader: Node) -> bool:
    known = _partitions(clients, topic)
    return all(each in known and known[each].leader not in {leader.number, _NOBODY} for each in partitions)


def _partitions(clients: Clients, topic: str) -> dict[int, PartitionMetadata]:
    """The topic's partitions; none: nobody could be asked just now."""
    try:
        return dict(clients.admin.list_topics(topic, timeout=10).topics[topic].partitions)
    except KafkaException:
        clients.renew()
        return {}


def _set(clients: Clients, topic: str, values: Mapping[str, str]) -> None:
    """Set these once there is a controller. To set them twice does no harm."""
    entries = [ConfigEntry(key, value, incremental_operation=AlterConfigOpType.SET) for key, value in values.items()]
    resource = ConfigResource(ResourceType.TOPIC, topic, incremental_configs=entries)

    def ask() -> None:
        (done,) = clients.admin.incremental_alter_configs([resource], request_timeout=10).values()
        done.result(30)

    clients.answer(ask)
