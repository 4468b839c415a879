"""Checks that the Helm chart makes the same objects as kustomize."""

import re
import shutil
import subprocess
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any, Final

import yaml

from deploy.check.objects import Objects, title
from deploy.check.render import KUBERNETES, NotRendered, render, render_with
from deploy.check.schemas import KUBERNETES_VERSION

CHART: Final = Path(__file__).parents[1] / "helm" / "newstore-kafka-bridge"

LOGINS: Final[Mapping[str, tuple[str, ...]]] = {
    "scram": (),
    "mtls": (),
    "oauth": ("kafka.oauth.tokenUrl=https://your-identity-provider.example.com/oauth2/token",),
    "msk-iam": (
        "kafka.mskIam.region=your-region",
        *(
            f"kafka.mskIam.roles.{service}=arn:aws:iam::000000000000:role/your-bridge-{service}"
            for service in ("ingress", "worker")
        ),
    ),
}
"""Value X of `kafka.login` -> other values that it needs, as the component `kafka-X` has them."""

_HASHED: Final = re.compile(r"^bridge-(?=[a-z]*[0-9])[0-9a-z]{10}$")
"""The ConfigMap's name, in which each tool has its own hash."""


_KEPT: Final = {"helm.sh/resource-policy": "keep"}
"""Annotations of objects that Helm, unlike `kubectl apply -k`, would delete once the chart stops making them."""


class ChartRefused(Exception):  # noqa: N818 - a problem of the chart, not of the program
    """Helm refuses the chart; the message is its own."""


def helm() -> str | None:
    """Path of helm; None: not installed."""
    return shutil.which("helm")


def problems(chart: Path = CHART, root: Path = KUBERNETES) -> Iterator[str]:
    """Yield sentences on differences: in production, with all policies, behind an Ingress, for each way to log in to
    Kafka; or what Helm said when it refused the chart, or kustomize when it refused `root`."""
    try:
        _helm("lint", str(chart), "--strict", "-f", str(chart / "ci" / "prod.yaml"))
        for name, wanted, made in comparisons(chart, root):
            yield from (f"{name}: {words}" for words in differences(wanted(), made()))
    except (ChartRefused, NotRendered) as refusal:
        yield str(refusal)


def comparisons(chart: Path, root: Path) -> Iterator[tuple[str, Callable[[], Objects], Callable[[], Objects]]]:
    """Yield name, maker by kustomize and maker by Helm."""
    prod = chart / "ci" / "prod.yaml"
    yield "prod", lambda: render(root / "overlays" / "prod"), lambda: template(chart, "-f", str(prod))
    policies = ("tenant=a-tenant", "networkPolicy.enabled=true", "networkPolicy.https=true")
    yield (
        "network-policy",
        lambda: render_with(root, ["network-policy", "network-policy/https"]),
        lambda: template(chart, "--set", ",".join(policies)),
    )
    reached = "tenant=a-tenant,httpIngress.enabled=true,httpIngress.hostname=newstore-bridge.example.com"
    yield "ingress", lambda: render_with(root, ["ingress"]), lambda: template(chart, "--set", reached)
    for login, others in LOGINS.items():
        values = ("tenant=a-tenant", f"kafka.login={login}", *others)
        options = [word for value in values for word in ("--set", value)]
        yield (
            f"login {login}",
            lambda login=login: render_with(root, [f"kafka-{login}"]),  # type: ignore[misc]
            lambda options=options: template(chart, *options),  # type: ignore[misc]
        )


def template(chart: Path, *options: str) -> Objects:
    """What `helm template` makes. ChartRefused: Helm refuses the chart."""
    text = _helm("template", "bridge", str(chart), "--kube-version", f"{KUBERNETES_VERSION}.0", *options)
    return Objects([each for each in yaml.load_all(text, Loader=yaml.CSafeLoader) if each])


def differences(wanted: Objects, made: Objects) -> Iterator[str]:
    """Yield sentences on differences. Namespaces do not count: a chart neither makes nor names its own."""
    ours, charts = _by_title(wanted), _by_title(made)
    yield from (f"the chart makes no {name}" for name in sorted(ours.keys() - charts.keys()))
    yield from (f"only the chart makes {name}" for name in sorted(charts.keys() - ours.keys()))
    for name in sorted(ours.keys() & charts.keys()):
        yield from (f"{name}{words}" for words in _differences(ours[name], charts[name]))


def _by_title(objects: Objects) -> dict[str, Any]:
    found = [_plain(each) for each in objects.all if each["kind"] != "Namespace"]
    return {title(each): each for each in found}


def _plain(node: Any) -> Any:
    """Leave out namespaces, hashes and Helm's annotations, and sort lists of named things."""
    if isinstance(node, dict):
        return {key: _plain(value) for key, value in node.items() if key != "namespace" and value != _KEPT}
    if isinstance(node, list):
        plain = [_plain(each) for each in node]
        named = all(isinstance(each, dict) and "name" in each for each in plain)
        return sorted(plain, key=lambda each: str(each["name"])) if named else plain
    return _HASHED.sub("bridge", node) if isinstance(node, str) else node


def _differences(wanted: Any, made: Any, path: str = "") -> Iterator[str]:
    if isinstance(wanted, dict) and isinstance(made, dict):
        for key in sorted(wanted.keys() | made.keys()):
            yield from _differences(wanted.get(key), made.get(key), f"{path}.{key}")
    elif isinstance(wanted, list) and isinstance(made, list) and len(wanted) == len(made):
        for index, (left, right) in enumerate(zip(wanted, made, strict=True)):
            yield from _differences(left, right, f"{path}[{index}]")
    elif wanted != made:
        yield f"{path} is {made!r} in the chart, and {wanted!r} otherwise"


def _helm(*arguments: str) -> str:
    run = subprocess.run(  # noqa: S603 - our own arguments
        [helm() or "helm", *arguments], capture_output=True, text=True, check=False
    )
    if run.returncode:
        raise ChartRefused(f"{run.stdout}{run.stderr}".strip())
    return run.stdout
