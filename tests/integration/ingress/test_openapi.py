from pathlib import Path

from tests.integration.ingress.service import Ingress
from tests.openapi import assert_conforms


def test_the_ingress_does_what_its_document_says(shared: Ingress, tmp_path: Path) -> None:
    """It also accepts what its schema does not allow: that goes to quarantine."""
    assert_conforms(f"http://127.0.0.1:{shared.port}", "right", tmp_path, "negative_data_rejection")
