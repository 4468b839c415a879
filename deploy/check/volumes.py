"""Checks that the ConfigMaps, Secrets, keys and volumes that containers use are there."""

from collections.abc import Iterator, Mapping
from typing import Final

from deploy.check.objects import Object, Objects, Pod

BROUGHT: Final[Mapping[str, frozenset[str]]] = {
    "bridge": frozenset({"ingress-api-keys", "worker-api-keys"}),
    "bridge-kafka-ca": frozenset({"ca.crt"}),
    **dict.fromkeys(
        ("newstore-ingress", "newstore-worker", "newstore-topics"),
        frozenset({"password", "user.crt", "user.key", "client-secret"}),
    ),
}
"""Secrets, with their keys, that users bring, as the READMEs say, and no manifest has to make."""

_OF_KAFKA_USERS: Final[Mapping[str, frozenset[str]]] = {
    "scram-sha-512": frozenset({"password", "sasl.jaas.config"}),
    "tls": frozenset({"ca.crt", "user.crt", "user.key", "user.p12", "user.password"}),
}


def problems(objects: Objects) -> Iterator[str]:
    """Yield sentences on what is not there, and on volumes that are mounted nowhere."""
    secrets = dict(BROUGHT) | dict(_made(objects))
    configs = {each["metadata"]["name"]: frozenset(each.get("data", {})) for each in objects.of_kind("ConfigMap")}
    for pod in objects.pods:
        for words in (
            *_of_volumes(pod, _claimed(objects, pod), secrets, configs),
            *_of_containers(pod, secrets, configs),
        ):
            yield f"{pod.title}: {words}"


def _made(objects: Objects) -> Iterator[tuple[str, frozenset[str]]]:
    for secret in objects.of_kind("Secret"):
        yield secret["metadata"]["name"], frozenset({**secret.get("data", {}), **secret.get("stringData", {})})
    for secret in objects.of_kind("ExternalSecret"):
        name = secret["spec"].get("target", {}).get("name", secret["metadata"]["name"])
        yield name, _of_external(secret["spec"])
    for user in objects.of_kind("KafkaUser"):
        yield user["metadata"]["name"], _OF_KAFKA_USERS[user["spec"]["authentication"]["type"]]


def _of_external(spec: Object) -> frozenset[str]:
    """The keys that an ExternalSecret names. With `dataFrom` it brings keys that nobody can know: then all keys of
    `BROUGHT` count as there."""
    anything = {key for keys in BROUGHT.values() for key in keys} if "dataFrom" in spec else set()
    return frozenset({*anything, *(each["secretKey"] for each in spec.get("data", []))})


Keys = Mapping[str, frozenset[str]]


def _claimed(objects: Objects, pod: Pod) -> set[str]:
    """Volumes that a StatefulSet's claims bring."""
    workload = objects.find(pod.kind, pod.name) or {"spec": {}}
    return {each["metadata"]["name"] for each in workload["spec"].get("volumeClaimTemplates", [])}


def _of_volumes(pod: Pod, claimed: set[str], secrets: Keys, configs: Keys) -> Iterator[str]:
    for volume in pod.spec.get("volumes", []):
        if "secret" in volume:
            source = volume["secret"]
            yield from _missing("Secret", source["secretName"], _paths(source), secrets)
        if "configMap" in volume:
            yield from _missing("ConfigMap", volume["configMap"]["name"], _paths(volume["configMap"]), configs)
    volumes = {volume["name"] for volume in pod.spec.get("volumes", [])}
    mounted = {mount["name"] for container in pod.containers for mount in container.get("volumeMounts", [])}
    yield from (f"the volume {name} is mounted nowhere" for name in sorted((volumes | claimed) - mounted))
    yield from (f"there is no volume {name}" for name in sorted(mounted - volumes - claimed))


def _paths(source: Object) -> list[str]:
    return [item["key"] for item in source.get("items", [])]


def _missing(kind: str, name: str, keys: list[str], known: Keys) -> Iterator[str]:
    if name not in known:
        yield f"there is no {kind} {name}, and no README says that users bring it"
    for key in keys:
        if key not in known.get(name, frozenset({key})):
            yield f"the {kind} {name} has no key {key}"


def _of_containers(pod: Pod, secrets: Keys, configs: Keys) -> Iterator[str]:
    for container in pod.containers:
        for source in container.get("envFrom", []):
            if "configMapRef" in source:
                yield from _missing("ConfigMap", source["configMapRef"]["name"], [], configs)
        for entry in container.get("env", []):
            reference = entry.get("valueFrom", {}).get("secretKeyRef")
            if reference:
                yield from _missing("Secret", reference["name"], [reference["key"]], secrets)
