"""The Helm chart makes the same objects as kustomize, or it is told. Many of these tests need Helm."""

import json
import re
import shutil
import tomllib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from jsonschema import Draft7Validator

from bridge.settings import Settings
from bridge.settings.environment import SECRETS
from deploy.check.chart import CHART, LOGINS, ChartRefused, comparisons, differences, helm, problems, template
from deploy.check.objects import Objects
from deploy.check.render import KUBERNETES
from deploy.check.settings import environment_of
from tests.deploy.chart_reading import read_chart
from tests.deploy.manifests import ROOT, base_with, require_kubectl

needs_helm = pytest.mark.skipif(helm() is None, reason="helm is not installed, so the chart cannot be rendered")


@needs_helm
@pytest.mark.parametrize(
    ("wanted", "made"), [pytest.param(*each[1:], id=each[0]) for each in comparisons(CHART, KUBERNETES)]
)
def test_the_chart_makes_what_kustomize_makes(wanted: Callable[[], Objects], made: Callable[[], Objects]) -> None:
    """In production, with all policies, behind an Ingress, and for each way to log in to Kafka."""
    require_kubectl()
    assert [*differences(wanted(), made())] == []


@needs_helm
def test_what_somebody_changes_in_one_of_them_only_is_found(tmp_path: Path) -> None:
    require_kubectl()
    copy = shutil.copytree(CHART, tmp_path / "chart")
    template = copy / "templates" / "ingress-deployment.yaml"
    template.write_text(template.read_text().replace("maxUnavailable: 0", "maxUnavailable: 1"))
    found = [*problems(copy, KUBERNETES)]
    assert "prod: Deployment bridge-ingress.spec.strategy.rollingUpdate.maxUnavailable is 1 in the chart" in found[0]


@needs_helm
def test_a_chart_that_cannot_be_rendered_is_told(tmp_path: Path) -> None:
    copy = shutil.copytree(CHART, tmp_path / "chart")
    (copy / "templates" / "services.yaml").write_text("{{ .Values.no.such }}")
    (words,) = problems(copy, KUBERNETES)
    assert "services.yaml" in words


@needs_helm
def test_strimzis_users_are_those_that_the_pods_log_in_as() -> None:
    """They are of the Kafka and have the names that values give. Another login than the users have is refused."""
    strimzi = ("--set", "tenant=a-tenant,kafka.strimzi.enabled=true,kafka.strimzi.cluster=theirs,kafka.userPrefix=shop")
    made = template(CHART, *strimzi, "--set", "kafka.login=scram")
    users = made.of_kind("KafkaUser")
    clusters = [each["metadata"]["labels"]["strimzi.io/cluster"] for each in (*made.of_kind("KafkaTopic"), *users)]
    assert set(clusters) == {"theirs"}
    names = {each["metadata"]["name"] for each in users}
    assert names == {"shop-ingress", "shop-worker", "shop-topics"}
    containers = [environment_of(made, container) for pod in made.pods for container in pod.containers]
    assert {each["BRIDGE_KAFKA_SASL_USERNAME"] for each in containers} == names
    secrets = {
        volume["secret"]["secretName"] for pod in made.pods for volume in pod.spec["volumes"] if "secret" in volume
    }
    assert secrets == names | {"bridge"}
    with pytest.raises(ChartRefused, match=r"set kafka\.login to scram"):
        template(CHART, *strimzi, "--set", "kafka.login=mtls")


@needs_helm
@pytest.mark.parametrize(
    ("lacking", "said"),
    [
        ("kafka.login=scarm", "one of none, scram"),
        ("kafka.login=oauth", "needs a value for BRIDGE_KAFKA_OAUTH_TOKEN_URL"),
        ("gateway.enabled=true", r"gateway\.hostname"),
        ("httpIngress.enabled=true", r"httpIngress\.hostname"),
        ("externalSecrets.enabled=true", r"externalSecrets\.store"),
    ],
)
def test_what_a_part_needs_is_asked_for(lacking: str, said: str) -> None:
    """Before an API server refuses it, or there are pods that cannot log in."""
    with pytest.raises(ChartRefused, match=said):
        template(CHART, "--set", f"tenant=a-tenant,{lacking}")


@needs_helm
def test_settings_are_texts_however_they_are_given(tmp_path: Path) -> None:
    """A ConfigMap takes nothing else, and YAML has numbers without quotes."""
    values = tmp_path / "values.yaml"
    values.write_text("tenant: any\nsettings: {BRIDGE_INGRESS_MAX_BODY_BYTES: 4194304, BRIDGE_ORDER_LINES: true}\n")
    (config,) = template(CHART, "-f", str(values)).of_kind("ConfigMap")
    assert config["data"]["BRIDGE_INGRESS_MAX_BODY_BYTES"] == "4194304"
    assert config["data"]["BRIDGE_ORDER_LINES"] == "true"


