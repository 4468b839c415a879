"""docker-compose.yml: one image in three roles, and a Kafka that they wait for."""

import re
import shutil
import socket
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from commands.terminal.services import operations_url
from deploy.check.alerts import promtool
from deploy.check.settings import settings_of, unknown_names
from deploy.local.container import IMAGE
from deploy.local.jars import POM
from tests.deploy.manifests import DEV, ROOT, SIGTERM_S, overlay, pod

OURS = {"topics", "ingress", "worker"}


def docker_compose(*arguments: str) -> subprocess.CompletedProcess[str]:
    """Run Docker's own compose, which needs no daemon to read a file. Skips the test if it is not installed."""
    docker = shutil.which("docker")
    if docker is None or subprocess.run([docker, "compose", "version"], capture_output=True, check=False).returncode:
        pytest.skip("docker compose is not installed, so it cannot say what it makes of the file")
    return subprocess.run([docker, "compose", *arguments], cwd=ROOT, capture_output=True, text=True, check=False)


@pytest.fixture(scope="module")
def services() -> dict[str, dict[str, Any]]:
    """The services, with the defaults of all variables filled in."""
    text = (ROOT / "docker-compose.yml").read_text()
    filled = re.sub(r"\$\{\w+:-([^}]*)\}", r"\1", text)
    assert "${" not in filled
    compose: dict[str, dict[str, dict[str, Any]]] = yaml.safe_load(filled)
    return compose["services"]


def test_all_roles_run_one_image(services: dict[str, dict[str, Any]]) -> None:
    """Built from deploy/Dockerfile, with no way to more rights."""
    assert {name for name, service in services.items() if "profiles" not in service} == OURS | {"kafka"}
    for name in OURS:
        assert services[name]["image"] == pod(overlay(DEV), "bridge-worker").containers[0]["image"]
        assert services[name]["build"] == {"context": ".", "dockerfile": "deploy/Dockerfile"}
        assert services[name]["read_only"] is True
        assert services[name]["cap_drop"] == ["ALL"]


def test_every_variable_is_a_setting(services: dict[str, dict[str, Any]]) -> None:
    """As in the Kubernetes manifests."""
    for name in OURS:
        assert unknown_names(set(services[name]["environment"])) == set(), name


def test_commands_in_the_worker_look_for_the_ingress_where_it_is(services: dict[str, dict[str, Any]]) -> None:
    """They looked in their own container, where the worker answers at the same port."""
    environment = {key: str(value) for key, value in services["worker"]["environment"].items()}
    settings = settings_of(environment)
    assert operations_url(settings, settings.ingress_url) == "http://ingress:8081"


def test_every_role_starts_with_its_settings(services: dict[str, dict[str, Any]]) -> None:
    """The values can be read, and each service has a key."""
    for name in OURS:
        settings = settings_of({key: str(value) for key, value in services[name]["environment"].items()})
        assert settings.kafka_bootstrap_servers == ("kafka:9092",)
        if name != "topics":
            assert settings.bearer_keys("ingress" if name == "ingress" else "worker") == (b"demo-key",)


def test_up_can_wait(services: dict[str, dict[str, Any]]) -> None:
    """Long-lived services have a health check; they start after the topics, and these after Kafka."""
    assert {name for name, service in services.items() if "healthcheck" in service} == {"kafka", "ingress", "worker"}
    assert services["topics"]["depends_on"] == {"kafka": {"condition": "service_healthy"}}
    for name in ("ingress", "worker"):
        assert services[name]["depends_on"] == {"topics": {"condition": "service_completed_successfully"}}


def test_a_service_that_ends_itself_is_started_again(services: dict[str, dict[str, Any]]) -> None:
    """Services count on that (docs/engine.md), but not for ever if their settings are wrong. Topics are made once."""
    restarts = {name: services[name].get("restart") for name in OURS}
    assert restarts == {"topics": None, "ingress": "on-failure:5", "worker": "on-failure:5"}


def test_a_service_may_take_as_much_as_in_kubernetes(services: dict[str, dict[str, Any]]) -> None:
    """The memory that was measured, and the time that both need to end."""
    for name in OURS - {"topics"}:
        (container,) = pod(overlay(DEV), f"bridge-{name}").spec["containers"]
        assert services[name]["mem_limit"].replace("m", "Mi") == container["resources"]["limits"]["memory"]
        assert int(services[name]["stop_grace_period"].removesuffix("s")) > SIGTERM_S


def test_health_is_asked_at_the_operations_port(services: dict[str, dict[str, Any]]) -> None:
    """That port is not opened to this machine; the service's own is."""
    for name, own in (("ingress", 8080), ("worker", 6066)):
        assert "test" not in services[name]["healthcheck"], "the image's own asks BRIDGE_OPS_PORT"
        assert str(services[name]["environment"]["BRIDGE_OPS_PORT"]) not in str(services[name]["ports"])
        assert [port.rpartition(":")[2] for port in services[name]["ports"]] == [str(own)]


