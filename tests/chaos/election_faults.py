"""A leader elected among those that lack records, as an operator may allow."""

import random
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager

from confluent_kafka.admin import AdminClient, AlterConfigOpType, ConfigEntry, ConfigResource, ResourceType

from tests.chaos.site import PATIENCE, Site
from tests.chaos.telling import lost_by
from tests.chaos.unseen import longest, unseen
from tests.checker.names import RAW
from tests.integration.waiting import wait_until

_GROWN = 30
"""Records that only the leader has, at least."""

_ALLOWED = {"unclean.leader.election.enable": "true", "min.insync.replicas": "1"}
_AS_IT_WAS = {"unclean.leader.election.enable": "false", "min.insync.replicas": "2"}


def elect_unclean_leader(site: Site, rng: random.Random) -> None:
    """A partition's replicas fall behind its leader, which acknowledges all the same and dies; one of them follows.

    Raw's settings allow it meanwhile: unclean elections, and a single replica in sync.
    """
    partition = longest(site, RAW)
    admin = AdminClient({"bootstrap.servers": site.cluster.bootstrap_servers, "log_level": 0})
    with _allowed(admin, site.deployment.names.topic(RAW), partition, sorted(site.cluster.nodes)) as leader:
        before = site.deployment.ends(RAW)[partition]
        wait_until("only the leader has them", lambda: site.deployment.ends(RAW)[partition] > before + _GROWN)
        unseen(site, rng, partition, lambda: _elected(site, admin, partition, leader))


@contextmanager
def _allowed(admin: AdminClient, topic: str, partition: int, brokers: Sequence[int]) -> Iterator[int]:
    """In the block only the partition's leader, which it gets, is in sync, and that suffices."""
    leader = _leader(admin, topic, partition)
    others = [number for number in brokers if number != leader]
    behind = {"follower.replication.throttled.replicas": ",".join(f"{partition}:{number}" for number in others)}
    topic_settings, slow = _ALLOWED | behind, {"follower.replication.throttled.rate": "1"}
    try:
        _set(admin, ResourceType.TOPIC, topic, topic_settings)
        for number in others:
            _set(admin, ResourceType.BROKER, str(number), slow)
        wait_until("nobody else is in sync", lambda: _in_sync(admin, topic, partition) == [leader], seconds=PATIENCE)
        yield leader
    finally:
        for number in others:
            _set(admin, ResourceType.BROKER, str(number), dict.fromkeys(slow))
        _set(admin, ResourceType.TOPIC, topic, dict.fromkeys(behind) | _AS_IT_WAS)


def _elected(site: Site, admin: AdminClient, partition: int, leader: int) -> None:
    topic = site.deployment.names.topic(RAW)
    with lost_by(site, RAW, partition):
        site.cluster.nodes[leader].kill()
        wait_until("another one leads", lambda: _leader(admin, topic, partition) not in {leader, -1}, seconds=PATIENCE)
    site.cluster.start(site.cluster.nodes[leader])


def _leader(admin: AdminClient, topic: str, partition: int) -> int:
    return int(admin.list_topics(topic, timeout=10).topics[topic].partitions[partition].leader)


def _in_sync(admin: AdminClient, topic: str, partition: int) -> list[int]:
    return list(admin.list_topics(topic, timeout=10).topics[topic].partitions[partition].isrs)


def _set(admin: AdminClient, kind: ResourceType, name: str, values: Mapping[str, str | None]) -> None:
    """None: back to what it is by default."""
    entries = [
        ConfigEntry(
            key, value, incremental_operation=AlterConfigOpType.DELETE if value is None else AlterConfigOpType.SET
        )
        for key, value in values.items()
    ]
    (done,) = admin.incremental_alter_configs([ConfigResource(kind, name, incremental_configs=entries)]).values()
    done.result(30)