@needs_helm
@pytest.mark.parametrize("other", ["TOPIC_PREFIX=shop", "PARTITIONS=16", "DEDUPE_RETENTION=30d", "ORDER_LINES=true"])
def test_strimzis_topics_are_made_for_no_other_settings(other: str) -> None:
    """Strimzi's topics are written once: with another prefix the users might do nothing, and the bridge would wait for
    topics."""
    strimzi = "tenant=a-tenant,kafka.strimzi.enabled=true,kafka.login=scram"
    assert template(CHART, "--set", f"{strimzi},settings.BRIDGE_PARTITIONS=8").of_kind("KafkaTopic")
    with pytest.raises(ChartRefused, match="do not go with your BRIDGE_"):
        template(CHART, "--set", f"{strimzi},settings.BRIDGE_{other}")


def everything_on() -> dict[str, Any]:
    """Values by which each template makes its objects, with the names that components use."""
    values: dict[str, Any] = yaml.safe_load((CHART / "values.yaml").read_text())
    for each in values.values():
        if isinstance(each, dict) and "enabled" in each:
            each["enabled"] = True
    values["networkPolicy"]["https"] = True
    values["externalSecrets"]["store"] = "your-secret-store"
    values["gateway"] |= {"className": "your-gateway-class", "hostname": "newstore-bridge.example.com"}
    values["httpIngress"]["hostname"] = "newstore-bridge.example.com"
    return values


ELSEWHERE = ("ConfigMap", "PrometheusRule")
COMPONENTS = (
    "network-policy", "network-policy/https", "autoscaling", "monitoring", "external-secrets", "gateway", "ingress"
)  # fmt: skip


def differences_without_helm(chart: Path) -> list[str]:
    """Where the templates differ from base and components, as far as they can be read without Helm."""
    wanted = Objects([each for each in base_with(*COMPONENTS).all if each["kind"] not in ELSEWHERE])
    return [*differences(wanted, read_chart(chart, everything_on()))]


def test_the_templates_are_what_kustomize_makes_also_where_helm_is_not() -> None:
    assert differences_without_helm(CHART) == []


@pytest.mark.parametrize(
    ("file", "before", "after"),
    [
        ("templates/worker-statefulset.yaml", "path: /livez", "path: /live"),
        ("templates/network-policies.yaml", "port: 9092", "port: 9093"),
        ("templates/http-ingress.yaml", '"60"', '"6"'),
        ("templates/disruption.yaml", "maxUnavailable: 1", "maxUnavailable: 2"),
    ],
)
def test_a_template_that_somebody_forgot_is_found(file: str, before: str, after: str, tmp_path: Path) -> None:
    copy = shutil.copytree(CHART, tmp_path / "chart")
    text = (copy / file).read_text()
    assert before in text
    (copy / file).write_text(text.replace(before, after, 1))
    (words,) = differences_without_helm(copy)
    assert "in the chart, and" in words


def test_all_of_it_is_of_one_version() -> None:
    """The package's, the chart's, and the image's wherever a kustomization names it."""
    version = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["version"]
    chart = yaml.safe_load((CHART / "Chart.yaml").read_text())
    assert {chart["version"], chart["appVersion"]} == {version}
    for file in KUBERNETES.rglob("kustomization.yaml"):
        tags = [image.get("newTag") for image in yaml.safe_load(file.read_text()).get("images", [])]
        assert set(tags) <= {version, "local"}, file


SCHEMA = json.loads((CHART / "values.schema.json").read_text())


@pytest.mark.parametrize("file", ["values.yaml", "ci/prod.yaml"])
def test_values_are_those_of_their_schema(file: str) -> None:
    """By the schema Helm judges what users give. This test needs no Helm."""
    values = yaml.safe_load((CHART / file).read_text())
    assert [*Draft7Validator(SCHEMA).iter_errors(values)] == []
    if file == "values.yaml":
        assert set(paths(values)) == set(paths_of_schema(SCHEMA)) - {"global"}


def paths(values: dict[str, Any], above: str = "") -> Iterator[str]:
    """The path of each value, as `kafka.ca.enabled`. What the user fills, or what is Kubernetes' own, is one value."""
    for name, value in values.items():
        if isinstance(value, dict) and name not in {"settings", "resources"}:
            yield from paths(value, f"{above}{name}.")
        else:
            yield f"{above}{name}"


@pytest.mark.parametrize(
    ("name", "is_taken"),
    [
        ("OTEL_EXPORTER_OTLP_ENDPOINT", True),
        ("OTEL_TRACES_SAMPLER", True),
        ("OTEL_EXPORTER_OTLP_HEADERS", False),
        ("OTEL_EXPORTER_OTLP_TRACES_HEADERS", False),
        ("BRIDGE_REGISTRY_PASSWORD", False),
        ("OTHER", False),
    ],
)
def test_settings_tell_where_spans_go_and_no_secret(name: str, is_taken: bool) -> None:
    """OpenTelemetry's own variables tell of the collector, but not its headers: a key would be in them."""
    assert Draft7Validator(SCHEMA["properties"]["settings"]).is_valid({name: "x"}) is is_taken


def paths_of_schema(schema: dict[str, Any], above: str = "") -> Iterator[str]:
    """The same paths of a schema."""
    for name, each in schema["properties"].items():
        if "properties" in each:
            yield from paths_of_schema(each, f"{above}{name}.")
        else:
            yield f"{above}{name}"


