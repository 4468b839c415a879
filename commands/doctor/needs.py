"""What the bridge has to be allowed on a Kafka with ACLs."""

from collections.abc import Iterator
from enum import StrEnum
from typing import Final, NamedTuple

from bridge.settings import Settings
from bridge.topics import specs


class Resource(StrEnum):
    """A kind of resource, by the option of `kafka-acls.sh`."""

    TOPIC = "--topic"
    GROUP = "--group"
    TRANSACTIONAL_ID = "--transactional-id"


class Need(NamedTuple):
    """Operations on one resource, by Kafka's names; `prefixed`: on all whose name begins so."""

    resource: Resource
    name: str
    operations: frozenset[str]
    prefixed: bool = False


_OPERATIONS: Final = frozenset({"Describe", "Create", "Read", "Write", "DescribeConfigs", "AlterConfigs"})


def needs(settings: Settings) -> Iterator[Need]:
    """Of one user for all of the bridge: docs/topics.md."""
    for spec in specs(settings):
        yield Need(Resource.TOPIC, spec.name, _OPERATIONS)
    yield Need(Resource.GROUP, settings.group_id, frozenset({"Read", "Describe"}))
    yield Need(Resource.TRANSACTIONAL_ID, f"{settings.topic_prefix}.", frozenset({"Write", "Describe"}), prefixed=True)
