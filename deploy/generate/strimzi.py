"""The topics and users of the manifests: what `bridge topics plan -o strimzi` prints, under the manifests' names."""

from collections.abc import Iterator
from typing import Any, Final

from bridge.kafka.acls import Acl, Part, acls
from bridge.settings import Settings
from bridge.topics import TopicSpec, specs
from commands.topics.declared.declared import Declared
from commands.topics.declared.strimzi import strimzi_objects

_CLUSTER: Final = "my-cluster"
_LABELS: Final = {"app.kubernetes.io/part-of": "newstore-bridge"}


def user_name(part: Part) -> str:
    """Of the KafkaUser, and so of its Secret."""
    return f"newstore-{part}"


def topic_resources(settings: Settings) -> Iterator[dict[str, Any]]:
    """A KafkaTopic for each topic of these settings."""
    return _labelled(specs(settings), {})


def user_resources(settings: Settings) -> Iterator[dict[str, Any]]:
    """A KafkaUser for each part of the bridge that runs in the cluster, with the ACLs that it needs."""
    allowed = acls(settings)
    return _labelled((), {user_name(part): allowed[part] for part in (Part.INGRESS, Part.WORKER, Part.TOPICS)})


def _labelled(topics: tuple[TopicSpec, ...], users: dict[str, tuple[Acl, ...]]) -> Iterator[dict[str, Any]]:
    for each in strimzi_objects(Declared(topics, users, by_certificate=False), _CLUSTER):
        each["metadata"]["labels"] = _LABELS | each["metadata"]["labels"]
        yield each
