"""The Helm chart, where Helm is installed: the same objects as kustomize makes, or it is told."""

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from deploy.check.chart import CHART, comparisons, differences, helm, problems
from deploy.check.objects import Objects
from deploy.check.render import KUBERNETES
from tests.deploy.manifests import require_kubectl

needs_helm = pytest.mark.skipif(helm() is None, reason="helm is not installed, so the chart cannot be rendered")


@needs_helm
@pytest.mark.parametrize(
    ("wanted", "made"), [pytest.param(*each[1:], id=each[0]) for each in comparisons(CHART, KUBERNETES)]
)
def test_the_chart_makes_what_kustomize_makes(wanted: Callable[[], Objects], made: Callable[[], Objects]) -> None:
    """In production, and for each way to log in to Kafka."""
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


def test_differences_are_told_by_their_path() -> None:
    """Also where Helm is not installed: hashes and namespaces are none."""
    ours = {"kind": "ConfigMap", "metadata": {"name": "bridge-4f5k2d7h9m", "namespace": "here"}, "data": {"a": "1"}}
    theirs = {"kind": "ConfigMap", "metadata": {"name": "bridge-0123456789"}, "data": {"a": "2"}}
    assert [*differences(Objects([ours]), Objects([theirs]))] == [
        "ConfigMap bridge.data.a is '2' in the chart, and '1' otherwise"
    ]
    assert [*differences(Objects([ours]), Objects([]))] == ["the chart makes no ConfigMap bridge"]
