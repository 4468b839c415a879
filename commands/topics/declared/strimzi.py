"""KafkaTopic and KafkaUser objects for Strimzi's operators, as YAML documents."""

from collections.abc import Iterator
from typing import Any, Final

import yaml

from bridge.kafka.acls import Acl, Pattern, Resource
from bridge.topics import TopicSpec
from commands.terminal.permissions import pascal
from commands.topics.declared.declared import Declared, kubernetes_name

API_VERSION: Final = "kafka.strimzi.io/v1"
_RESOURCES: Final = {
    Resource.TOPIC: "topic",
    Resource.GROUP: "group",
    Resource.TRANSACTIONAL_ID: "transactionalId",
}
_PATTERNS: Final = {Pattern.LITERAL: "literal", Pattern.PREFIXED: "prefix"}


def strimzi(declared: Declared, cluster: str) -> str:
    """The objects as YAML. `cluster`: name of the Kafka object that they belong to."""
    return yaml.safe_dump_all(strimzi_objects(declared, cluster), sort_keys=False, explicit_start=True)


def strimzi_objects(declared: Declared, cluster: str) -> Iterator[dict[str, Any]]:
    """Yield the objects, topics first."""
    for spec in declared.topics:
        yield _object("KafkaTopic", kubernetes_name(spec.name), cluster, _topic(spec))
    authentication = {"type": "tls" if declared.by_certificate else "scram-sha-512"}
    for name, acls in declared.users.items():
        authorization = {"type": "simple", "acls": [strimzi_acl(acl) for acl in acls]}
        yield _object("KafkaUser", name, cluster, {"authentication": authentication, "authorization": authorization})


def _object(kind: str, name: str, cluster: str, spec: dict[str, Any]) -> dict[str, Any]:
    metadata = {"name": name, "labels": {"strimzi.io/cluster": cluster}}
    return {"apiVersion": API_VERSION, "kind": kind, "metadata": metadata, "spec": spec}


def _topic(spec: TopicSpec) -> dict[str, Any]:
    own_name = {} if kubernetes_name(spec.name) == spec.name else {"topicName": spec.name}
    return own_name | {"partitions": spec.partitions, "replicas": spec.replication, "config": dict(spec.config)}


def strimzi_acl(acl: Acl) -> dict[str, Any]:
    """An ACL of a KafkaUser. It names no host, because the default is every host."""
    resource = {"type": _RESOURCES[acl.resource], "name": acl.name, "patternType": _PATTERNS[acl.pattern]}
    return {"resource": resource, "operations": [pascal(operation) for operation in acl.operations]}
