"""Checks what an API server refuses although the schemas allow it: to them, quantities, enumerations and names are just
`string`."""

import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

from deploy.check.objects import WORKLOADS, Object, Objects, Pod, matches, title
from deploy.check.schemas import is_custom

_QUANTITY: Final = re.compile(r"(\d+(?:\.\d*)?|\.\d+)(|[numkMGTPE]|[KMGTPE]i|[eE][+-]?\d+)")
_SUFFIXES: Final = {
    **{suffix: 1000**power for power, suffix in enumerate(("n", "u", "m", "", "k", "M", "G", "T", "P", "E"), start=-3)},
    **{f"{suffix}i": 1024**power for power, suffix in enumerate("KMGTPE", start=1)},
}
_QUANTITIES: Final = {"sizeLimit", "averageValue"}
_CLOSED: Final[Mapping[str, frozenset[str]]] = {
    "imagePullPolicy": frozenset({"Always", "IfNotPresent", "Never"}),
    "restartPolicy": frozenset({"Always", "OnFailure", "Never"}),
    "whenUnsatisfiable": frozenset({"DoNotSchedule", "ScheduleAnyway"}),
    "fsGroupChangePolicy": frozenset({"Always", "OnRootMismatch"}),
    "podManagementPolicy": frozenset({"OrderedReady", "Parallel"}),
    "whenDeleted": frozenset({"Retain", "Delete"}),
    "whenScaled": frozenset({"Retain", "Delete"}),
    "accessModes": frozenset({"ReadWriteOnce", "ReadOnlyMany", "ReadWriteMany", "ReadWriteOncePod"}),
    "volumeMode": frozenset({"Filesystem", "Block"}),
    "protocol": frozenset({"TCP", "UDP", "SCTP"}),
    "policyTypes": frozenset({"Ingress", "Egress"}),
    "pathType": frozenset({"Exact", "Prefix", "ImplementationSpecific"}),
    "unhealthyPodEvictionPolicy": frozenset({"IfHealthyBudget", "AlwaysAllow"}),
    "operator": frozenset({"In", "NotIn", "Exists", "DoesNotExist", "Gt", "Lt", "Equal"}),
}
"""Fields of Kubernetes' own kinds that take these words only."""

_LABEL: Final = re.compile(r"(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?)")
_SUBDOMAIN: Final = re.compile(rf"{_LABEL.pattern}(?:\.{_LABEL.pattern})*")
_VALUE: Final = re.compile(r"(?:[A-Za-z0-9](?:[A-Za-z0-9_.-]{0,61}[A-Za-z0-9])?)?")
_RBAC: Final = "rbac.authorization.k8s.io/"
"""The group whose objects may have any name, such as `system:reader`."""


def problems(objects: Objects) -> Iterator[str]:
    """Yield a sentence for each problem."""
    for each in objects.all:
        yield from (f"{title(each)}: {words}" for words in _of_names(each))
        if not is_custom(each["apiVersion"].rpartition("/")[0]):  # schemas of custom resources check it
            yield from (f"{title(each)}: {words}" for words in _of_fields(each.get("spec")))
        if each["kind"] in WORKLOADS:
            yield from (f"{title(each)}: {words}" for words in _of_selector(each))
    for pod in objects.pods:
        yield from (f"{pod.title}: {words}" for words in (*_of_resources(pod), *_twice(pod)))


def amount(text: object) -> float | None:
    """The number of a quantity such as `250m` or `768Mi`; None: it is no quantity."""
    found = _QUANTITY.fullmatch(str(text))
    if found is None:
        return None
    number, suffix = found.groups()
    return float(number) * _SUFFIXES[suffix] if suffix in _SUFFIXES else float(f"{number}{suffix}")


def _of_names(each: Object) -> Iterator[str]:
    metadata = each["metadata"]
    if not _SUBDOMAIN.fullmatch(metadata["name"]) and not each["apiVersion"].startswith(_RBAC):
        yield "its name is none that Kubernetes takes"
    template = each.get("spec", {}).get("template", {}).get("metadata", {}) if each["kind"] in WORKLOADS else {}
    for key, value in (*metadata.get("labels", {}).items(), *template.get("labels", {}).items()):
        if not _VALUE.fullmatch(str(value)):
            yield f"{value!r} of the label {key} is none that Kubernetes takes"


def _of_fields(node: Any) -> Iterator[str]:
    """Check enumerations and quantities anywhere below `spec`."""
    for each in node if isinstance(node, list) else []:
        yield from _of_fields(each)
    for key, value in node.items() if isinstance(node, dict) else ():
        if key in _CLOSED:
            words = value if isinstance(value, list) else [value]
            yield from (f"{key} is never {word}" for word in words if word not in _CLOSED[key])
        if key in _QUANTITIES and amount(value) is None:
            yield f"{key}: {value} is no quantity"
        if key in {"requests", "limits"}:
            yield from (f"{name}: {text} is no quantity" for name, text in value.items() if amount(text) is None)
        yield from _of_fields(value)


def _of_selector(workload: Object) -> Iterator[str]:
    spec = workload["spec"]
    if "selector" in spec and not matches(spec["selector"], spec["template"]["metadata"].get("labels", {})):
        yield "its selector does not choose its own pods"


def _of_resources(pod: Pod) -> Iterator[str]:
    for container in pod.containers:
        resources = container.get("resources", {})
        limits = {name: amount(text) for name, text in resources.get("limits", {}).items()}
        for name, text in resources.get("requests", {}).items():
            asked, most = amount(text), limits.get(name)
            if asked is not None and most is not None and asked > most:
                yield f"container {container['name']}: it requests more {name} than its limit"


def _twice(pod: Pod) -> Iterator[str]:
    for container in pod.containers:
        for what, field in (("env", "name"), ("volumeMounts", "mountPath"), ("ports", "name")):
            names = [each.get(field) for each in container.get(what, [])]
            twice = sorted({name for name in names if name and names.count(name) > 1})
            yield from (f"container {container['name']}: {name} stands twice in its {what}" for name in twice)
