from bridge.http.openapi import written
from ingress.openapi import DOCUMENT
from tests.openapi import DOCUMENTS


def test_the_committed_document_is_the_one_that_is_served() -> None:
    """If not, run `python -m ingress.openapi > docs/openapi/ingress.json`."""
    assert (DOCUMENTS / "ingress.json").read_text() == written(DOCUMENT)
