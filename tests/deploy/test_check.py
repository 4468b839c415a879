"""`make deploy-check` finds nothing wrong with our manifests, and finds what somebody breaks."""

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from deploy.check import chart
from deploy.check.__main__ import main
from deploy.check.alerts import promtool, promtool_problems
from deploy.check.check import problems_of, renderings
from deploy.check.objects import Objects
from deploy.check.render import KUBERNETES
from tests.deploy.manifests import DEV, PROD, require_kubectl


@pytest.mark.parametrize(("name", "make"), [pytest.param(*each, id=each[0]) for each in renderings(KUBERNETES)])
def test_nothing_is_wrong(name: str, make: Callable[[], Objects]) -> None:
    """Each overlay, and each component on the base alone."""
    require_kubectl()
    objects = make()
    services = {"bridge-ingress", "bridge-worker"} if name != "overlays/kafka" else set()
    assert services <= {pod.name for pod in objects.pods}, name
    assert problems_of(objects) == []


MUTATIONS = {
    "a field that Kubernetes does not know": (
        "base/ingress-deployment.yaml", "enableServiceLinks: false", "enableServiceLink: false", "enableServiceLink"),
    "a value of another type": (
        "base/ingress-deployment.yaml", "PeriodSeconds: 30", "PeriodSeconds: long", "is not of type"),
    "a field that a custom resource does not know": (
        "components/monitoring/pod-monitor.yaml", "podMetricsEndpoints:", "podMetricEndpoints:", "podMetricEndpoints"),
    "a resource whose schema nobody has": (
        "components/monitoring/pod-monitor.yaml", "kind: PodMonitor", "kind: PodMonitors", "no schema of PodMonitors"),
    "a Service's port": (
        "base/ingress-service.yaml", "targetPort: http", "targetPort: web", "bridge-ingress has no port web"),
    "a monitor's port": (
        "components/monitoring/pod-monitor.yaml", "port: ops", "port: metrics", "bridge-worker has no port metrics"),
    "a policy's port": (
        "components/network-policy/metrics.yaml", "port: ops", "port: metrics", "has no port metrics"),
    "a probe's port": (
        "base/worker-statefulset.yaml", "path: /readyz, port: ops", "path: /readyz, port: op", "asks the port op"),
    "a route's backend": (
        "components/gateway/route.yaml", "name: bridge-ingress, port: 80,", "name: bridge-ingress, port: 8080,",
        "no Service bridge-ingress with the port 8080"),
    "a selector": (
        "base/worker-disruption.yaml", "      app.kubernetes.io/name: bridge-worker", "      app: bridge-worker",
        "PodDisruptionBudget"),
    "a Secret's key": (
        "components/external-secrets/keys.yaml", "secretKey: worker-api-keys", "secretKey: worker-keys",
        "the Secret bridge has no key worker-api-keys"),
    "a setting's name": (
        "base/bridge.env", "BRIDGE_OPS_PORT", "BRIDGE_OPS_PROT", "BRIDGE_OPS_PROT is no setting"),
    "a setting's value": (
        "base/bridge.env", "BRIDGE_OPS_PORT=8081", "BRIDGE_OPS_PORT=high", "settings cannot be read"),
    "an ACL that is missing": (
        "components/kafka-strimzi/objects/users.yaml", "      - Write\n", "", "it may not Write"),
    "an ACL too many": (
        "components/kafka-strimzi/objects/users.yaml", "      - Write\n", "      - Write\n      - Alter\n",
        "does not need"),
    "a topic's retention": (
        "components/kafka-strimzi/objects/topics.yaml", "retention.ms: '34560000000'", "retention.ms: '1'", "ask for"),
    "a topic that is missing": (
        "components/kafka-strimzi/objects/topics.yaml", "name: newstore.rules.v1", "name: newstore.rule.v1",
        "KafkaTopic newstore.rules.v1 is missing"),
    "an alert on a metric that does not exist": (
        "components/monitoring/rules.yaml", "(bridge_ingress_events_total[30m])", "(bridge_events_taken_total[30m])",
        "there is no metric bridge_events_taken_total"),
    "a panel on a metric that does not exist": (
        "components/monitoring/dashboards.yaml", "bridge_build_info", "bridge_builds", "no metric bridge_builds"),
    "more rights": (
        "base/worker-statefulset.yaml", "readOnlyRootFilesystem: true", "readOnlyRootFilesystem: false",
        "security context"),
    "no limit": (
        "base/worker-statefulset.yaml", 'limits: {cpu: "2", ', "limits: {", "no limits of cpu"),
    "a component that counts pods twice": (
        "components/autoscaling/kustomization.yaml", "name: bridge-ingress}", "name: bridge-ingres}",
        "each apply would set back what"),
    "what kustomize refuses": (
        "base/kustomization.yaml", "worker-services.yaml", "worker-service.yaml", "worker-service.yaml"),
}  # fmt: skip


@pytest.mark.parametrize("mutation", MUTATIONS)
def test_what_somebody_breaks_is_found(
    mutation: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """In a copy of the manifests."""
    require_kubectl()
    file, before, after, words = MUTATIONS[mutation]
    copy = shutil.copytree(KUBERNETES, tmp_path / "kubernetes")
    text = (copy / file).read_text()
    assert before in text
    (copy / file).write_text(text.replace(before, after, 1))
    monkeypatch.setattr("deploy.check.check.overlays_of", lambda _: [PROD])  # it has everything, and one is quicker
    monkeypatch.setattr("deploy.check.check.components_of", lambda _: [])
    monkeypatch.setattr("deploy.check.chart.helm", lambda: None)
    monkeypatch.setattr("deploy.check.__main__.KUBERNETES", copy)
    assert main([]) == 1
    assert words in capsys.readouterr().err


def test_what_is_left_to_set_in_a_copy_is_found(capsys: pytest.CaptureFixture[str]) -> None:
    """Whoever copies `overlays/prod` and forgets a name would deploy something that nobody can reach."""
    require_kubectl()
    assert main([str(KUBERNETES / "overlays" / PROD)]) == 1
    told = capsys.readouterr().err
    assert "Gateway bridge: your-gateway-class is yours to set" in told
    assert "newstore-bridge.example.com is yours to set" in told
    assert "your-tenant is yours to set" in told
    assert main([str(KUBERNETES / "overlays" / DEV)]) == 0


@pytest.mark.skipif(promtool() is None, reason="promtool is not installed, so no expression can be parsed")
def test_an_expression_that_prometheus_cannot_read_is_found() -> None:
    """promtool itself says so."""
    rule = {"alert": "Any", "expr": "sum(up"}
    (words,) = promtool_problems({"groups": [{"name": "any", "rules": [rule]}]})
    assert "parse error" in words


def test_what_kustomize_refuses_is_a_problem_of_the_chart_that_is_compared_with_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Otherwise it would end the check, and nobody would be told what was found before."""
    require_kubectl()
    monkeypatch.setattr(chart, "_helm", lambda *_: "")
    assert "overlays/prod" in "".join(chart.problems(root=tmp_path))
