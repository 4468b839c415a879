"""Checks references between objects: selectors choose pods, and named ports are there."""

from collections.abc import Iterator
from typing import Any, Final

from deploy.check.objects import Object, Objects, Pod, limit_of, title
from deploy.check.values import amount

_NAME: Final = "app.kubernetes.io/name"
_METRICS: Final = "/metrics"


def problems(objects: Objects) -> Iterator[str]:
    """Yield sentences on references that lead nowhere, or to the wrong place."""
    for check in (_services, _probes, _budgets, _spread, _policies, _monitors, _autoscalers, _accounts):
        yield from check(objects)


def _services(objects: Objects) -> Iterator[str]:
    for service in objects.of_kind("Service"):
        spec = service["spec"]
        if "selector" not in spec:
            continue  # somebody else keeps its endpoints
        pods = objects.selected({"matchLabels": spec["selector"]})
        if len(pods) != 1:
            yield f"{title(service)}: its selector chooses {len(pods)} workloads"
        meant = service["metadata"].get("labels", {}).get(_NAME)
        yield from (
            f"{title(service)}: it is for {meant}, and leads to {pod.name}"
            for pod in pods
            if meant not in {None, pod.labels.get(_NAME)}
        )
        ports = [port.get("targetPort", port["port"]) for port in spec.get("ports", [])]
        yield from _unknown_ports(title(service), ports, pods)


def _probes(objects: Objects) -> Iterator[str]:
    for pod in objects.pods:
        for container in pod.containers:
            own = {port.get("name") for port in container.get("ports", [])}
            for name in ("livenessProbe", "readinessProbe", "startupProbe"):
                probe = container.get(name, {})
                port = (probe.get("httpGet") or probe.get("tcpSocket") or {}).get("port")
                if isinstance(port, str) and port not in own:
                    yield f"{pod.title}: the {name} asks the port {port}, which its container has not"


def _budgets(objects: Objects) -> Iterator[str]:
    budgets = objects.of_kind("PodDisruptionBudget")
    for budget in budgets:
        if len(objects.selected(budget["spec"]["selector"])) != 1:
            yield f"{title(budget)}: its selector does not choose one workload"
    covered = {pod.name for budget in budgets for pod in objects.selected(budget["spec"]["selector"])}
    for pod in objects.pods:
        if pod.is_service and pod.name not in covered:
            yield f"{pod.title}: no PodDisruptionBudget covers it"


def _spread(objects: Objects) -> Iterator[str]:
    for pod in objects.pods:
        for constraint in pod.spec.get("topologySpreadConstraints", []):
            if objects.selected(constraint["labelSelector"]) != [pod]:
                yield f"{pod.title}: it is spread among other pods than its own"


def _policies(objects: Objects) -> Iterator[str]:
    for policy in objects.of_kind("NetworkPolicy"):
        spec, name = policy["spec"], title(policy)
        pods = objects.selected(spec["podSelector"])
        if not pods:
            yield f"{name}: it holds for no pod"
        asked = [pod for pod in pods if pod.port_names]
        for rule in spec.get("ingress", []):
            yield from _unknown_ports(name, _ports_of(rule), asked)
        for rule in spec.get("egress", []):
            near = [peer["podSelector"] for peer in rule.get("to", []) if peer.keys() == {"podSelector"}]
            theirs = [pod for selector in near for pod in objects.selected(selector)]
            yield from _unknown_ports(name, _ports_of(rule), theirs)


def _ports_of(rule: Object) -> list[Any]:
    return [port.get("port") for port in rule.get("ports", [])]


def _unknown_ports(name: str, ports: list[Any], pods: list[Pod]) -> Iterator[str]:
    """Each pod must have each named port. Ports by number are not checked."""
    for pod in pods:
        for port in ports:
            if isinstance(port, str) and port not in pod.port_names:
                yield f"{name}: {pod.name} has no port {port}"


def _monitors(objects: Objects) -> Iterator[str]:
    for monitor in objects.of_kind("PodMonitor"):
        pods = objects.selected(monitor["spec"]["selector"])
        if missed := {pod.name for pod in objects.pods if pod.is_service} - {pod.name for pod in pods}:
            yield f"{title(monitor)}: it does not choose {', '.join(sorted(missed))}"
        ports = [endpoint.get("port") for endpoint in monitor["spec"]["podMetricsEndpoints"]]
        yield from _unknown_ports(title(monitor), ports, pods)
        for path in (endpoint.get("path", _METRICS) for endpoint in monitor["spec"]["podMetricsEndpoints"]):
            if path != _METRICS:
                yield f"{title(monitor)}: it asks for {path}, and the bridge answers {_METRICS}"


def _autoscalers(objects: Objects) -> Iterator[str]:
    for scaler in objects.of_kind("HorizontalPodAutoscaler"):
        spec = scaler["spec"]
        target = objects.find(spec["scaleTargetRef"]["kind"], spec["scaleTargetRef"]["name"])
        if target is None:
            yield f"{title(scaler)}: there is no {spec['scaleTargetRef']['name']}"
        elif target["spec"].get("replicas"):  # with 0 replicas, the autoscaler is off
            yield f"{title(target)}: it has replicas: each apply would set back what {title(scaler)} counts"
        yield from (f"{title(scaler)}: {words}" for words in _out_of_reach(objects, scaler))
        if spec.get("minReplicas", 1) > spec["maxReplicas"]:
            yield f"{title(scaler)}: minReplicas is above maxReplicas"


def _out_of_reach(objects: Objects, scaler: Object) -> Iterator[str]:
    """Yield an autoscaler's targets that no pod can reach, because its limits are lower."""
    pods = [pod for pod in objects.pods if pod.name == scaler["spec"]["scaleTargetRef"]["name"]]
    for resource in (metric["resource"] for metric in scaler["spec"].get("metrics", []) if "resource" in metric):
        wanted, name = amount(resource["target"].get("averageValue", "0")), resource["name"]
        for pod in pods:
            limits = [limit_of(container, name) for container in pod.spec["containers"]]
            if wanted and None not in limits and wanted > sum(amount(each) or 0 for each in limits):
                yield f"it waits for more {name} than {pod.name} may take"


def _accounts(objects: Objects) -> Iterator[str]:
    for pod in objects.pods:
        account = pod.spec.get("serviceAccountName", "default")
        if pod.is_ours and objects.find("ServiceAccount", account) is None:
            yield f"{pod.title}: there is no ServiceAccount {account}"
