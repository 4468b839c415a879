"""What users have beside our objects in their overlays. Other ways to say the same are understood, not taken for
faults."""

import copy
import re
from typing import Any

import pytest
import yaml

from deploy.check.check import problems_of
from deploy.check.objects import Objects, matches
from deploy.check.render import KUBERNETES
from tests.deploy.manifests import DEV, base_with, named, overlay, pod


def beside_ours(*others: dict[str, Any]) -> list[str]:
    """What is wrong with the base and these objects."""
    return problems_of(Objects([*base_with().all, *others]))


def of(api: str, kind: str, spec: dict[str, Any]) -> dict[str, Any]:
    """An object of the user's."""
    return {"apiVersion": api, "kind": kind, "metadata": {"name": "theirs"}, "spec": spec}


CHOOSE = {"matchExpressions": [{"key": "app.kubernetes.io/name", "operator": "Exists"}]}
ADDRESSES = {"ipBlock": {"cidr": "10.0.0.0/8"}}
WHOLE_ENTRY = {"extract": {"key": "all"}}
GATEWAY = "gateway.networking.k8s.io/v1"
RULES = [{"apiGroups": [""], "resources": ["pods/exec"], "verbs": ["create"]}]


@pytest.mark.parametrize(
    "theirs",
    [
        of("v1", "Service", {"type": "ExternalName", "externalName": "kafka.example.com"}),
        of("v1", "Service", {"selector": {"app.kubernetes.io/name": "bridge-ingress"}, "ports": [{"port": 8080}]}),
        of("networking.k8s.io/v1", "NetworkPolicy", {"podSelector": CHOOSE, "egress": [{"to": [ADDRESSES]}]}),
        of("networking.k8s.io/v1", "Ingress", {"rules": [{"host": "x.example.com"}]}),
        of(GATEWAY, "HTTPRoute", {"parentRefs": [{"name": "of-others", "namespace": "gateways"}], "rules": [{}]}),
        {
            "apiVersion": "rbac.authorization.k8s.io/v1",
            "kind": "Role",
            "metadata": {"name": "bridge:exec"},
            "rules": RULES,
        },
        of("external-secrets.io/v1", "ExternalSecret", {"dataFrom": [WHOLE_ENTRY], "target": {"name": "bridge"}}),
    ],
    ids=lambda each: each["kind"],
)
def test_what_is_said_in_another_way_is_no_fault(theirs: dict[str, Any]) -> None:
    assert beside_ours(theirs) == []


def test_users_and_names_of_others_are_no_fault() -> None:
    """A reader's KafkaUser beside the services' ones, and an address that is no Service of these manifests."""
    objects = [copy.deepcopy(each) for each in base_with("kafka-strimzi", "kafka-scram", "kafka-ca", "operator").all]
    theirs = copy.deepcopy(Objects(objects).of_kind("KafkaUser")[0])
    theirs["metadata"]["name"] = "shop-warehouse"
    (worker_url,) = [
        entry
        for entry in pod(Objects(objects), "bridge-operator").containers[0]["env"]
        if entry["name"] == "BRIDGE_WORKER_URL"
    ]
    worker_url["value"] = "http://orders.internal:6066"
    assert problems_of(Objects([*objects, theirs])) == []


def test_a_kafka_of_the_same_manifests_is_asked_at_a_port_that_it_has() -> None:
    """As that of `overlays/dev`."""
    objects = [copy.deepcopy(each) for each in overlay(DEV).all]
    assert problems_of(Objects(objects)) == []
    named(Objects(objects), "Service", "kafka")["spec"]["ports"][0]["port"] = 9093
    assert any("the Service kafka has no port 9092" in words for words in problems_of(Objects(objects)))


def test_the_policy_for_a_load_balancer_can_be_taken_as_it_stands() -> None:
    text = (KUBERNETES / "components" / "gateway" / "README.md").read_text()
    (block,) = re.findall(r"```yaml\n(.+?)```", text, re.DOTALL)
    policy = yaml.safe_load(block)
    assert beside_ours(policy) == []
    policy["spec"]["ingress"][0]["ports"][0]["port"] = "web"
    assert beside_ours(policy) == ["NetworkPolicy load-balancer-to-bridge-ingress: bridge-ingress has no port web"]


def test_a_kind_whose_schema_is_not_here_is_told_with_where_it_belongs() -> None:
    (words,) = beside_ours(of("cert-manager.io/v1", "Certificate", {}))
    assert "no schema of Certificate (cert-manager.io/v1) in crd-schemas" in words


@pytest.mark.parametrize(
    ("operator", "values", "chosen"),
    [
        ("In", ["a"], True),
        ("In", ["b"], False),
        ("NotIn", ["a"], False),
        ("Exists", [], True),
        ("DoesNotExist", [], False),
    ],
)
def test_selectors_choose_as_kubernetes_says(operator: str, values: list[str], chosen: bool) -> None:
    expression = {"key": "app", "operator": operator, "values": values}
    assert matches({"matchExpressions": [expression]}, {"app": "a"}) is chosen


def test_a_container_of_somebody_else_beside_ours_hides_nothing() -> None:
    """A mesh puts a container into each pod. Ours is checked as ever, whatever theirs does not say."""
    objects = Objects([copy.deepcopy(each) for each in base_with("autoscaling").all])
    pod(objects, "bridge-ingress").spec["containers"].append({"name": "proxy", "image": "mesh/proxy:1"})
    (config,) = objects.of_kind("ConfigMap")
    config["data"]["BRIDGE_OPS_PORT"] = "high"
    found = problems_of(objects)
    assert any("bridge-ingress/ingress: its settings cannot be read" in words for words in found)
    assert not any("/proxy" in words for words in found)
