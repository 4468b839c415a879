"""The topics and users of the manifests: what `bridge topics plan -o strimzi` prints, with the manifests' labels."""

from collections.abc import Collection, Iterator
from dataclasses import replace
from typing import Any, Final

from bridge.kafka.acls import Part
from bridge.settings import Settings
from commands.topics.declared.declared import Declared, declared
from commands.topics.declared.strimzi import strimzi_objects

RUNNING: Final = (Part.INGRESS, Part.WORKER, Part.TOPICS)
"""The parts of the bridge that run in the cluster."""
COMMANDS: Final = (Part.READER, Part.PUBLISHER)
"""Those that a person runs there."""

_CLUSTER: Final = "my-cluster"
_LABELS: Final = {"app.kubernetes.io/part-of": "newstore-bridge"}


def topic_resources(settings: Settings) -> Iterator[dict[str, Any]]:
    """A KafkaTopic for each topic of these settings."""
    return _labelled(replace(declared(settings, RUNNING), users={}))


def user_resources(settings: Settings, parts: Collection[Part] = RUNNING) -> Iterator[dict[str, Any]]:
    """A KafkaUser for each of the parts, with the ACLs that it needs."""
    return _labelled(replace(declared(settings, parts), topics=()))


def _labelled(given: Declared) -> Iterator[dict[str, Any]]:
    for each in strimzi_objects(given, _CLUSTER):
        each["metadata"]["labels"] = _LABELS | each["metadata"]["labels"]
        yield each
