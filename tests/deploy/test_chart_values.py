"""What the chart makes of legal but odd values: texts stay texts, and what is left empty is not there."""

import json
from pathlib import Path
from typing import Any

import pytest

from deploy.check.chart import CHART, ChartRefused, template
from tests.deploy.chart_reading import read_chart
from tests.deploy.test_chart import everything_on, needs_helm

PLAIN = "plain-name"
odd_texts = pytest.mark.parametrize("odd", ["1e3", "123", "true", "*.acme.com", "a: b", "a #b"])
"""YAML without quotes reads these as something else, or not at all."""


def values_with(name: str) -> dict[str, Any]:
    """Values in which everything of the user's has this name."""
    values = everything_on()
    values["tenant"] = "a-tenant"
    values["image"] |= {"repository": name, "tag": name}
    values["kafka"] |= {"ca": {"enabled": True, "secretName": name}}
    values["kafka"]["strimzi"]["cluster"] = name
    values["kafka"]["mskIam"] = {"region": "a-region", "roles": {"ingress": name, "worker": name}}
    values["apiKeys"]["secretName"] = name
    values["worker"]["storageClassName"] = name
    values["externalSecrets"]["store"] = name
    for each in ("gateway", "httpIngress"):
        values[each] |= {"className": name, "hostname": name, "tlsSecretName": name}
    return values


def renamed(made: Any, name: str) -> Any:
    """The same objects, with this name in place of the plain one."""
    if isinstance(made, dict):
        return {key: renamed(each, name) for key, each in made.items()}
    if isinstance(made, list):
        return [renamed(each, name) for each in made]
    return made.replace(PLAIN, name) if isinstance(made, str) else made


@odd_texts
def test_a_name_is_a_text_whatever_yaml_would_read_there(odd: str) -> None:
    """As far as templates can be read without Helm."""
    plain, made = (read_chart(CHART, values_with(name)) for name in (PLAIN, odd))
    assert [*made.all] == renamed([*plain.all], odd)


@needs_helm
@pytest.mark.parametrize(("login", "strimzi"), [("scram", True), ("msk-iam", False)])
@odd_texts
def test_helm_makes_texts_of_them(odd: str, login: str, strimzi: bool, tmp_path: Path) -> None:
    made = []
    for name in (PLAIN, odd):
        values = values_with(name)
        values["kafka"]["login"] = login
        values["kafka"]["strimzi"]["enabled"] = strimzi
        (file := tmp_path / "values.yaml").write_text(json.dumps(values))
        made.append([*template(CHART, "-f", str(file)).all])
    assert made[1] == renamed(made[0], odd)


@needs_helm
@pytest.mark.parametrize(
    "empty",
    [
        "settings:",
        *(f"kafka: {{{part}: }}" for part in ("ca", "oauth", "mskIam", "strimzi")),
        *("autoscaling:", "networkPolicy:", "monitoring:", "externalSecrets:", "gateway:", "httpIngress:"),
    ],
)
def test_a_part_without_a_line_of_its_own_is_as_if_it_were_not_there(empty: str, tmp_path: Path) -> None:
    """Somebody who comments its lines out leaves a null behind, and Helm then takes the defaults away, too."""
    (file := tmp_path / "values.yaml").write_text(f"tenant: a-tenant\n{empty}\n")
    assert template(CHART, "-f", str(file)).all == template(CHART, "--set", "tenant=a-tenant").all


@needs_helm
def test_a_login_still_asks_for_what_it_needs(tmp_path: Path) -> None:
    (file := tmp_path / "values.yaml").write_text("tenant: a-tenant\nkafka: {login: oauth, oauth: }\n")
    with pytest.raises(ChartRefused, match="needs a value for BRIDGE_KAFKA_OAUTH_TOKEN_URL"):
        template(CHART, "-f", str(file))


@needs_helm
def test_no_fewer_pods_at_most_than_at_least() -> None:
    scaling = "tenant=a-tenant,autoscaling.enabled=true,autoscaling.minReplicas=3,autoscaling.maxReplicas="
    assert template(CHART, "--set", f"{scaling}3").of_kind("HorizontalPodAutoscaler")
    with pytest.raises(ChartRefused, match=r"autoscaling\.maxReplicas"):
        template(CHART, "--set", f"{scaling}2")
