"""Renders kustomizations: overlays as they are, components on top of the base."""

import os
import shutil
import subprocess
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Final

import yaml

from deploy.check.objects import Objects

KUBERNETES: Final = Path(__file__).parents[1] / "kubernetes"

_ALONE: Final = """\
apiVersion: kustomize.config.k8s.io/v1beta1
kind: Kustomization
resources: ["{base}"]
components: {components}
configMapGenerator:
  - name: bridge
    behavior: merge
    literals: [BRIDGE_TENANT=a-tenant]
"""


class NotRendered(Exception):  # noqa: N818 - a problem of the manifests, not of the program
    """kustomize refuses the folder; the message is its own."""


def kubectl() -> str | None:
    """Path of kubectl; None: not installed."""
    return shutil.which("kubectl")


def render(folder: Path) -> Objects:
    """What `kubectl kustomize` makes of a folder. NotRendered: kustomize refuses it."""
    run = subprocess.run(  # noqa: S603 - our own arguments
        [kubectl() or "kubectl", "kustomize", str(folder)], capture_output=True, text=True, check=False
    )
    if run.returncode:
        raise NotRendered(run.stderr.strip())
    return Objects([each for each in yaml.load_all(run.stdout, Loader=yaml.CSafeLoader) if each])


def render_with(root: Path, components: Sequence[str]) -> Objects:
    """The base under `root` with these of its components, and a tenant."""
    with tempfile.TemporaryDirectory() as scratch:

        def way_to(path: Path) -> str:
            return os.path.relpath(path.resolve(), Path(scratch).resolve())  # kustomize takes no absolute path

        names = [way_to(root / "components" / each) for each in components]
        text = _ALONE.format(base=way_to(root / "base"), components=names)
        (Path(scratch) / "kustomization.yaml").write_text(text)
        return render(Path(scratch))


def components_of(root: Path) -> list[str]:
    """Names of all components, such as `network-policy` or `network-policy/https`."""
    home = root / "components"
    files = (file for file in home.rglob("kustomization.yaml") if "kind: Component\n" in file.read_text())
    return sorted(str(file.parent.relative_to(home)) for file in files)


def overlays_of(root: Path) -> list[str]:
    """Names of all overlays."""
    return sorted(file.parent.name for file in (root / "overlays").glob("*/kustomization.yaml"))
