"""The topics and users of a deployment as resources of Strimzi."""

from collections.abc import Iterator
from typing import Any, Final

from bridge.kafka.acls import Acl, Part, Pattern, Resource, acls
from bridge.settings import Settings
from bridge.topics import specs

_API: Final = "kafka.strimzi.io/v1"
_LABELS: Final = {"app.kubernetes.io/part-of": "newstore-bridge", "strimzi.io/cluster": "my-cluster"}
_TYPES: Final = {
    Resource.TOPIC: "topic",
    Resource.GROUP: "group",
    Resource.TRANSACTIONAL_ID: "transactionalId",
}
_PATTERNS: Final = {Pattern.LITERAL: "literal", Pattern.PREFIXED: "prefix"}


def user_name(part: Part) -> str:
    """Of the KafkaUser, and so of its Secret."""
    return f"bridge-{part}"


def topic_resources(settings: Settings) -> Iterator[dict[str, Any]]:
    """A KafkaTopic for each topic of these settings."""
    for spec in specs(settings):
        yield _resource(
            "KafkaTopic",
            spec.name,
            {"partitions": spec.partitions, "replicas": spec.replication, "config": dict(spec.config)},
        )


def user_resources(settings: Settings) -> Iterator[dict[str, Any]]:
    """A KafkaUser for each part of the bridge that runs in the cluster, with the ACLs that it needs."""
    allowed = acls(settings)
    for part in (Part.INGRESS, Part.WORKER, Part.TOPICS):
        written = [written_acl(each) for each in allowed[part]]
        authorization = {"type": "simple", "acls": written}
        yield _resource(
            "KafkaUser",
            user_name(part),
            {"authentication": {"type": "scram-sha-512"}, "authorization": authorization},
        )


def written_acl(acl: Acl) -> dict[str, Any]:
    """As Strimzi writes it."""
    return {
        "resource": {"type": _TYPES[acl.resource], "name": acl.name, "patternType": _PATTERNS[acl.pattern]},
        "operations": [_in_words(each) for each in acl.operations],
    }


def _in_words(operation: str) -> str:
    """`ALTER_CONFIGS` -> `AlterConfigs`."""
    return "".join(word.capitalize() for word in operation.split("_"))


def _resource(kind: str, name: str, spec: dict[str, Any]) -> dict[str, Any]:
    return {"apiVersion": _API, "kind": kind, "metadata": {"name": name, "labels": dict(_LABELS)}, "spec": spec}
