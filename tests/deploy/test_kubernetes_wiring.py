"""The manifests let the services come and go without losing anything."""

import re
from collections.abc import Iterator
from typing import Any

import pytest
import yaml

from deploy.check.objects import Object, Objects, Pod
from deploy.check.render import KUBERNETES
from deploy.check.settings import environment_of, settings_of
from tests.deploy.manifests import DEV, KAFKA, PROD, ROOT, SIGTERM_S, base_with, named, overlay, pod

SERVICES = ("bridge-ingress", "bridge-worker")


def main_container(found: Pod) -> Object:
    """The container that runs for long."""
    (container,) = found.spec["containers"]
    return dict(container)


def test_probes_ask_the_operations_port_and_no_service_leads_there() -> None:
    """Whoever reaches the webhook does not reach the metrics, and cannot keep the probes waiting."""
    objects = overlay(PROD)
    for name in SERVICES:
        container = main_container(pod(objects, name))
        asked = {probe: container[probe]["httpGet"] for probe in ("livenessProbe", "readinessProbe")}
        assert {each["port"] for each in asked.values()} == {"ops"}
        assert [each["path"] for each in asked.values()] == ["/livez", "/readyz"]
    for service in objects.of_kind("Service"):
        assert "ops" not in {port["targetPort"] for port in service["spec"]["ports"]}


def test_every_service_of_ours_keeps_running_while_nodes_are_drained() -> None:
    """Each has a disruption budget that lets the drain go on: one pod at a time, also of those that an autoscaler has
    added, because they are needed."""
    objects = base_with()
    budgets = objects.of_kind("PodDisruptionBudget")
    assert {each["metadata"]["name"]: each["spec"]["maxUnavailable"] for each in budgets} == dict.fromkeys(SERVICES, 1)
    assert {each["spec"]["unhealthyPodEvictionPolicy"] for each in budgets} == {"AlwaysAllow"}, "without Kafka"
    assert named(overlay(PROD), "HorizontalPodAutoscaler", "bridge-ingress")["spec"]["minReplicas"] >= 2


def test_the_ingress_rolls_out_without_a_gap() -> None:
    """A new pod comes before an old one goes, and there are several."""
    ingress = named(base_with(), "Deployment", "bridge-ingress")["spec"]
    assert ingress["strategy"]["rollingUpdate"] == {"maxSurge": 1, "maxUnavailable": 0}
    assert ingress["replicas"] >= 2


def test_an_outage_of_kafka_leaves_the_webhook_its_pods() -> None:
    """Otherwise the load balancer would answer NewStore, with a status whose effect is unknown."""
    probe = main_container(pod(base_with(), "bridge-ingress"))["readinessProbe"]
    assert probe["periodSeconds"] * probe["failureThreshold"] >= 24 * 3600


@pytest.mark.parametrize("name", SERVICES)
def test_a_pod_has_the_time_to_end_in_order(name: str) -> None:
    """It is out of its Services before SIGTERM, and has ended before SIGKILL."""
    spec = pod(base_with(), name).spec
    (container,) = spec["containers"]
    pause = container["lifecycle"]["preStop"]["sleep"]["seconds"]
    assert pause > 0
    assert pause + SIGTERM_S < spec["terminationGracePeriodSeconds"]


@pytest.mark.parametrize("name", SERVICES)
def test_replicas_are_spread_over_zones_and_nodes(name: str) -> None:
    """But none waits for a zone that has no room."""
    constraints = pod(base_with(), name).spec["topologySpreadConstraints"]
    keys = [each["topologyKey"] for each in constraints]
    assert keys == ["topology.kubernetes.io/zone", "kubernetes.io/hostname"]
    assert {each["whenUnsatisfiable"] for each in constraints} == {"ScheduleAnyway"}


def test_workers_have_names_and_keep_their_tables() -> None:
    """They have a headless Service, which also gives the address of a worker that recovers, and a volume each."""
    objects = base_with()
    worker = named(objects, "StatefulSet", "bridge-worker")["spec"]
    peers = named(objects, "Service", worker["serviceName"])["spec"]
    assert peers["clusterIP"] == "None"
    assert peers["publishNotReadyAddresses"] is True
    (claim,) = worker["volumeClaimTemplates"]
    mounts = {each["name"]: each["mountPath"] for each in main_container(pod(objects, "bridge-worker"))["volumeMounts"]}
    assert mounts[claim["metadata"]["name"]] == "/var/lib/bridge"
    assert worker["persistentVolumeClaimRetentionPolicy"] == {"whenDeleted": "Retain", "whenScaled": "Retain"}