@pytest.mark.parametrize(
    "misspelled",
    [
        {"networkPolicies": {"enabled": True}},
        {"networkPolicy": {"enable": True}},
        {"kafka": {"ca": {"enabled": "yes"}}},
        {"settings": {"TENANT": "a"}},
        {"settings": {"BRIDGE_EVENTS": ["order.created", "order.opened"]}},
        {"settings": {"BRIDGE_EVENTS": None}},
        {"worker": {"resources": {"requests": {"cpu": "1"}}}},
        {"image": {"pullPolicy": "Alway"}},
        {"autoscaling": {"minReplicas": 0}},
        {"worker": {"storage": "20K"}},
        {"worker": {"storage": "2.0.0Gi"}},
    ],
    ids=str,
)
def test_a_value_that_the_chart_does_not_know_is_refused(misspelled: dict[str, Any]) -> None:
    """Helm would pass over it: somebody who misspelled policies, say, would have none."""
    assert [*Draft7Validator(SCHEMA).iter_errors(misspelled)]


MAY_BE_OTHERS = {
    *("BRIDGE_KAFKA_SECURITY_PROTOCOL", "BRIDGE_KAFKA_SASL_MECHANISM"),
    *("BRIDGE_TOPICS_MANAGED_BY", "BRIDGE_REPLICATION_FACTOR"),
}
"""Only these allow TLS without a login, PLAIN, topics of somebody else's tools, and a Kafka of one broker."""

OF_THE_CHART = {
    *(name for file in (CHART / "templates").iterdir() for name in re.findall(r"name: (BRIDGE_\w+)", file.read_text())),
    *({*re.findall(r'"(BRIDGE_\w+)"', (CHART / "templates" / "_helpers.tpl").read_text())} - MAY_BE_OTHERS),
    *("BRIDGE_INGRESS_HOST", "BRIDGE_INGRESS_PORT", "BRIDGE_WORKER_WEB_HOST", "BRIDGE_WORKER_WEB_PORT"),
    "BRIDGE_WORKER_DATA_DIR",
}
"""What containers, probes, volumes and policies fix, or other values give."""


@pytest.mark.parametrize("name", sorted(OF_THE_CHART | {f"BRIDGE_{secret.upper()}" for secret in SECRETS}))
def test_a_setting_that_the_chart_fixes_or_that_is_secret_is_refused(name: str) -> None:
    """It would have no effect, or probes would ask where nobody answers. And a ConfigMap keeps no secret."""
    assert [*Draft7Validator(SCHEMA).iter_errors({"settings": {name: "1"}})]


def test_all_other_settings_are_let_through() -> None:
    names = {f"BRIDGE_{name.upper()}" for name in Settings.model_fields if name not in SECRETS}
    assert [*Draft7Validator(SCHEMA).iter_errors({"settings": dict.fromkeys(names - OF_THE_CHART, "1")})] == []


@needs_helm
def test_policies_let_out_to_where_the_values_say_that_kafka_is() -> None:
    brokers = r"kafka.bootstrapServers=a:29092\,b:29092\,c:9093\,d"
    made = template(CHART, "--set", f"tenant=a-tenant,networkPolicy.enabled=true,{brokers}")
    (policy,) = (each for each in made.of_kind("NetworkPolicy") if each["metadata"]["name"] == "bridge-to-kafka")
    ports = policy["spec"]["egress"][0]["ports"]
    assert [port["port"] for port in ports] == [9092, 29092]
    for login in ("oauth", "msk-iam"):
        needs = [word for value in LOGINS[login] for word in ("--set", value)]
        with pytest.raises(ChartRefused, match=r"set networkPolicy\.https to true"):
            template(CHART, "--set", f"tenant=a-tenant,networkPolicy.enabled=true,kafka.login={login}", *needs)


@needs_helm
def test_settings_of_before_stay_for_pods_that_run() -> None:
    """A pod from before the roll-out needs its own ConfigMap if it is restarted meanwhile, or because it fails."""
    (config,) = template(CHART, "--set", "tenant=a-tenant").of_kind("ConfigMap")
    assert config["metadata"]["annotations"] == {"helm.sh/resource-policy": "keep"}


@needs_helm
def test_helm_asks_the_schema() -> None:
    with pytest.raises(ChartRefused, match="networkPolicies"):
        template(CHART, "--set", "tenant=a-tenant,networkPolicies.enabled=true")


def test_differences_are_told_by_their_path() -> None:
    """Also without Helm. Hashes and namespaces are no differences."""
    ours = {"kind": "ConfigMap", "metadata": {"name": "bridge-4f5k2d7h9m", "namespace": "here"}, "data": {"a": "1"}}
    theirs = {"kind": "ConfigMap", "metadata": {"name": "bridge-0123456789"}, "data": {"a": "2"}}
    assert [*differences(Objects([ours]), Objects([theirs]))] == [
        "ConfigMap bridge.data.a is '2' in the chart, and '1' otherwise"
    ]
    assert [*differences(Objects([ours]), Objects([]))] == ["the chart makes no ConfigMap bridge"]
