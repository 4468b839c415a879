"""Who may talk to whom, once everything that no policy allows is denied."""

import copy
from collections.abc import Mapping
from typing import Any, NamedTuple

import pytest

from deploy.check.objects import Object, Objects, matches
from tests.deploy.manifests import base_with, pod

OPERATOR = "bridge-operator"
WORKER, INGRESS = "bridge-worker", "bridge-ingress"
WITH_ALL = ("kafka-strimzi", "kafka-scram", "kafka-ca", "network-policy", "operator", "network-policy/operator")


class End(NamedTuple):
    """A pod's labels and those of its namespace; None: the bridge's own."""

    labels: Mapping[str, str]
    namespace: Mapping[str, str] | None = None


def passes(objects: Objects, source: End, target: End, port: str) -> bool:
    """Whether the policies let a connection out of its source and into a named port of its target."""
    out = source.namespace is not None or allows(objects, "egress", "to", source, target, port)
    return out and allows(objects, "ingress", "from", target, source, port)


def allows(objects: Objects, direction: str, peers: str, own: End, other: End, port: str) -> bool:
    """Whether a policy of the pod names the other one and the port, or no policy says anything of the pod. A rule
    without peers or ports means all of them."""
    specs = [each["spec"] for each in objects.of_kind("NetworkPolicy")]
    mine = [spec for spec in specs if matches(spec["podSelector"], own.labels)]
    if not any(direction.capitalize() in spec["policyTypes"] for spec in mine):
        return True
    return any(
        (not rule.get("ports") or port in [each.get("port") for each in rule["ports"]])
        and (not rule.get(peers) or any(is_meant(peer, other) for peer in rule[peers]))
        for spec in mine
        for rule in spec.get(direction, [])
    )


def is_meant(peer: Object, other: End) -> bool:
    """Whether a peer of a rule is this pod."""
    if "namespaceSelector" in peer:
        theirs = other.namespace or {}
        return matches(peer["namespaceSelector"], theirs) and matches(peer.get("podSelector", {}), other.labels)
    return other.namespace is None and "podSelector" in peer and matches(peer["podSelector"], other.labels)


def ours(objects: Objects, name: str) -> End:
    """A pod of the bridge's."""
    return End(pod(objects, name).labels)


STRANGER = End({"app": "any"}, {"kubernetes.io/metadata.name": "elsewhere"})
CLIENT = End({"newstore-bridge/client": "true"}, {"kubernetes.io/metadata.name": "elsewhere"})
GATEWAY = End({"app": "envoy"}, {"newstore-bridge/gateway": "true"})
PROMETHEUS = End({"app": "prometheus"}, {"newstore-bridge/monitoring": "true"})


@pytest.mark.parametrize(
    ("source", "target", "ports"),
    [
        pytest.param(GATEWAY, INGRESS, {"http"}, id="gateway to ingress"),
        pytest.param(GATEWAY, WORKER, set(), id="gateway to worker"),
        pytest.param(CLIENT, WORKER, {"http"}, id="client to worker"),
        pytest.param(CLIENT, INGRESS, set(), id="client to ingress"),
        pytest.param(PROMETHEUS, INGRESS, {"ops"}, id="prometheus to ingress"),
        pytest.param(PROMETHEUS, WORKER, {"ops"}, id="prometheus to worker"),
        pytest.param(STRANGER, INGRESS, set(), id="stranger to ingress"),
        pytest.param(STRANGER, WORKER, set(), id="stranger to worker"),
        pytest.param(WORKER, WORKER, {"http"}, id="worker to worker"),
        pytest.param(WORKER, INGRESS, set(), id="worker to ingress"),
        pytest.param(INGRESS, WORKER, set(), id="ingress to worker"),
        pytest.param(OPERATOR, WORKER, {"http", "ops"}, id="operator to worker"),
        pytest.param(OPERATOR, INGRESS, {"ops"}, id="operator to ingress"),
        pytest.param(WORKER, OPERATOR, set(), id="worker to operator"),
    ],
)
def test_the_policies_let_through(source: Any, target: str, ports: set[str]) -> None:
    """These named ports, and no other."""
    objects = base_with(*WITH_ALL)
    begin = source if isinstance(source, End) else ours(objects, source)
    assert {port for port in ("http", "ops") if passes(objects, begin, ours(objects, target), port)} == ports


def test_without_its_own_policies_a_command_reaches_no_service() -> None:
    """Otherwise the component would be for nothing."""
    objects = base_with(*(each for each in WITH_ALL if each != "network-policy/operator"))
    assert not passes(objects, ours(objects, OPERATOR), ours(objects, WORKER), "http")


@pytest.mark.parametrize("broken", ["no peers", "no policy"])
def test_what_is_open_to_everybody_is_seen(broken: str) -> None:
    """A rule that names nobody lets everybody in, and so does a pod without a policy."""
    objects = Objects([copy.deepcopy(each) for each in base_with(*WITH_ALL).all])
    policies = objects.of_kind("NetworkPolicy")
    if broken == "no peers":
        for rule in (rule for each in policies for rule in each["spec"].get("ingress", [])):
            rule.pop("from", None)
    else:
        objects = Objects([each for each in objects.all if each not in policies])
    assert passes(objects, STRANGER, ours(objects, WORKER), "http")
