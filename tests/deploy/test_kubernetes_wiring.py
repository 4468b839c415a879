"""The manifests refer to each other rightly, and let the services come and go without losing anything."""

import pytest

from tests.deploy.manifests import BASE, DEV, Document, named, of_kind, pod, pods, rendered

SIGTERM_S = 10  # both services are done with a SIGTERM in this time, Kafka or not


def chosen(folder: str, selector: dict[str, str]) -> list[str]:
    """The workloads whose pods have these labels."""
    return [each.name for each in pods(folder) if selector.items() <= each.labels.items()]


@pytest.mark.parametrize("folder", [BASE, DEV])
def test_services_lead_to_one_workload_and_to_a_port_of_it(folder: str) -> None:
    """By the port's name."""
    for service in of_kind(folder, "Service"):
        (workload,) = chosen(folder, service["spec"]["selector"])
        offered = {port["name"] for container in pod(folder, workload).containers for port in container["ports"]}
        assert {port["targetPort"] for port in service["spec"]["ports"]} <= offered


@pytest.mark.parametrize("folder", [BASE, DEV])
def test_probes_ask_the_operations_port_and_no_service_leads_there(folder: str) -> None:
    """Whoever reaches the webhook does not reach the metrics, and cannot keep the probes waiting."""
    for name in ("bridge-ingress", "bridge-worker"):
        (container,) = pod(folder, name).containers
        assert {container[probe]["httpGet"]["port"] for probe in ("livenessProbe", "readinessProbe")} == {"ops"}
    for service in of_kind(folder, "Service"):
        assert "ops" not in {port["targetPort"] for port in service["spec"]["ports"]}


@pytest.mark.parametrize("folder", [BASE, DEV])
def test_every_service_of_ours_keeps_running_while_nodes_are_drained(folder: str) -> None:
    """One disruption budget for each, and it lets the drain go on."""
    budgets = {
        tuple(chosen(folder, budget["spec"]["selector"]["matchLabels"])): budget["spec"]
        for budget in of_kind(folder, "PodDisruptionBudget")
    }
    assert budgets.keys() == {("bridge-ingress",), ("bridge-worker",)}
    assert budgets[("bridge-ingress",)]["minAvailable"] < replicas(folder, "Deployment", "bridge-ingress")
    assert budgets[("bridge-worker",)]["maxUnavailable"] == 1


def replicas(folder: str, kind: str, name: str) -> int:
    """How many pods it has."""
    count: int = named(folder, kind, name)["spec"]["replicas"]
    return count


def test_the_ingress_rolls_out_without_a_gap() -> None:
    """A new pod before an old one goes, and more than one."""
    ingress = named(BASE, "Deployment", "bridge-ingress")["spec"]
    assert ingress["strategy"]["rollingUpdate"] == {"maxSurge": 1, "maxUnavailable": 0}
    assert ingress["replicas"] >= 2


def test_an_outage_of_kafka_leaves_the_webhook_its_pods() -> None:
    """Else the load balancer would answer NewStore, with a status whose effect is unknown."""
    (container,) = pod(BASE, "bridge-ingress").containers
    probe = container["readinessProbe"]
    assert probe["periodSeconds"] * probe["failureThreshold"] >= 24 * 3600


@pytest.mark.parametrize("name", ["bridge-ingress", "bridge-worker"])
def test_a_pod_has_the_time_to_end_in_order(name: str) -> None:
    """The pause before SIGTERM and what SIGTERM takes, before SIGKILL."""
    spec = pod(BASE, name).spec
    (container,) = spec["containers"]
    pause = container.get("lifecycle", {}).get("preStop", {}).get("sleep", {}).get("seconds", 0)
    assert pause + SIGTERM_S < spec["terminationGracePeriodSeconds"]


def test_replicas_are_spread_over_nodes() -> None:
    """The constraint counts the pods it stands in."""
    for name in ("bridge-ingress", "bridge-worker"):
        (constraint,) = pod(BASE, name).spec["topologySpreadConstraints"]
        assert constraint["topologyKey"] == "kubernetes.io/hostname"
        assert chosen(BASE, constraint["labelSelector"]["matchLabels"]) == [name]


def test_workers_have_names_and_keep_their_tables() -> None:
    """A headless Service, which also gives the address of a worker that recovers, and a volume each."""
    worker = named(BASE, "StatefulSet", "bridge-worker")["spec"]
    peers = named(BASE, "Service", worker["serviceName"])["spec"]
    assert peers["clusterIP"] == "None"
    assert peers["publishNotReadyAddresses"] is True
    (claim,) = worker["volumeClaimTemplates"]
    (container,) = pod(BASE, "bridge-worker").containers
    mounts = {mount["name"]: mount["mountPath"] for mount in container["volumeMounts"]}
    assert mounts[claim["metadata"]["name"]] == "/var/lib/bridge"


def test_volumes_that_are_mounted_exist() -> None:
    """And those that exist are mounted."""
    for each in pods(DEV):
        volumes = {volume["name"] for volume in each.spec["volumes"]}
        mounted = {mount["name"] for container in each.containers for mount in container["volumeMounts"]}
        claimed = {"data"} if each.kind == "StatefulSet" else set()
        assert mounted == volumes | claimed, each.name


def test_the_secret_has_the_keys_that_are_mounted() -> None:
    """Each service sees its own and no other."""
    (secret,) = of_kind(DEV, "Secret")
    seen = {each.name: secret_keys(each.spec, secret) for each in pods(DEV)}
    assert seen["bridge-ingress"] == ["ingress-api-keys"]
    assert seen["bridge-worker"] == ["worker-api-keys"]
    assert seen["bridge-topics"] == seen["kafka"] == []


def secret_keys(spec: Document, secret: Document) -> list[str]:
    """The keys of `secret` that a pod mounts; each must be there."""
    mounts = [volume["secret"] for volume in spec["volumes"] if "secret" in volume]
    assert all(mount["secretName"] == secret["metadata"]["name"] for mount in mounts)
    keys = [item["key"] for mount in mounts for item in mount["items"]]
    assert set(keys) <= secret["data"].keys()
    return keys


def test_dev_is_a_namespace_of_its_own() -> None:
    """Everything in it carries its name."""
    for document in rendered(DEV):
        metadata = document["metadata"]
        assert metadata.get("namespace", metadata["name"]) == "newstore-bridge-dev", document["kind"]
