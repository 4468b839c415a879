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
"""The parts that a person runs there."""

_CLUSTER: Final = "my-cluster"
LABELS: Final = {"app.kubernetes.io/part-of": "newstore-bridge"}
_KEPT: Final = {
    "argocd.argoproj.io/sync-options": "Prune=false,Delete=false",
    "helm.sh/resource-policy": "keep",
    "kustomize.toolkit.fluxcd.io/prune": "disabled",
}
"""If a KafkaTopic goes, Strimzi deletes the topic with all its records. So no tool may remove it unasked."""


def topic_resources(settings: Settings) -> Iterator[dict[str, Any]]:
    """Yield a KafkaTopic for each topic of these settings."""
    for each in _labelled(replace(declared(settings, RUNNING), users={})):
        each["metadata"]["annotations"] = dict(_KEPT)
        yield each


def user_resources(settings: Settings, parts: Collection[Part] = RUNNING) -> Iterator[dict[str, Any]]:
    """Yield a KafkaUser for each part, with the ACLs that it needs."""
    return _labelled(replace(declared(settings, parts), topics=()))


def _labelled(given: Declared) -> Iterator[dict[str, Any]]:
    for each in strimzi_objects(given, _CLUSTER):
        each["metadata"]["labels"] = LABELS | each["metadata"]["labels"]
        yield each
