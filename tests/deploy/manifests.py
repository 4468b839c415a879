"""The Kubernetes manifests as kustomize renders them."""

from functools import cache
from pathlib import Path

import pytest

from deploy.check.objects import Object, Objects, Pod
from deploy.check.render import KUBERNETES, kubectl, render, render_with

ROOT = Path(__file__).parents[2]
DEV = "dev"
PROD = "prod"
KAFKA = "kafka"
SIGTERM_S = 10  # both services are done with a SIGTERM in this time, Kafka or not: docs/guarantees.md


def require_kubectl() -> None:
    """Skip the test if kubectl is not installed."""
    if kubectl() is None:
        pytest.skip("kubectl is not installed, so the manifests cannot be rendered")


@cache
def overlay(name: str) -> Objects:
    """Render one of our overlays."""
    require_kubectl()
    return render(KUBERNETES / "overlays" / name)


@cache
def base_with(*components: str) -> Objects:
    """Render the base with these components and a tenant."""
    require_kubectl()
    return render_with(KUBERNETES, components)


def named(objects: Objects, kind: str, name: str) -> Object:
    """The object of this kind and name. AssertionError: there is none."""
    found = objects.find(kind, name)
    assert found is not None, f"{kind} {name}"
    return found


def pod(objects: Objects, name: str) -> Pod:
    """The pod template of a workload."""
    (found,) = [each for each in objects.pods if each.name == name]
    return found