def test_kafka_is_healthy_when_its_port_is_open(services: dict[str, dict[str, Any]]) -> None:
    """That takes no JVM: under load, JVMs that were too slow stayed, and every 3 s there was one more."""
    check = services["kafka"]["healthcheck"]["test"]
    assert check[:3] == ["CMD", "bash", "-c"]
    assert check[3].count("kafka/9092") == 1
    assert "CLIENTS://:9092" in services["kafka"]["environment"]["KAFKA_LISTENERS"]

    def asked(port: int) -> int:
        program = check[3].replace("kafka/9092", f"127.0.0.1/{port}")
        return subprocess.run(["bash", "-c", program], capture_output=True, check=False).returncode

    with socket.socket() as broker:
        broker.bind(("127.0.0.1", 0))
        port = broker.getsockname()[1]
        assert asked(port) == 1
        broker.listen()
        assert asked(port) == 0


def test_ports_are_open_to_this_machine_only(services: dict[str, dict[str, Any]]) -> None:
    """The default keys are known to everybody."""
    ports = [port for service in services.values() for port in service.get("ports", [])]
    assert len(ports) == 6
    assert all(port.startswith("127.0.0.1:") for port in ports)


def test_the_worker_keeps_its_tables(services: dict[str, dict[str, Any]]) -> None:
    """In a volume, where the image's default data directory is."""
    assert services["worker"]["volumes"] == ["worker-data:/var/lib/bridge"]
    assert "BRIDGE_WORKER_DATA_DIR=/var/lib/bridge" in (ROOT / "deploy" / "Dockerfile").read_text()


def test_kafka_is_the_same_everywhere(services: dict[str, dict[str, Any]]) -> None:
    """One version in compose, in the dev overlay, in the tests' container and in the POM for Java."""
    version = IMAGE.rpartition(":")[2]
    assert services["kafka"]["image"] == pod(overlay(DEV), "kafka").containers[0]["image"] == IMAGE
    kafka = re.findall(r"<groupId>org.apache.kafka</groupId>.*?<version>([^<]*)<", POM.read_text(), re.DOTALL)
    assert set(kafka) == {version}


def test_what_only_looks_on_is_left_out_unless_asked_for(services: dict[str, dict[str, Any]]) -> None:
    """They come by profiles, each image pinned, with no more rights than needed and bounded memory."""
    profiles = {name: service["profiles"] for name, service in services.items() if "profiles" in service}
    assert profiles == {"kafbat": ["ui"], "prometheus": ["observability"], "grafana": ["observability"]}
    for name in profiles:
        assert re.fullmatch(r"[a-z/-]+:v?\d+\.\d+\.\d+", services[name]["image"]), name
        assert services[name]["cap_drop"] == ["ALL"]
        assert "mem_limit" in services[name]
    assert services["kafbat"]["environment"]["KAFKA_CLUSTERS_0_READONLY"] == "true"


@pytest.mark.parametrize(
    ("profile", "more"), [("", set()), ("ui", {"kafbat"}), ("observability", {"prometheus", "grafana"})]
)
def test_docker_compose_takes_it(profile: str, more: set[str]) -> None:
    """Each profile by itself: its services beside the usual ones."""
    asked = docker_compose(*(["--profile", profile] if profile else []), "config", "--services")
    assert asked.returncode == 0, asked.stderr
    assert set(asked.stdout.split()) == OURS | {"kafka"} | more


def test_prometheus_and_grafana_find_what_is_mounted(services: dict[str, dict[str, Any]]) -> None:
    """Rules and dashboards are at the places that the configurations name, and both services are asked."""
    mounted = {
        target: ROOT / source
        for name in ("prometheus", "grafana")
        for source, target in (each.split(":")[:2] for each in services[name]["volumes"])
        if source.startswith("./")
    }
    assert all(source.exists() for source in mounted.values())
    prometheus = yaml.safe_load(mounted["/etc/prometheus/prometheus.yml"].read_text())
    rules, pattern = prometheus["rule_files"][0].rsplit("/", 1)
    assert [*mounted[rules].glob(pattern)]
    (job,) = prometheus["scrape_configs"]
    targets = job["static_configs"][0]["targets"]
    assert targets == [f"{name}:{services[name]['environment']['BRIDGE_OPS_PORT']}" for name in ("ingress", "worker")]
    provisioning = mounted["/etc/grafana/provisioning"]
    provider = yaml.safe_load((provisioning / "dashboards" / "bridge.yaml").read_text())["providers"][0]
    assert [*mounted[provider["options"]["path"]].glob("*.json")]
    (source,) = yaml.safe_load((provisioning / "datasources" / "prometheus.yaml").read_text())["datasources"]
    assert source["url"] == "http://prometheus:9090"


@pytest.mark.skipif(promtool() is None, reason="promtool is not installed, so it cannot read Prometheus' configuration")
def test_prometheus_takes_its_configuration(tmp_path: Path) -> None:
    """With our rules, in the place where they are mounted."""
    text = (ROOT / "deploy" / "compose" / "prometheus.yml").read_text()
    assert "/etc/prometheus/rules" in text
    config = tmp_path / "prometheus.yml"
    config.write_text(text.replace("/etc/prometheus/rules", str(ROOT / "deploy" / "observability" / "rules")))
    run = subprocess.run([str(promtool()), "check", "config", config], capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stderr
    assert "rules found" in run.stdout
