"""Checks that deliveries from outside reach the ingress, and no proxy answers in its place."""

import re
from collections.abc import Iterator
from typing import Any, Final

from bridge.http.bounds import BODY_S
from bridge.intake import WEBHOOK
from bridge.refusals import SettingsError
from deploy.check.objects import Object, Objects, title
from deploy.check.settings import environment_of, settings_of

_UNITS: Final = {"h": 3600.0, "m": 60.0, "s": 1.0, "ms": 0.001}
_READ_TIMEOUT: Final = "nginx.ingress.kubernetes.io/proxy-read-timeout"


def problems(objects: Objects) -> Iterator[str]:
    """Yield a sentence for each problem."""
    for route in objects.of_kind("HTTPRoute"):
        yield from (f"{title(route)}: {words}" for words in (*_rules(objects, route), *_parents(objects, route)))
    for ingress in objects.of_kind("Ingress"):
        yield from (f"{title(ingress)}: {words}" for words in _ingress(objects, ingress))


def _rules(objects: Objects, route: Object) -> Iterator[str]:
    ours = []
    for rule in route["spec"].get("rules", []):
        backends = [each for each in rule.get("backendRefs", []) if each.get("kind", "Service") == "Service"]
        for backend in (each for each in backends if "namespace" not in each):
            yield from _no_such_port(objects, backend["name"], "port", backend.get("port"))
            if _is_ingress(objects, backend["name"]):
                ours.append(rule)
        for name, text in rule.get("timeouts", {}).items():
            yield from _impatient(objects, f"its timeout {name}", _seconds(text))
    if ours and not any(_takes(match) for rule in ours for match in rule.get("matches", [{}])):
        yield f"no rule leads POST {WEBHOOK} to the ingress"


def _impatient(objects: Objects, name: str, seconds: float) -> Iterator[str]:
    """A proxy that waits for less time than the ingress answers NewStore in its place, with a status whose effect is
    unknown. 0 seconds: for ever. The ingress waits for a body, then up to `BRIDGE_INGRESS_ACK_TIMEOUT` until it is
    parsed, then as long again for Kafka: docs/ingress.md."""
    ours = (container for pod in objects.pods for container in pod.ours if container.get("args", [])[:1] == ["ingress"])
    for container in ours:
        try:
            patience = BODY_S + 2 * settings_of(environment_of(objects, container)).ingress_ack_timeout.total_seconds()
        except (SettingsError, ValueError):
            return  # the settings check reports it
        if 0 < seconds < patience:
            yield f"{name} is {seconds:g} s, and the ingress may take {patience:g} s to answer"


def _takes(match: Object) -> bool:
    path = match.get("path", {"type": "PathPrefix", "value": "/"})
    return match.get("method", "POST") == "POST" and _is_on(path.get("type", "PathPrefix"), path["value"])


def _is_on(kind: str, path: str) -> bool:
    """Whether the webhook's path is meant. A regular expression counts as meaning it."""
    if kind in {"PathPrefix", "Prefix"}:
        return f"{WEBHOOK}/".startswith(f"{path.rstrip('/')}/")
    return kind != "Exact" or path == WEBHOOK


def _seconds(text: str) -> float:
    return sum(float(number) * _UNITS[unit] for number, unit in re.findall(r"(\d+)(ms|h|m|s)", text))


def _parents(objects: Objects, route: Object) -> Iterator[str]:
    names = route["spec"].get("hostnames", [])
    for parent in route["spec"].get("parentRefs", []):
        if "namespace" in parent or parent.get("kind", "Gateway") != "Gateway":
            continue  # somebody else's
        gateway = objects.find("Gateway", parent["name"])
        if gateway is None:
            yield f"there is no Gateway {parent['name']}, and no namespace says whose it is"
            continue
        section = parent.get("sectionName")
        listeners = [each for each in gateway["spec"]["listeners"] if section in {None, each["name"]}]
        if not listeners:
            yield f"{title(gateway)} has no listener {section}"
        elif names and not any(_meets(each.get("hostname"), name) for each in listeners for name in names):
            yield f"{title(gateway)} has no listener for {', '.join(names)}"


def _meets(listener: str | None, name: str) -> bool:
    if listener is None or listener == name:
        return True
    return listener.startswith("*.") and name.endswith(listener[1:])


def _ingress(objects: Objects, ingress: Object) -> Iterator[str]:
    spec, annotations = ingress["spec"], ingress["metadata"].get("annotations", {})
    if _READ_TIMEOUT in annotations:
        yield from _impatient(objects, _READ_TIMEOUT, float(annotations[_READ_TIMEOUT]))
    certified = [host for entry in spec.get("tls", []) for host in entry.get("hosts", [])]
    paths = []
    for rule in spec.get("rules", []):
        if certified and rule.get("host") not in certified:
            yield f"its certificate is for {', '.join(certified)}, and not for {rule.get('host')}"
        for path in rule.get("http", {}).get("paths", []):
            service = path["backend"].get("service")
            if service is None:
                continue  # a backend of the controller's own kind
            ((by, port),) = service["port"].items()
            yield from _no_such_port(objects, service["name"], "port" if by == "number" else by, port)
            if _is_ingress(objects, service["name"]):
                paths.append(path)
    if paths and not any(_is_on(path["pathType"], path.get("path", "/")) for path in paths):
        yield f"no path leads {WEBHOOK} to the ingress"


def _is_ingress(objects: Objects, service: str) -> bool:
    found = objects.find("Service", service)
    pods = objects.selected({"matchLabels": found["spec"].get("selector", {})}) if found else []
    return any(container.get("args", [])[:1] == ["ingress"] for pod in pods for container in pod.ours)


def _no_such_port(objects: Objects, service: str, by: str, port: Any) -> Iterator[str]:
    found = objects.find("Service", service)
    if found is None or port not in [each[by] for each in found["spec"]["ports"]]:
        yield f"there is no Service {service} with the port {port}"
