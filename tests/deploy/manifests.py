"""The Kubernetes manifests as kustomize renders them, and the parts of them that the policies look at."""

import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).parents[2]
KUBERNETES = ROOT / "deploy" / "kubernetes"
BASE = "base"
DEV = "overlays/dev"
OUR_IMAGE = "newstore-kafka-bridge"

Document = dict[str, Any]


@cache
def rendered(folder: str) -> tuple[Document, ...]:
    """Every document of a kustomization; skips the test where there is no kubectl."""
    kubectl = shutil.which("kubectl")
    if kubectl is None:
        pytest.skip("kubectl is not installed, so the manifests cannot be rendered")
    run = subprocess.run([kubectl, "kustomize", str(KUBERNETES / folder)], capture_output=True, text=True, check=True)
    return tuple(yaml.safe_load_all(run.stdout))


def of_kind(folder: str, *kinds: str) -> list[Document]:
    """The documents of these kinds; at least one, so that no policy holds for want of a subject."""
    found = [document for document in rendered(folder) if document["kind"] in kinds]
    assert found, f"{folder} has no {kinds}"
    return found


def named(folder: str, kind: str, name: str) -> Document:
    """The one document of this kind and name."""
    (found,) = [document for document in of_kind(folder, kind) if document["metadata"]["name"] == name]
    return found


@dataclass(frozen=True)
class Pod:
    """A pod template and what it belongs to."""

    kind: str
    name: str
    labels: dict[str, str]
    spec: Document

    @property
    def is_ours(self) -> bool:
        """Whether it runs the bridge's image."""
        return all(container["image"].startswith(OUR_IMAGE) for container in self.spec["containers"])

    @property
    def containers(self) -> list[Document]:
        return [*self.spec.get("initContainers", []), *self.spec["containers"]]


def pods(folder: str) -> list[Pod]:
    """The pod template of every workload."""
    return list(_pods(folder))


def _pods(folder: str) -> Iterator[Pod]:
    for document in of_kind(folder, "Deployment", "StatefulSet", "Job"):
        template = document["spec"]["template"]
        labels = template["metadata"]["labels"]
        yield Pod(document["kind"], document["metadata"]["name"], labels, template["spec"])


def pod(folder: str, name: str) -> Pod:
    """The pod template of one workload."""
    (found,) = [each for each in pods(folder) if each.name == name]
    return found
