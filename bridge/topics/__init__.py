"""What every topic must be, how that differs from what the broker has, and how to make it so."""

from bridge.refusals import TopicsRefused
from bridge.topics.apply import NotSet, apply, refuse_for_others
from bridge.topics.broker import cluster_id, configs_of, plan, tolerated_differences
from bridge.topics.change import CLOCK_BOUNDS, ConfigChange
from bridge.topics.difference import TopicsPlan, TopicState, difference
from bridge.topics.partitions import (
    add_partitions,
    partition_counts,
    partitions_lacking,
    require_growth_allowed,
)
from bridge.topics.spec import TopicSpec, specs, warnings

__all__ = [
    "CLOCK_BOUNDS",
    "ConfigChange",
    "NotSet",
    "TopicSpec",
    "TopicState",
    "TopicsPlan",
    "TopicsRefused",
    "add_partitions",
    "apply",
    "cluster_id",
    "configs_of",
    "difference",
    "partition_counts",
    "partitions_lacking",
    "plan",
    "refuse_for_others",
    "require_growth_allowed",
    "specs",
    "tolerated_differences",
    "warnings",
]
