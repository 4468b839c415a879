"""The pods' environment is one that the bridge understands."""

from pathlib import Path

import pytest

from tests.deploy.environments import secrets_in, settings_of, unknown_names
from tests.deploy.manifests import BASE, DEV, Document, named, of_kind, pod, pods


def environment_of(folder: str, container: Document) -> dict[str, str]:
    """Names and values, as the kubelet would set them for a pod called `the-pod`."""
    values: dict[str, str] = {}
    for source in container.get("envFrom", []):
        values |= named(folder, "ConfigMap", source["configMapRef"]["name"])["data"]
    for entry in container.get("env", []):
        if entry["name"] != "POD_NAME":
            values[entry["name"]] = entry["value"].replace("$(POD_NAME)", "the-pod")
    return values


def our_containers(folder: str) -> list[Document]:
    """The containers that run the bridge."""
    return [container for each in pods(folder) if each.is_ours for container in each.containers]


@pytest.mark.parametrize("folder", [BASE, DEV])
def test_every_variable_is_a_setting(folder: str) -> None:
    """A misspelt name would be no error at run time, only a setting that does not hold."""
    assert len(our_containers(folder)) == 3
    for container in our_containers(folder):
        assert unknown_names(set(environment_of(folder, container))) == set(), container["name"]


@pytest.mark.parametrize("folder", [BASE, DEV])
def test_no_secret_stands_in_the_configuration(folder: str) -> None:
    """Neither in the ConfigMap nor in a pod: secrets come as files."""
    for config in of_kind(folder, "ConfigMap"):
        assert secrets_in(set(config["data"])) == set()
    for container in our_containers(folder):
        assert secrets_in(set(environment_of(folder, container))) == set(), container["name"]


def test_every_container_of_dev_starts_with_its_settings(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """The values can be read, nothing required is missing, and each service finds its keys."""
    for container in our_containers(DEV):
        settings = settings_of(environment_of(DEV, container), monkeypatch, tmp_path)
        assert settings.tenant == "demo-tenant"
        assert settings.replication_factor == 1
        if container["name"] == "ingress":
            assert settings.bearer_keys("ingress") == (b"key",)
        if container["name"] == "worker":
            assert settings.bearer_keys("worker") == (b"key",)


def test_a_worker_is_known_by_its_pod(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Its member id survives a restart, and its address is the one that its headless Service gives it."""
    (container,) = pod(DEV, "bridge-worker").containers
    settings = settings_of(environment_of(DEV, container), monkeypatch, tmp_path)
    assert settings.worker_instance_id == "the-pod"
    assert settings.worker_advertised_url == "http://the-pod.bridge-worker-peers:6066"
    assert any(
        entry["name"] == "POD_NAME" and entry["valueFrom"]["fieldRef"]["fieldPath"] == "metadata.name"
        for entry in container["env"]
    )


def test_containers_listen_where_the_manifests_say(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """The declared ports are the settings'."""
    for name, setting in (("bridge-ingress", "ingress_port"), ("bridge-worker", "worker_web_port")):
        (container,) = pod(DEV, name).containers
        settings = settings_of(environment_of(DEV, container), monkeypatch, tmp_path)
        declared = {port["name"]: port["containerPort"] for port in container["ports"]}
        assert declared == {"http": getattr(settings, setting), "ops": settings.ops_port}
