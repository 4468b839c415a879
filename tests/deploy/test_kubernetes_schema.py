"""What kustomize renders is what a Kubernetes API server would take."""

import kubernetes_validate
import pytest

from tests.deploy.manifests import BASE, DEV, KUBERNETES, rendered

VERSION = "1.36"


@pytest.mark.parametrize("folder", [BASE, DEV])
def test_every_document_is_valid_strictly(folder: str) -> None:
    """Types, required fields, and no field that Kubernetes does not know."""
    for document in rendered(folder):
        kubernetes_validate.validate(document, VERSION, strict=True)


def test_a_misspelt_field_is_found() -> None:
    """The check above can fail."""
    service = {"apiVersion": "v1", "kind": "Service", "metadata": {"name": "x"}, "spec": {"port": []}}
    with pytest.raises(kubernetes_validate.ValidationError):
        kubernetes_validate.validate(service, VERSION, strict=True)


def test_every_manifest_is_rendered() -> None:
    """No file lies in a folder without its kustomization naming it."""
    for folder in (BASE, DEV):
        kustomization = (KUBERNETES / folder / "kustomization.yaml").read_text()
        files = {path.name for path in (KUBERNETES / folder).iterdir()} - {"kustomization.yaml", "README.md"}
        assert {name for name in files if name not in kustomization} == set()
