"""Checks that pods reach the addresses in their settings: Services are there, and policies let traffic out."""

from collections.abc import Iterator, Mapping
from typing import Any, Final
from urllib.parse import urlsplit

from deploy.check.objects import Object, Objects, Pod, title
from deploy.check.settings import environment_of

_PORTS: Final = {"https": 443, "http": 80}
_WITHIN: Final = ("BRIDGE_INGRESS_URL", "BRIDGE_WORKER_URL", "BRIDGE_WORKER_ADVERTISED_URL")
_DATA: Final = "/var/lib/bridge"
"""`BRIDGE_WORKER_DATA_DIR` of the image."""


def problems(objects: Objects) -> Iterator[str]:
    """Yield a sentence for each problem."""
    for pod in (each for each in objects.pods if each.is_ours):
        for container in pod.ours:
            environment = environment_of(objects, container)
            words = (
                *_outside(objects, pod, environment),
                *_inside(objects, environment),
                *_brokers(objects, environment),
                *_tables(container, environment),
            )
            yield from (f"{pod.title}: container {container['name']}: {each}" for each in words)
        workload = objects.find(pod.kind, pod.name)
        if workload and pod.kind == "StatefulSet":
            yield from (f"{title(workload)}: {words}" for words in _of_names(objects, workload))


def _outside(objects: Objects, pod: Pod, environment: Mapping[str, str]) -> Iterator[str]:
    """If any policy restricts what goes out of a pod, one must let it out to the ports of its settings. Addresses
    are not checked: policies cannot name hosts."""
    specs = [
        each["spec"]
        for each in objects.of_kind("NetworkPolicy")
        if pod in objects.selected(each["spec"]["podSelector"])
    ]
    if not any("Egress" in spec.get("policyTypes", []) for spec in specs):
        return
    rules = [rule for spec in specs for rule in spec.get("egress", [])]
    for name, port in _wanted(environment):
        if not any(_lets(rule, port) for rule in rules):
            yield f"no network policy lets it out to the port {port} of {name}"


def _wanted(environment: Mapping[str, str]) -> Iterator[tuple[str, int]]:
    for server in environment.get("BRIDGE_KAFKA_BOOTSTRAP_SERVERS", "").split(","):
        port = server.strip().rpartition(":")[2]
        if port.isdigit():
            yield "BRIDGE_KAFKA_BOOTSTRAP_SERVERS", int(port)
    host, token_port = _address(environment.get("BRIDGE_KAFKA_OAUTH_TOKEN_URL", ""))
    if host:
        yield "BRIDGE_KAFKA_OAUTH_TOKEN_URL", token_port or 443
    if environment.get("BRIDGE_KAFKA_SASL_MECHANISM", "").upper() == "AWS_MSK_IAM":
        yield "AWS's token service", 443


def _address(url: str) -> tuple[str, int | None]:
    """Host and port of a URL. Empty host: it is no URL, which the settings check reports."""
    try:
        parts = urlsplit(url)
        return parts.hostname or "", parts.port or _PORTS.get(parts.scheme)
    except ValueError:  # such as a port with too many digits
        return "", None


def _lets(rule: Object, port: int) -> bool:
    ports = rule.get("ports")
    return not ports or any(_is_meant(each, port) for each in ports)


def _is_meant(given: Mapping[str, Any], port: int) -> bool:
    if given.get("protocol", "TCP") != "TCP":
        return False
    first = given.get("port")
    if first is None:
        return True
    return isinstance(first, int) and first <= port <= given.get("endPort", first)


def _inside(objects: Objects, environment: Mapping[str, str]) -> Iterator[str]:
    """The bridge's own addresses must name a Service that has the port. A host with dots may be elsewhere."""
    for name in _WITHIN:
        host, port = _address(environment.get(name, ""))
        host = host.removeprefix("the-pod.")
        if not host or "." in host:
            continue
        service = objects.find("Service", host)
        if service is None:
            yield f"{name}: there is no Service {host}"
        elif port not in [each["port"] for each in service["spec"]["ports"]]:
            yield f"{name}: the Service {host} has no port {port}"


def _brokers(objects: Objects, environment: Mapping[str, str]) -> Iterator[str]:
    """A broker that is a Service of these manifests must have the port. Others are elsewhere."""
    for server in environment.get("BRIDGE_KAFKA_BOOTSTRAP_SERVERS", "").split(","):
        host, _, port = server.strip().partition(":")
        service = objects.find("Service", host)
        if service and port not in [str(each["port"]) for each in service["spec"].get("ports", [])]:
            yield f"BRIDGE_KAFKA_BOOTSTRAP_SERVERS: the Service {host} has no port {port}"


def _tables(container: Object, environment: Mapping[str, str]) -> Iterator[str]:
    """A worker's tables must be on a volume."""
    home = environment.get("BRIDGE_WORKER_DATA_DIR", _DATA)
    mounts = [mount["mountPath"] for mount in container.get("volumeMounts", [])]
    if container.get("args", [])[:1] == ["worker"] and home not in mounts:
        yield f"no volume is mounted at {home}, where its tables are"


def _of_names(objects: Objects, workload: Object) -> Iterator[str]:
    """Pods get their own names from a headless Service, which must choose them."""
    name, spec = workload["spec"].get("serviceName"), {}
    service = objects.find("Service", name or "")
    if service is not None:
        spec = service["spec"]
    pods = objects.selected({"matchLabels": spec.get("selector", {})}) if spec else []
    if spec.get("clusterIP") != "None" or workload["metadata"]["name"] not in [pod.name for pod in pods]:
        yield f"{name} is no headless Service of its pods"
