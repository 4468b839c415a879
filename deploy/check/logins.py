"""Checks that each container logs in to Kafka as its own user, with files that are there."""

import re
from collections.abc import Iterator, Mapping
from typing import Final

from deploy.check.objects import Object, Objects, Pod, title
from deploy.check.settings import environment_of

_OF_IMAGE: Final = "/etc/ssl/"
"""Where the image itself has files: the system's CAs."""
_NOT_FILES: Final = ("secret", "configMap")
_CLUSTER: Final = "strimzi.io/cluster"
_BOOTSTRAP: Final = re.compile(r"([a-z0-9-]+)-kafka-bootstrap[.:]")
_PARTS: Final = {"ingress": "ingress", "worker": "worker", "topics": "topics"}
"""First word of a container's arguments -> the part that its user is named after."""


def problems(objects: Objects) -> Iterator[str]:
    """Yield a sentence for each problem."""
    for pod in objects.pods:
        for container in pod.ours:
            environment = environment_of(objects, container)
            words = (*_files(pod, container, environment), *_user(objects, pod, container, environment))
            yield from (f"{pod.title}: container {container['name']}: {each}" for each in words)
    yield from _clusters(objects)
    yield from _idle(objects)


def _files(pod: Pod, container: Object, environment: Mapping[str, str]) -> Iterator[str]:
    """A volume must bring each file that a setting names, unless the image has it."""
    for name, path in sorted(environment.items()):
        if name.endswith("FILE") and not path.startswith(_OF_IMAGE) and _source(pod, container, path) is None:
            yield f"{name} names a file that no volume brings"


def _source(pod: Pod, container: Object, path: str) -> Object | None:
    """The volume that brings a file. A volume that lists no files counts as having all."""
    volumes = {volume["name"]: volume for volume in pod.spec.get("volumes", [])}
    for mount in container.get("volumeMounts", []):
        volume: Object = volumes.get(mount["name"], {})
        source: Object = next((volume[kind] for kind in _NOT_FILES if kind in volume), {})
        names = [item["path"] for item in source.get("items", [])]
        within = path.startswith(f"{mount['mountPath']}/") and "emptyDir" not in volume
        if path == mount["mountPath"] or (
            within and (not names or path.removeprefix(f"{mount['mountPath']}/") in names)
        ):
            return volume
    return None


def _user(objects: Objects, pod: Pod, container: Object, environment: Mapping[str, str]) -> Iterator[str]:
    """If Strimzi makes users, a container must log in as its part's user, with the user's method and Secret."""
    users = {each["metadata"]["name"]: each for each in objects.of_kind("KafkaUser")}
    by_certificate = environment.get("BRIDGE_KAFKA_SECURITY_PROTOCOL", "").upper() == "SSL"
    key = "BRIDGE_KAFKA_SSL_KEYFILE" if by_certificate else "BRIDGE_KAFKA_SASL_PASSWORD_FILE"
    source = _source(pod, container, environment.get(key, ""))
    secret = (source or {}).get("secret", {}).get("secretName")
    name = secret if by_certificate else environment.get("BRIDGE_KAFKA_SASL_USERNAME")
    if not users or secret is None or name is None:
        return  # users that Strimzi does not make
    if name not in users:
        yield f"it logs in as {name}, and there is no such KafkaUser"
        return
    if secret != name:
        yield f"it logs in as {name} by the Secret {secret}"
    part = _PARTS.get(next(iter(container.get("args", [])), ""))
    if part and not name.endswith(f"-{part}"):
        yield f"it logs in as {name}, who is not the user of the part {part}"
    mechanism = "tls" if by_certificate else environment.get("BRIDGE_KAFKA_SASL_MECHANISM", "PLAIN").lower()
    if (kind := users[name]["spec"]["authentication"]["type"]) != mechanism:
        yield f"it logs in by {mechanism}, and KafkaUser {name} by {kind}"


def _clusters(objects: Objects) -> Iterator[str]:
    """All of Strimzi's objects must be of one Kafka, and pods must go to that Kafka."""
    theirs = objects.of_kind("KafkaTopic", "KafkaUser")
    named = {title(each): each["metadata"].get("labels", {}).get(_CLUSTER) for each in theirs}
    yield from (f"{name}: it has no label {_CLUSTER}" for name, cluster in named.items() if cluster is None)
    clusters = sorted({cluster for cluster in named.values() if cluster})
    if len(clusters) > 1:
        yield f"KafkaTopics and KafkaUsers are of more than one Kafka: {', '.join(clusters)}"
    for pod in objects.pods:
        for container in pod.ours:
            servers = environment_of(objects, container).get("BRIDGE_KAFKA_BOOTSTRAP_SERVERS", "")
            if clusters and set(_BOOTSTRAP.findall(servers)) - {*clusters}:
                yield f"{pod.title}: it goes to {servers}, and topics and users are of {', '.join(clusters)}"


def _idle(objects: Objects) -> Iterator[str]:
    """Yield users of running parts as which no pod logs in, if there are pods."""
    if not any(pod.is_ours for pod in objects.pods):
        return
    secrets = {
        volume["secret"]["secretName"]
        for pod in objects.pods
        for volume in pod.spec.get("volumes", [])
        if "secret" in volume
    }
    for user in objects.of_kind("KafkaUser"):
        name = user["metadata"]["name"]
        if name.rpartition("-")[2] in _PARTS.values() and name not in secrets:
            yield f"{title(user)}: nobody logs in as it"
