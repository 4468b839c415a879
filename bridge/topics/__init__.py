"""What every topic must be, how that differs from what the broker has, and making it so."""

from bridge.topics.broker import TopicsRefused, apply, check, plan
from bridge.topics.difference import ConfigChange, Plan, TopicState, difference
from bridge.topics.partitions import add_partitions, partition_counts
from bridge.topics.spec import TopicSpec, specs, warnings

__all__ = [
    "ConfigChange",
    "Plan",
    "TopicSpec",
    "TopicState",
    "TopicsRefused",
    "add_partitions",
    "apply",
    "check",
    "difference",
    "partition_counts",
    "plan",
    "specs",
    "warnings",
]
