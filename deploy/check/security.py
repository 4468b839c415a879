"""Checks that every pod meets the restricted Pod Security Standard, and a little more."""

from collections.abc import Iterator
from typing import Final

from deploy.check.objects import Object, Objects, Pod

_CONTAINER: Final = {
    "allowPrivilegeEscalation": False,
    "readOnlyRootFilesystem": True,
    "capabilities": {"drop": ["ALL"]},
}
_OF_THE_NODE: Final = ("hostNetwork", "hostPID", "hostIPC")
_RESOURCES: Final = {"cpu", "memory", "ephemeral-storage"}


def problems(objects: Objects) -> Iterator[str]:
    """Yield sentences on needless rights, and on missing limits, probes and image versions."""
    for pod in objects.pods:
        yield from (f"{pod.title}: {words}" for words in (*_of_pod(pod), *_of_containers(pod)))
    for account in objects.of_kind("ServiceAccount"):
        if account.get("automountServiceAccountToken") is not False:
            yield f"ServiceAccount {account['metadata']['name']}: its pods get a token of the cluster's API"


def _of_pod(pod: Pod) -> Iterator[str]:
    spec = pod.spec
    context = spec.get("securityContext", {})
    if context.get("runAsNonRoot") is not True or not context.get("runAsUser"):
        yield "it may run as root: runAsNonRoot and a runAsUser that is a number other than 0 are missing"
    if context.get("seccompProfile") != {"type": "RuntimeDefault"}:
        yield "it has not the runtime's seccomp profile"
    if spec.get("automountServiceAccountToken") is not False:
        yield "it gets a token of the cluster's API"
    if spec.get("enableServiceLinks") is not False:
        yield "service links are on: a Service bridge-ingress would set BRIDGE_INGRESS_PORT"
    yield from (f"{name} is the node's" for name in _OF_THE_NODE if spec.get(name))
    for volume in spec.get("volumes", []):
        if "hostPath" in volume:
            yield f"the volume {volume['name']} is the node's"
        if "emptyDir" in volume and "sizeLimit" not in volume["emptyDir"]:
            yield f"the volume {volume['name']} has no limit and can fill its node"


def _of_containers(pod: Pod) -> Iterator[str]:
    for container in pod.containers:
        yield from (f"container {container['name']}: {words}" for words in _of_container(container))
    for container in pod.spec["containers"]:
        if pod.kind != "Job" and "ports" in container and not {"livenessProbe", "readinessProbe"} <= container.keys():
            yield f"container {container['name']}: it has not both a liveness and a readiness probe"


def _of_container(container: Object) -> Iterator[str]:
    if container.get("securityContext") != _CONTAINER:
        yield f"its security context is not {_CONTAINER}"
    if any("hostPort" in port for port in container.get("ports", [])):
        yield "it takes a port of the node"
    _, _, tag = container["image"].rpartition(":")
    if "/" in tag or tag in {container["image"], "latest"}:
        yield f"the image {container['image']} has no version"
    for bound in ("requests", "limits"):
        if missing := _RESOURCES - container.get("resources", {}).get(bound, {}).keys():
            yield f"it has no {bound} of {', '.join(sorted(missing))}"
