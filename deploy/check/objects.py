"""Kubernetes objects as kustomize or Helm render them, and the parts of them that the checks look at."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final

from bridge.settings.environment import PREFIX

Object = dict[str, Any]

WORKLOADS: Final = ("Deployment", "StatefulSet", "DaemonSet", "Job", "CronJob")
OUR_IMAGE: Final = "newstore-kafka-bridge"


@dataclass(frozen=True)
class Pod:
    """A pod template and the workload that it belongs to."""

    kind: str
    name: str
    labels: Mapping[str, str]
    spec: Object

    @property
    def title(self) -> str:
        """What a person calls the pod: by its workload."""
        return f"{self.kind} {self.name}"

    @property
    def containers(self) -> list[Object]:
        """All containers, init containers first."""
        return [*self.spec.get("initContainers", []), *self.spec["containers"]]

    @property
    def ours(self) -> list[Object]:
        """Containers that run the bridge. A mesh, for example, may add others."""
        return [container for container in self.containers if runs_the_bridge(container)]

    @property
    def is_ours(self) -> bool:
        """Whether the pod runs the bridge."""
        return bool(self.ours)

    @property
    def is_service(self) -> bool:
        """Whether the bridge answers requests here. A pod where people run commands is no service."""
        return any(container.get("ports") for container in self.ours)

    @property
    def port_names(self) -> set[str]:
        """The names of all its containers' ports."""
        ports = [port for container in self.containers for port in container.get("ports", [])]
        return {port["name"] for port in ports if "name" in port}


def image_name(container: Object) -> str:
    """The image without tag and digest."""
    name: str = container["image"].partition("@")[0]
    return name if "/" in name.rpartition(":")[2] else name.rpartition(":")[0] or name


def runs_the_bridge(container: Object) -> bool:
    """Whether a container runs the bridge: by its image, from any registry, or by settings that only the bridge has. A
    registry may rename the image, and what is misspelled must be checked, too."""
    names = [each["name"] for each in container.get("env", [])]
    configs = [each.get("configMapRef", {}).get("name", "") for each in container.get("envFrom", [])]
    told = any(name.startswith(PREFIX) for name in names) or any(f"{name}-".startswith("bridge-") for name in configs)
    return told or image_name(container).endswith(OUR_IMAGE)


def limit_of(container: Object, resource: str) -> object:
    """A container's limit of a resource; None: it has none."""
    return container.get("resources", {}).get("limits", {}).get(resource)


class Objects:
    """All objects of one rendering."""

    def __init__(self, objects: Sequence[Object]) -> None:
        self.all = tuple(objects)

    def of_kind(self, *kinds: str) -> list[Object]:
        """The objects of these kinds."""
        return [each for each in self.all if each["kind"] in kinds]

    def find(self, kind: str, name: str) -> Object | None:
        """The object of this kind and name, if any."""
        return next((each for each in self.of_kind(kind) if each["metadata"]["name"] == name), None)

    @cached_property
    def pods(self) -> tuple[Pod, ...]:
        """The pod template of every workload."""
        return tuple(self._pods())

    def _pods(self) -> Iterator[Pod]:
        for each in self.of_kind(*WORKLOADS):
            spec = each["spec"]["jobTemplate"]["spec"] if each["kind"] == "CronJob" else each["spec"]
            template = spec["template"]
            yield Pod(each["kind"], each["metadata"]["name"], template["metadata"]["labels"], template["spec"])

    def selected(self, selector: Mapping[str, Any]) -> list[Pod]:
        """The pods that a label selector chooses. An empty selector chooses all."""
        return [pod for pod in self.pods if matches(selector, pod.labels)]


def matches(selector: Mapping[str, Any], labels: Mapping[str, str]) -> bool:
    """Whether a label selector chooses these labels."""
    if not selector.get("matchLabels", {}).items() <= labels.items():
        return False
    return all(_expression_holds(each, labels) for each in selector.get("matchExpressions", []))


def _expression_holds(expression: Mapping[str, Any], labels: Mapping[str, str]) -> bool:
    value = labels.get(expression["key"])
    match expression["operator"]:
        case "In":
            return value in expression["values"]
        case "NotIn":
            return value not in expression["values"]
        case "Exists":
            return value is not None
        case _:  # DoesNotExist: the schema allows no other operator
            return value is None


def title(each: Object) -> str:
    """What a person calls an object."""
    return f"{each['kind']} {each['metadata']['name']}"