def test_a_worker_is_known_by_its_pod() -> None:
    """Its member id survives a restart, and its address is the one that its headless Service gives it."""
    container = main_container(pod(overlay(DEV), "bridge-worker"))
    settings = settings_of(environment_of(overlay(DEV), container))
    assert settings.worker_instance_id == "the-pod"
    assert settings.worker_advertised_url == "http://the-pod.bridge-worker-peers:6066"
    field = {"apiVersion": "v1", "fieldPath": "metadata.name"}
    assert {"name": "POD_NAME", "valueFrom": {"fieldRef": field}} in container["env"]


def test_the_base_can_be_applied_again() -> None:
    """With other settings: nothing in it is immutable but the StatefulSet's claims."""
    kinds = {each["kind"] for each in base_with().all}
    assert "Job" not in kinds
    (topics,) = pod(base_with(), "bridge-worker").spec["initContainers"]
    assert topics["args"][:3] == ["topics", "apply", "--yes"]
    assert "--wait" in topics["args"]
    assert topics["envFrom"] == main_container(pod(base_with(), "bridge-worker"))["envFrom"]


@pytest.mark.parametrize("name", [DEV, PROD])
def test_what_the_api_fills_in_within_lists_is_written_out(name: str) -> None:
    """Lists without keys are compared as a whole. Whoever applied server-side what was applied client-side had a
    conflict about two of them, and each apply took the workers' StatefulSet for changed."""
    for pod_ in overlay(name).pods:
        for container in pod_.containers:
            for variable in container.get("env", []):
                field = variable.get("valueFrom", {}).get("fieldRef", {"apiVersion": "v1"})
                assert field["apiVersion"] == "v1", variable
    for workers in overlay(name).of_kind("StatefulSet"):
        for claim in workers["spec"].get("volumeClaimTemplates", []):
            assert (claim["spec"]["volumeMode"], claim["status"]) == ("Filesystem", {"phase": "Pending"})


def test_a_changed_setting_replaces_the_pods() -> None:
    """Pods take their settings from a ConfigMap, whose name changes with its content."""
    (ours,), (other,) = (each.of_kind("ConfigMap") for each in (base_with(), base_with("kafka-msk-iam")))
    assert ours["metadata"]["name"] != other["metadata"]["name"]
    for name in SERVICES:
        for container in pod(base_with(), name).containers:
            assert container["envFrom"] == [{"configMapRef": {"name": ours["metadata"]["name"]}}]


def test_pods_run_as_the_images_user() -> None:
    """The image's own directory belongs to that number."""
    (user,) = re.findall(r"^USER (\d+):(\d+)$", (ROOT / "deploy" / "Dockerfile").read_text(), re.MULTILINE)
    for found in base_with("kafka-strimzi", "kafka-scram", "kafka-ca", "operator", "migration").pods:
        context = found.spec["securityContext"]
        assert (str(context["runAsUser"]), str(context["runAsGroup"])) == user, found.name


def test_no_tool_takes_away_what_lies_in_kafka() -> None:
    """Strimzi deletes a topic with its KafkaTopic, and all KafkaTopics go with their namespace."""
    kept = {
        "argocd.argoproj.io/sync-options": "Prune=false,Delete=false",
        "kustomize.toolkit.fluxcd.io/prune": "disabled",
    }
    assert overlay(PROD).of_kind("KafkaTopic")
    for each in overlay(PROD).of_kind("KafkaTopic", "Namespace"):
        assert kept.items() <= each["metadata"]["annotations"].items(), each["metadata"]["name"]
        assert "helm.sh/resource-policy" in each["metadata"]["annotations"] or each["kind"] == "Namespace"


def test_users_of_passwords_and_tokens_are_called_as_their_secrets() -> None:
    """The pages say so to whoever makes them without Strimzi."""
    for component, variable in (("kafka-scram", "KAFKA_SASL_USERNAME"), ("kafka-oauth", "KAFKA_OAUTH_CLIENT_ID")):
        objects = base_with(component)
        for found in (pod(objects, name) for name in SERVICES):
            for container in found.containers:
                user = environment_of(objects, container)[f"BRIDGE_{variable}"]
                assert user == f"newstore-{container['name']}"
                assert any(each.startswith(f"{user}/") for each in seen_secrets(found, container))


def test_the_secret_store_has_what_its_page_tells() -> None:
    page = (KUBERNETES / "components" / "external-secrets" / "README.md").read_text()
    found = named(base_with("external-secrets"), "ExternalSecret", "bridge")["spec"]
    for each in found["data"]:
        assert each["remoteRef"]["property"] == each["secretKey"]
        assert f"`{each['secretKey']}`" in page
        assert f"`{each['remoteRef']['key']}`" in page


def test_a_proxy_before_the_ingress_refuses_no_body_and_sends_nothing_twice() -> None:
    """The Ingress's page says that its annotations are for this."""
    (found,) = base_with("ingress").of_kind("Ingress")
    annotations = {key.rpartition("/")[2]: value for key, value in found["metadata"]["annotations"].items()}
    assert annotations == {"proxy-body-size": "0", "proxy-read-timeout": "60", "proxy-next-upstream": "off"}
    assert [each["secretName"] for each in found["spec"]["tls"]] == ["bridge-tls"], "which its page asks for"


