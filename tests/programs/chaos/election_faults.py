"""A leader elected among those that lack records, as an operator may allow."""

import itertools
import random
from collections.abc import Mapping, Sequence

from confluent_kafka import KafkaException
from confluent_kafka.admin import (
    AdminClient,
    AlterConfigOpType,
    ConfigEntry,
    ConfigResource,
    PartitionMetadata,
    ResourceType,
)

from tests.integration.waiting import wait_until
from tests.programs.chaos.cluster import Node
from tests.programs.chaos.lines import network_of
from tests.programs.chaos.site import PATIENCE, Site
from tests.programs.chaos.telling import lost_by
from tests.programs.chaos.unseen import longest, lose_and_grow, stopped
from tests.programs.checker.names import RAW

_ALLOWED = {"unclean.leader.election.enable": "true", "min.insync.replicas": "1"}
_AS_IT_WAS = {"unclean.leader.election.enable": "false", "min.insync.replicas": "2"}
_GROWN = 30
"""Records that only the leader has, at least."""


def elect_unclean_leader(site: Site, rng: random.Random) -> None:
    """Replicas of raw fall behind a leader, which acknowledges all the same and dies; one of them follows.

    Raw's settings allow it meanwhile: unclean elections, and a single replica in sync. Workers may have processed
    what is lost, as far as they can without the leader's other partitions, which lack replicas; then they are stopped.
    """
    site.losing = True
    topic = site.deployment.names.topic(RAW)
    admin = AdminClient({"bootstrap.servers": site.cluster.bootstrap_servers, "log_level": 0})
    leader = site.cluster.nodes[_leader(admin, topic, longest(site, RAW))]
    led = [partition for partition in range(site.size.partitions) if _leader(admin, topic, partition) == leader.number]
    others = [node.name for node in site.cluster.nodes.values() if node is not leader]
    _set(admin, topic, _ALLOWED)
    network_of(site).cut_data(itertools.product([leader.name], others))
    wait_until("nobody else is in sync", lambda: _is_alone(admin, topic, led, leader), seconds=PATIENCE)
    before = site.deployment.ends(RAW)
    wait_until("only the leader has them", lambda: _have_grown(site, led, before))
    with stopped(site):
        lose_and_grow(site, led, lambda: _elected(site, admin, led, leader))


def _is_alone(admin: AdminClient, topic: str, led: Sequence[int], leader: Node) -> bool:
    return all(_in_sync(admin, topic, partition) == [leader.number] for partition in led)


def _have_grown(site: Site, led: Sequence[int], before: Mapping[int, int]) -> bool:
    ends = site.deployment.ends(RAW)
    return all(ends[partition] > before[partition] + _GROWN for partition in led)


def _elected(site: Site, admin: AdminClient, led: Sequence[int], leader: Node) -> None:
    topic, known = site.deployment.names.topic(RAW), {leader.number, -1}
    with lost_by(site, RAW, led):
        leader.kill()
        wait_until(
            "others lead", lambda: known.isdisjoint(_leader(admin, topic, each) for each in led), seconds=PATIENCE
        )
        network_of(site).heal()
    _set(admin, topic, _AS_IT_WAS)
    site.cluster.start(leader)


def _leader(admin: AdminClient, topic: str, partition: int) -> int:
    known = _known(admin, topic, partition)
    return -1 if known is None else int(known.leader)


def _in_sync(admin: AdminClient, topic: str, partition: int) -> list[int]:
    known = _known(admin, topic, partition)
    return [] if known is None else list(known.isrs)


def _known(admin: AdminClient, topic: str, partition: int) -> PartitionMetadata | None:
    """None: nobody could be asked just now."""
    try:
        return admin.list_topics(topic, timeout=10).topics[topic].partitions[partition]
    except KafkaException:
        return None


def _set(admin: AdminClient, topic: str, values: Mapping[str, str]) -> None:
    entries = [ConfigEntry(key, value, incremental_operation=AlterConfigOpType.SET) for key, value in values.items()]
    resource = ConfigResource(ResourceType.TOPIC, topic, incremental_configs=entries)
    (done,) = admin.incremental_alter_configs([resource]).values()
    done.result(30)
