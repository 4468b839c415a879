"""A leader elected among those that lack records, as an operator may allow."""

import itertools
import random
from collections.abc import Mapping

from confluent_kafka import KafkaException
from confluent_kafka.admin import (
    AdminClient,
    AlterConfigOpType,
    ConfigEntry,
    ConfigResource,
    PartitionMetadata,
    ResourceType,
)

from tests.chaos.cluster import Node
from tests.chaos.lines import network_of
from tests.chaos.site import PATIENCE, Site
from tests.chaos.telling import lost_by
from tests.chaos.unseen import longest, lose_and_grow, stopped
from tests.checker.names import RAW
from tests.integration.waiting import wait_until

_ALLOWED = {"unclean.leader.election.enable": "true", "min.insync.replicas": "1"}
_AS_IT_WAS = {"unclean.leader.election.enable": "false", "min.insync.replicas": "2"}
_GROWN = 30
"""Records that only the leader has, at least."""


def elect_unclean_leader(site: Site, rng: random.Random) -> None:
    """A partition's replicas fall behind its leader, which acknowledges all the same and dies; one of them follows.

    Raw's settings allow it meanwhile: unclean elections, and a single replica in sync. Workers may have processed
    what is lost, as far as they can without the leader's other partitions, which lack replicas; then they are stopped.
    """
    site.losing = True
    partition, topic = longest(site, RAW), site.deployment.names.topic(RAW)
    admin = AdminClient({"bootstrap.servers": site.cluster.bootstrap_servers, "log_level": 0})
    leader = site.cluster.nodes[_leader(admin, topic, partition)]
    others = [node.name for node in site.cluster.nodes.values() if node is not leader]
    _set(admin, topic, _ALLOWED)
    network_of(site).cut_data(itertools.product([leader.name], others))
    wait_until("nobody else is in sync", lambda: _in_sync(admin, topic, partition) == [leader.number], seconds=PATIENCE)
    before = site.deployment.ends(RAW)[partition]
    wait_until("only the leader has them", lambda: site.deployment.ends(RAW)[partition] > before + _GROWN)
    with stopped(site):
        lose_and_grow(site, partition, lambda: _elected(site, admin, partition, leader))


def _elected(site: Site, admin: AdminClient, partition: int, leader: Node) -> None:
    topic = site.deployment.names.topic(RAW)
    with lost_by(site, RAW, partition):
        leader.kill()
        known = {leader.number, -1}
        wait_until("another one leads", lambda: _leader(admin, topic, partition) not in known, seconds=PATIENCE)
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
