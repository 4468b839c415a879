from bridge.http.openapi import written
from processors.worker.openapi import DOCUMENT
from tests.openapi import DOCUMENTS


def test_the_committed_document_is_the_one_that_is_served() -> None:
    """Else: `python -m tests.openapi_document`."""
    assert (DOCUMENTS / "worker.json").read_text() == written(DOCUMENT)
