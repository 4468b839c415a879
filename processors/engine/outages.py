"""Puts together what brokers say of who leads: whose word counts, and who is out of reach."""

from collections.abc import Collection, Mapping
from typing import NamedTuple

from aiokafka.structs import TopicPartition

from processors.engine.chunk import named
from processors.engine.overrides.connections import Address
from processors.engine.overrides.metadata import Broker, ClusterView, Leadership


class Unanswered(NamedTuple):
    """Why nobody can tell a log's bounds now. ``leader``: who should; None: nobody leads the partition, or nobody says
    who does."""

    reason: str
    leader: Broker | None


def leadership(tp: TopicPartition, views: Collection[ClusterView]) -> Leadership | Unanswered:
    """Who leads a partition, by the highest leader epoch that brokers (at least one) tell; of equal epochs, by a broker
    that knows the leader's address."""
    said = [view.partitions[tp] for view in views if tp in view.partitions]
    if not said:
        errors = sorted({view.errors.get(tp.topic, "no such partition") for view in views})
        return Unanswered(", ".join(errors), None)
    return max(said, key=lambda each: (each.leader_epoch, each.leader is not None))


def outages(views: Mapping[Address, ClusterView], silent: Collection[Address]) -> list[str]:
    """Sentences about known brokers that are ``silent``, that know less than others or whose replicas are away, and
    about partitions without a leader. At least one broker has a view."""
    newest = _newest(views.values())
    leaderless = sorted(named(tp) for tp, found in newest.items() if found.leader is None)
    behind = [address for address, view in views.items() if _is_behind(view, newest)]
    away = {node_id for found in newest.values() for node_id in found.offline_replicas}
    return [
        *(f"{address} does not answer" for address in sorted(silent)),
        *(f"{address} has not heard of new leaders" for address in sorted(behind)),
        *(f"broker {node_id} is away" for node_id in sorted(away)),
        *(f"{partition} has no leader" for partition in leaderless),
    ]


def lineages(views: Collection[ClusterView]) -> dict[str, str]:
    """The lineage of each known topic; see ``Leadership``."""
    return {tp.topic: found.lineage for tp, found in _newest(views).items()}


def informed(views: Mapping[Address, ClusterView]) -> list[Address]:
    """The brokers whose view is not behind any other's."""
    newest = _newest(views.values())
    return sorted(address for address, view in views.items() if not _is_behind(view, newest))


def _newest(views: Collection[ClusterView]) -> dict[TopicPartition, Leadership]:
    known = {tp for view in views for tp in view.partitions}
    return {tp: found for tp in known if isinstance(found := leadership(tp, views), Leadership)}


def _is_behind(view: ClusterView, newest: Mapping[TopicPartition, Leadership]) -> bool:
    return any(said.leader_epoch < newest[tp].leader_epoch for tp, said in view.partitions.items())
