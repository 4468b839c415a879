"""What every topic must be, how that differs from what the broker has, and making it so."""

from bridge.topics.broker import TopicsRefused, apply, check, plan
from bridge.topics.difference import ConfigChange, Plan, TopicState, difference
from bridge.topics.spec import TopicSpec, specs, warnings

__all__ = [
    "ConfigChange",
    "Plan",
    "TopicSpec",
    "TopicState",
    "TopicsRefused",
    "apply",
    "check",
    "difference",
    "plan",
    "specs",
    "warnings",
]