def test_each_container_sees_its_own_secrets_and_no_other() -> None:
    """API keys and passwords; the worker does not see the password of the user that makes topics."""
    objects = overlay(PROD)
    seen = {each["name"]: seen_secrets(found, each) for found in objects.pods for each in found.containers}
    assert seen == {
        "ingress": {"bridge/ingress-api-keys", "newstore-ingress/password", "bridge-kafka-ca/ca.crt"},
        "worker": {"bridge/worker-api-keys", "newstore-worker/password", "bridge-kafka-ca/ca.crt"},
        "topics": {"newstore-topics/password", "bridge-kafka-ca/ca.crt"},
    }


def seen_secrets(found: Pod, container: Object) -> set[str]:
    """Secret and key of each file that a container mounts."""
    secrets = {volume["name"]: volume["secret"] for volume in found.spec["volumes"] if "secret" in volume}
    mounted = [secrets[mount["name"]] for mount in container["volumeMounts"] if mount["name"] in secrets]
    return {f"{secret['secretName']}/{item['key']}" for secret in mounted for item in secret["items"]}


@pytest.mark.parametrize(("name", "namespace"), [(DEV, "newstore-bridge-dev"), (PROD, "newstore-bridge")])
def test_an_overlay_is_a_namespace_of_its_own(name: str, namespace: str) -> None:
    """Everything in it has its namespace, and the namespace takes no pod below `restricted`."""
    for each in overlay(name).all:
        assert each["metadata"].get("namespace", each["metadata"]["name"]) == namespace, each["kind"]
    labels = named(overlay(name), "Namespace", namespace)["metadata"]["labels"]
    assert labels["pod-security.kubernetes.io/enforce"] == "restricted"


def test_topics_and_users_can_be_applied_where_kafka_is() -> None:
    """For a Strimzi that looks nowhere else: the same as in production, in another namespace, and nothing more."""
    kinds = {"KafkaTopic", "KafkaUser"}
    there = overlay(KAFKA).all
    assert {each["kind"] for each in there} == kinds
    assert {each["metadata"]["namespace"] for each in there} == {"kafka"}
    ours = [each for each in overlay(PROD).all if each["kind"] in kinds]
    assert [in_no_namespace(each) for each in there] == [in_no_namespace(each) for each in ours]


def in_no_namespace(each: Object) -> Object:
    """The object without its namespace."""
    return each | {"metadata": {key: value for key, value in each["metadata"].items() if key != "namespace"}}


def test_secrets_come_from_elsewhere() -> None:
    """The base and prod make none; dev has keys that everybody knows."""
    assert not base_with().of_kind("Secret")
    assert not overlay(PROD).of_kind("Secret")
    assert named_secrets(overlay(DEV)) == [{"ingress-api-keys", "worker-api-keys"}]


def named_secrets(objects: Objects) -> list[set[str]]:
    """The keys of each Secret."""
    return [set(each["data"]) for each in objects.of_kind("Secret")]


def texts_in(document: Any) -> Iterator[str]:
    """All texts, wherever they stand; of one with a slash or `=`, as of a file for a Secret's key, its last part."""
    if isinstance(document, str):
        yield re.split("[/=]", document)[-1]
    for each in document.values() if isinstance(document, dict) else document if isinstance(document, list) else ():
        yield from texts_in(each)


def test_every_manifest_is_rendered() -> None:
    """Each kustomization names all files of its folder. Each component says what it needs, and the overview leads to
    it."""
    overview = (KUBERNETES / "README.md").read_text()
    for kustomization in KUBERNETES.rglob("kustomization.yaml"):
        text = kustomization.read_text()
        files = {path.name for path in kustomization.parent.iterdir() if path.suffix in {".yaml", ".env"}}
        assert files - {"kustomization.yaml"} <= set(texts_in(yaml.safe_load(text))), kustomization
        if "kind: Component" in text:
            assert "eed" in kustomization.with_name("README.md").read_text(), kustomization
        if kustomization.parent.parent.name == "components":
            assert f"(components/{kustomization.parent.name}/README.md)" in overview


def test_what_runs_on_the_node_itself_is_let_through() -> None:
    """It is no pod, so no selector chooses it: NodeLocal DNSCache, and the agent of EKS Pod Identity."""
    objects = base_with("network-policy", "network-policy/https")
    found = {
        (peer["ipBlock"]["cidr"], port["port"])
        for policy in objects.of_kind("NetworkPolicy")
        for rule in policy["spec"].get("egress", [])
        for peer in rule.get("to", [])
        if "ipBlock" in peer
        for port in rule["ports"]
    }
    assert found == {("169.254.20.10/32", 53), ("169.254.170.23/32", 80)}
